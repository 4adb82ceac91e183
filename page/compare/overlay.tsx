import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { ms, rate } from '../../core/report/figures.ts'
import { moment } from '../../core/words.ts'
import { addRequestSecond, emptyRequestSecond } from '../../core/window/histograms/compact.ts'
import { Chart, type ChartProps } from '../charts/chart.tsx'
import { fromZero, line, timeAxis, valueAxis } from '../charts/plot.ts'
import type { RunModel } from '../model/model.ts'

/** The maximum number of points of each line. With more points, the noise of one run would hide the other run. */
const pointCap = 120

interface Lines {
  at: number[]
  p95: [older: (number | null)[], newer: (number | null)[]]
  rate: [older: (number | null)[], newer: (number | null)[]]
}

interface Panel {
  of: 'p95' | 'rate'
  title: string
  format: (value: number) => string
}

const panels: Panel[] = [
  { of: 'p95', title: 'Latency p95', format: (value) => ms(value).text },
  { of: 'rate', title: 'Requests per second', format: (value) => rate(value).text },
]

/** Shows charts of both runs over the time since the start of each run. */
export function Overlay({ older, newer, theme }: { older: RunModel; newer: RunModel; theme: string }): JSX.Element {
  const lines = useMemo(() => linesOf(older, newer), [older, newer])
  const [place, setPlace] = useState<number | null>(null)
  return (
    <div class="overlay">
      {panels.map((panel) => (
        <figure key={panel.of}>
          <figcaption>
            {panel.title} <Values lines={lines} place={place} panel={panel} />
          </figcaption>
          <Chart
            label={`${panel.title} of both runs over the time since the start of each run`}
            height={120}
            data={[lines.at, ...lines[panel.of]] as uPlot.AlignedData}
            watch={[older, newer, theme]}
            options={() => optionsOf(panel, setPlace)}
          />
        </figure>
      ))}
    </div>
  )
}

function optionsOf({ of, format }: Panel, setPlace: (place: number | null) => void): ReturnType<ChartProps['options']> {
  return {
    // The last label of the time axis needs this padding, because the label is wider than the space between its mark and the border.
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'compare', setSeries: false },
      points: { size: 6 },
      y: false,
      drag: { x: false, y: false, setScale: false },
      dataIdx: (_, __, place) => {
        setPlace(place)
        return place
      },
    },
    scales: { x: { time: false }, [of]: fromZero },
    axes: [timeAxis(true), valueAxis(of, format)],
    series: [
      {},
      { ...line('old', 'soft', { dash: [5, 3] }), scale: of },
      { ...line('new', 'requests', { width: 2 }), scale: of },
    ],
  }
}

function Values({ lines, place, panel }: { lines: Lines; place: number | null; panel: Panel }): JSX.Element | null {
  const at = place === null ? undefined : lines.at[place]
  if (place === null || at === undefined) return null
  const [older, newer] = lines[panel.of].map((values) => values[place] ?? null)
  const text = (value: number | null | undefined): string => (value == null ? '–' : panel.format(value))
  return (
    <span class="values">
      at {moment(at)}: old <b>{text(older)}</b>, new <b>{text(newer)}</b>
    </span>
  )
}

function linesOf(older: RunModel, newer: RunModel): Lines {
  const [a, b] = [older, newer].map((model) => model.buckets * model.stepS) as [number, number]
  const stepS = Math.max(older.stepS, newer.stepS, Math.ceil(Math.max(a, b) / pointCap))
  const count = Math.ceil(Math.max(a, b) / stepS)
  const [first, second] = [older, newer].map((model) => lineOf(model, stepS, count)) as [Line, Line]
  return {
    at: Array.from({ length: count }, (_, k) => k * stepS),
    p95: [first.p95, second.p95],
    rate: [first.rate, second.rate],
  }
}

interface Line {
  p95: (number | null)[]
  rate: (number | null)[]
}

function lineOf({ series, stepS: own, buckets }: RunModel, stepS: number, count: number): Line {
  const sums = Array.from({ length: count }, () => ({ counted: emptyRequestSecond(), seconds: 0 }))
  for (let k = 0; k < buckets; k++) {
    const sum = sums[Math.floor((k * own) / stepS)]
    const counted = series.all.get(k)
    if (sum) sum.seconds += own
    if (sum && counted) addRequestSecond(sum.counted, counted)
  }
  return {
    p95: sums.map(({ counted }) => counted.latency.percentileMs(95) ?? null),
    rate: sums.map(({ counted, seconds }) => (seconds === 0 ? null : counted.requests / seconds)),
  }
}
