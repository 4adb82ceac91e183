import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import uPlot from 'uplot'
import { axisCount, ms } from '../../core/report/figures.ts'
import { type CompactHistogram, extentOf } from '../../core/window/histograms/compact.ts'
import { Chart, type ChartProps } from './chart.tsx'
import { fromZero, line, valueAxis, wash } from './plot.ts'

/**
 * The number of steps between the first and the last point of the curve. The points have equal distances on the axis −log10(1 − p). On this axis, 0
 * is the shortest duration and 3 is p99.9.
 */
const curvePoints = 160
const bars = 48

export interface DistributionProps {
  latency: CompactHistogram
  theme: string
}

/**
 * Shows two charts: the latency by percentile, and the number of requests by latency. The axis of the percentiles stretches the highest percentiles.
 */
export function Distribution(props: DistributionProps): JSX.Element {
  return (
    <div class="pair">
      <Curve {...props} />
      <Bars {...props} />
    </div>
  )
}

function Curve({ latency, theme }: DistributionProps): JSX.Element {
  const curve = useMemo(() => curveOf(latency), [latency])
  const decades = [0, 1, 2, 3, 4, 5].filter((x) => x <= (curve[0].at(-1) ?? 0))
  return (
    <Frame
      title="Latency by percentile"
      label="Latency by percentile; the axis stretches the highest percentiles"
      data={curve}
      watch={[latency, theme]}
      x={{}}
      y={['ms', (value) => ms(value).text]}
      axis={{ ...valueAxis('x', percentileName), size: 24, space: 40, splits: () => decades }}
      series={() => line('latency', 'latency', { width: 2 })}
    />
  )
}

function Bars({ latency, theme }: DistributionProps): JSX.Element {
  const { data, fromMs, toMs } = useMemo(() => barsOf(latency), [latency])
  return (
    <Frame
      title="Requests by latency"
      label="Number of requests by latency, on a logarithmic axis"
      data={data}
      watch={[latency, theme]}
      x={{ distr: logarithmic, range: [fromMs, toMs] }}
      y={['count', axisCount]}
      axis={{ ...valueAxis('x', (value) => ms(value).text), size: 24, space: 60 }}
      series={() =>
        line('requests', 'requests', { width: 0, fill: wash('requests', 60), points: { show: false }, ...barPaths() })
      }
    />
  )
}

interface FrameProps extends Pick<ChartProps, 'label' | 'watch' | 'data'> {
  title: string
  x: uPlot.Scale
  y: [scale: string, format: (value: number) => string]
  axis: uPlot.Axis
  series: () => uPlot.Series
}

/** Shows a line or bars in a chart whose horizontal axis is not the run's time. */
function Frame({ title, label, data, watch, x, y: [scale, format], axis, series }: FrameProps): JSX.Element {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <Chart
        label={label}
        height={200}
        data={data}
        watch={watch}
        options={() => ({
          ...unlinked,
          scales: { x: { time: false, ...x }, [scale]: fromZero },
          axes: [axis, valueAxis(scale, format)],
          series: [{}, { ...series(), scale }],
        })}
      />
    </figure>
  )
}

/** The options of a chart whose horizontal axis is not the time of the run. */
const unlinked = {
  padding: [10, 20, 0, 0],
  legend: { show: false },
  cursor: { y: false, drag: { x: false } },
} satisfies Partial<uPlot.Options>

// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the types of uPlot name an enum that its script does not have
const logarithmic: uPlot.Scale.Distr = 3

function barPaths(): Partial<uPlot.Series> {
  const paths = uPlot.paths.bars?.({ size: [0.95, 40] })
  return paths ? { paths } : {}
}

/** Returns the label of an axis mark: `90 %` for 1, `99 %` for 2. */
function percentileName(x: number): string {
  return x === 0 ? '0 %' : `${Number((100 - 100 * 10 ** -x).toFixed(Math.max(0, x - 2)))} %`
}

function curveOf(latency: CompactHistogram): [number[], (number | null)[]] {
  const decades = Math.max(1, Math.min(5, Math.log10(Math.max(10, latency.count))))
  const at = Array.from({ length: curvePoints + 1 }, (_, k) => (k * decades) / curvePoints)
  return [at, at.map((x) => latency.percentileMs(100 - 100 * 10 ** -x) ?? null)]
}

interface BarsOf {
  data: [number[], number[]]
  /** The minimum and the maximum of the latency axis in milliseconds. */
  fromMs: number
  toMs: number
}

/** Divides a logarithmic axis of latency into steps of equal width. Returns the number of requests in each step. */
function barsOf(latency: CompactHistogram): BarsOf {
  const [least, most] = [latency.percentileMs(0) ?? 1, latency.percentileMs(100) ?? 1]
  const [fromMs, toMs] = [Math.max(0.001, least * 0.98), Math.max(0.002, most * 1.02)]
  const from = Math.log10(fromMs)
  const step = (Math.log10(toMs) - from) / bars
  const counts = Array.from({ length: bars }, () => 0)
  latency.eachPlace((place, n) => {
    const { fromUs, widthUs } = extentOf(place)
    const bar = Math.floor((Math.log10(Math.max(0.001, (fromUs + widthUs / 2) / 1000)) - from) / step)
    const inside = Math.min(bars - 1, Math.max(0, bar))
    counts[inside] = (counts[inside] ?? 0) + n
  })
  return { data: [counts.map((_, k) => 10 ** (from + (k + 0.5) * step)), counts], fromMs, toMs }
}
