import { greatest } from '../../core/extremes.ts'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type BucketedRequests, extentOf } from '../../core/window/histograms/compact.ts'
import { ms } from '../../core/report/figures.ts'
import { moment } from '../../core/words.ts'
import type { Span } from '../model/span.ts'
import { font, ink, timeSteps } from './plot.ts'

const rows = 40
const height = 180
const left = 58
/** The width of the right margin. It is the same as in the charts above, so that the time axes are aligned. */
const right = 20
const below = 20

export interface HeatMapProps {
  buckets: BucketedRequests
  span: Span
  stepS: number
  theme: string
}

/** Shows a heat map of the latency: time from left to right, latency upwards on a logarithmic axis. Darker cells have more requests. */
export function HeatMap({ buckets, span, stepS, theme }: HeatMapProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement
    const paint = (): void => draw(element, cellsOf(buckets, span), { span, stepS })
    const observer = new ResizeObserver(paint)
    observer.observe(element)
    return () => observer.disconnect()
  }, [buckets, span.from, span.to, theme])
  return (
    <figure>
      <figcaption>Latency over time; darker cells had more requests</figcaption>
      <canvas class="heat" ref={canvas} role="img" aria-label="Heat map of latency over time" />
    </figure>
  )
}

interface Cells {
  /** The logarithms of the lowest and the highest latency in milliseconds. */
  from: number
  to: number
  /** The counts: one list for each column, with one count for each row. The first row has the lowest latency. */
  counts: number[][]
}

function cellsOf(buckets: BucketedRequests, span: Span): Cells {
  const places = [...buckets].filter(([place]) => place >= span.from && place < span.to)
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (const [, { latency }] of places) {
    least = Math.min(least, latency.percentileMs(0) ?? least)
    most = Math.max(most, latency.percentileMs(100) ?? 0)
  }
  const from = Math.log10(Math.max(0.01, Number.isFinite(least) ? least : 1))
  const to = Math.max(from + 0.1, Math.log10(Math.max(0.02, most)))
  const counts = Array.from({ length: span.to - span.from }, () => Array.from({ length: rows }, () => 0))
  for (const [place, { latency }] of places) {
    const column = counts[place - span.from] as number[]
    latency.eachPlace((at, count) => {
      const { fromUs, widthUs } = extentOf(at)
      const height_ = (Math.log10(Math.max(0.001, (fromUs + widthUs / 2) / 1000)) - from) / (to - from)
      const row = Math.min(rows - 1, Math.max(0, Math.floor(height_ * rows)))
      column[row] = (column[row] ?? 0) + count
    })
  }
  return { from, to, counts }
}

function draw(
  canvas: HTMLCanvasElement,
  { from, to, counts }: Cells,
  { span, stepS }: { span: Span; stepS: number },
): void {
  const scale = devicePixelRatio
  const width = canvas.clientWidth
  canvas.width = width * scale
  canvas.height = height * scale
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.scale(scale, scale)
  const most = greatest(counts, (column) => greatest(column, Number), 1)
  const [cell, row] = [(width - left - right) / counts.length, (height - below) / rows]
  context.fillStyle = ink('requests')
  counts.forEach((column, x) =>
    column.forEach((count, y) => {
      if (count === 0) return
      context.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / most)
      context.fillRect(left + x * cell, height - below - (y + 1) * row, Math.ceil(cell), Math.ceil(row))
    }),
  )
  context.globalAlpha = 1
  label(context, { from, to }, { width: width - left - right, span, stepS })
}

function label(
  context: CanvasRenderingContext2D,
  { from, to }: Pick<Cells, 'from' | 'to'>,
  { width, span, stepS }: { width: number; span: Span; stepS: number },
): void {
  context.fillStyle = ink('soft')
  context.font = font
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  for (const value of steps(from, to)) {
    const y = (1 - (Math.log10(value) - from) / (to - from)) * (height - below)
    if (y > 8 && y < height - below - 4) context.fillText(ms(value).text, left - 6, y)
  }
  context.textAlign = 'center'
  const [fromS, toS] = [span.from * stepS, span.to * stepS]
  const stepOfTime = timeSteps.find((step) => ((toS - fromS) / step) * 64 <= width) ?? toS - fromS
  for (let at = Math.ceil(fromS / stepOfTime) * stepOfTime; at <= toS; at += stepOfTime) {
    context.fillText(moment(at), left + ((at - fromS) / (toS - fromS)) * width, height - 8)
  }
}

/**
 * Returns the axis marks between two logarithms. A short axis has marks at 1, 2 and 5 times each power of ten. A longer axis has marks at 1 and 3
 * times each power of ten. A very long axis has marks only at the powers of ten.
 */
function steps(from: number, to: number): number[] {
  const digits = to - from > 2.5 ? [1] : to - from > 1.5 ? [1, 3] : [1, 2, 5]
  const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, k) => Math.floor(from) + k)
  return powers.flatMap((power) => digits.map((digit) => digit * 10 ** power))
}
