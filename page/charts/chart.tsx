import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

export interface ChartProps {
  /** Returns the options with which the chart is created. */
  options: () => Omit<uPlot.Options, 'width' | 'height'>
  data: uPlot.AlignedData
  height: number
  /** The description of the chart for screen readers. */
  label: string
  /** When one of these values changes, the chart is created again. If only `data` changes, the new data is drawn into the existing chart. */
  watch: readonly unknown[]
  /** The shown span, in seconds; undefined for the whole run. */
  range?: readonly [from: number, to: number] | undefined
}

/** Shows a uPlot chart that is as wide as its parent element. */
export function Chart({ options, data, height, label, watch, range }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  useEffect(() => {
    const element = place.current as HTMLDivElement
    const made = new uPlot({ ...options(), width: Math.max(80, element.clientWidth), height }, data, element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(80, element.clientWidth), height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [...watch, height])
  useEffect(() => {
    const made = plot.current
    if (!made) return
    if (made.data !== data) made.setData(data, !range)
    if (range) made.setScale('x', { min: range[0], max: range[1] })
  }, [...watch, height, data, range?.[0], range?.[1]])
  return <div class="chart" role="img" aria-label={label} ref={place} />
}
