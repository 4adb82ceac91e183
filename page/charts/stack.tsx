import type { JSX } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { axisCount, count, ms, rate } from '../../core/report/figures.ts'
import { moment } from '../../core/words.ts'
import { Outside } from '../figure.tsx'
import type { RunModel } from '../model/model.ts'
import { type Span, spanWithin } from '../model/span.ts'
import { Chart } from './chart.tsx'
import { type Columns, columnsOf } from './columns.ts'
import { bars, cursor, eventMarks, fromZero, line, timeAxis, valueAxis, wash } from './plot.ts'

interface Panel {
  title: string
  scale: 'users' | 'rate' | 'ms'
  series: () => uPlot.Series[]
  data: (columns: Columns) => (number | null)[][]
  height: number
  /** Returns true if the run has data for this chart. A chart without this function is always shown. */
  matters?: (columns: Columns) => boolean
}

const panels: Panel[] = [
  {
    title: 'Users',
    scale: 'users',
    height: 76,
    series: () => [
      line('planned', 'ink', { dash: [3, 4], width: 1.25 }),
      line('users', 'users', { width: 2, fill: wash('users') }),
    ],
    data: ({ planned, users }) => [planned, users],
  },
  {
    title: 'Requests and failures per second',
    scale: 'rate',
    height: 96,
    series: () => [bars('failures', 'bad'), line('requests', 'requests')],
    // A second without failures has no bar, because a bar of height 0 would be visible.
    data: ({ requests, failures }) => [failures.map((value) => value || null), requests],
  },
  {
    title: 'Latency: p50, p95, p99',
    scale: 'ms',
    height: 122,
    series: () => [
      line('p50', 'p50', { width: 2 }),
      line('p95', 'p95', { dash: [8, 3] }),
      line('p99', 'p99', { dash: [3, 3] }),
    ],
    data: ({ latency }) => [latency.p50, latency.p95, latency.p99],
  },
  {
    title: 'Arrivals dropped per second',
    scale: 'rate',
    height: 60,
    series: () => [line('dropped', 'bad', { fill: wash('bad') })],
    data: ({ dropped }) => [dropped],
    matters: ({ dropped }) => dropped.some((value) => value > 0),
  },
  {
    title: 'Requests sent late by burst, per second',
    scale: 'rate',
    height: 60,
    series: () => [line('late', 'unsure', { fill: wash('unsure') })],
    data: ({ late }) => [late],
    matters: ({ late }) => late.some((value) => value > 0),
  },
]

const formats = {
  users: axisCount,
  rate: (value: number) => (value < 10_000 ? rate(value).text : axisCount(value)),
  ms: (value: number) => ms(value).text,
}

export interface StackProps {
  model: RunModel
  span: Span | null
  select: (span: Span | null) => void
  /** A value that changes when the user changes the colour scheme. */
  theme: string
}

/**
 * Shows small charts of the run, one below the other. The charts share the time axis and the cursor. One line of text shows the values of all charts
 * at the cursor.
 */
export function Stack({ model, span, select, theme }: StackProps): JSX.Element {
  const [place, setPlace] = useState<number | null>(null)
  const columns = useMemo(() => columnsOf(model), [model])
  const shown = panels.filter(({ matters }) => matters === undefined || matters(columns))
  const endS = model.buckets * model.stepS
  const range: [number, number] = span ? [span.from * model.stepS, span.to * model.stepS] : [0, Math.max(1, endS)]
  // The callbacks of the charts read the newest data from this reference. The charts are not created again when the data of a run in progress
  // changes.
  const now = useRef({ model, select })
  now.current = { model, select }
  const data = useMemo(() => shown.map((panel) => [columns.at, ...panel.data(columns)] as uPlot.AlignedData), [columns])
  return (
    <section class="stack" aria-labelledby="charts-title" id="charts">
      <h2 id="charts-title" class="unseen">
        Charts
      </h2>
      <Legend columns={columns} place={place} events={place === null ? [] : eventsAt(model, range, place)} />
      {shown.map((panel, k) => (
        <figure key={panel.title}>
          <figcaption>{panel.title}</figcaption>
          <Chart
            label={`${panel.title} over the time of the run`}
            height={heightOf(panel, shown.length) + (k === shown.length - 1 ? 20 : 0)}
            data={data[k] as uPlot.AlignedData}
            range={range}
            watch={[theme, shown.length]}
            options={() => optionsOf(panel, { isFirst: k === 0, isLast: k === shown.length - 1, now, setPlace })}
          />
        </figure>
      ))}
    </section>
  )
}

/**
 * Returns the height of a chart. If the page has four or five charts, the height is reduced, so that all charts and the time axis fit on the first
 * screen.
 */
function heightOf({ height }: Panel, shown: number): number {
  const shares: Record<number, number> = { 4: 0.85, 5: 0.7 }
  return Math.round(height * (shares[shown] ?? 1))
}

interface PanelPlace {
  isFirst: boolean
  isLast: boolean
  now: { current: Pick<StackProps, 'model' | 'select'> }
  setPlace: (place: number | null) => void
}

function optionsOf(
  panel: Panel,
  { isFirst, isLast, now, setPlace }: PanelPlace,
): Omit<uPlot.Options, 'width' | 'height'> {
  return {
    padding: [isFirst ? 12 : 6, 20, 0, 0],
    legend: { show: false },
    cursor: cursor(setPlace),
    scales: { x: { time: false, range: (_, min, max) => [min ?? 0, max ?? 1] }, [panel.scale]: fromZero },
    axes: [timeAxis(isLast), valueAxis(panel.scale, formats[panel.scale])],
    series: [{}, ...panel.series().map((one) => ({ ...one, scale: panel.scale }))],
    hooks: {
      draw: [eventMarks(() => momentsOf(now.current.model), isFirst)],
      setSelect: [(plot) => selectIn(plot, now.current.model, now.current.select)],
    },
  }
}

/** Returns the times of the run's events, in seconds since the start. Omits events without a time. */
export function momentsOf({ report }: RunModel): number[] {
  return report.events.flatMap(({ at }) => (at === null ? [] : [at]))
}

/** Selects the buckets over which the user has dragged. A click without dragging does not change the selection. */
function selectIn(plot: uPlot, model: RunModel, select: (span: Span | null) => void): void {
  const { left, width } = plot.select
  if (width < 4) return
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  const [from, to] = [left, left + width].map((x) => plot.posToVal(x, 'x') / model.stepS) as [number, number]
  const span = spanWithin(model, from, to)
  if (span) select(span)
}

/** Returns the events near the cursor. The maximum distance is one bucket or a hundredth of the shown time, whichever is longer. */
function eventsAt({ report, stepS }: RunModel, [from, to]: readonly [number, number], place: number): string[] {
  const near = Math.max(stepS, (to - from) / 100)
  return report.events.flatMap(({ at, text }) => (at !== null && Math.abs(at - place * stepS) <= near ? [text] : []))
}

interface LegendProps {
  columns: Columns
  place: number | null
  events: readonly string[]
}

function Legend({ columns, place, events }: LegendProps): JSX.Element {
  const at = place === null ? undefined : columns.at[place]
  const keys = valuesAt(columns, place ?? 0)
  return (
    <p class="legend">
      <span>{at === undefined ? '' : moment(at)}</span>
      {keys.map(({ text, ...key }) => (
        <Key {...key} text={at === undefined ? '' : text} />
      ))}
      {events.length > 0 && (
        <span class="event">
          ▾ <Outside text={events.join(' · ')} />
        </span>
      )}
      {at === undefined && <span class="hint">Drag over a chart to select a time span of the run.</span>}
    </p>
  )
}

interface KeyProps {
  colour: string
  name: string
  text: string
}

function valuesAt(columns: Columns, place: number): KeyProps[] {
  const { users, planned, requests, failures, latency } = columns
  const [plan, failed] = [planned[place] ?? null, failures[place] ?? null]
  const alive = count(users[place] ?? 0).text
  const lengths = (['p50', 'p95', 'p99'] as const).map((name) => {
    return { colour: name, name, text: ms(latency[name][place] ?? null).text }
  })
  return [
    { colour: 'users', name: 'users', text: plan === null ? alive : `${alive} of ${count(plan).text}` },
    { colour: 'requests', name: 'requests/s', text: rate(requests[place] ?? 0).text },
    ...(failed === null ? [] : [{ colour: 'bad', name: 'failures/s', text: rate(failed).text }]),
    ...lengths,
    ...troubleAt(columns, place),
  ]
}

/** Returns the numbers of dropped arrivals and late requests at the cursor. Omits a number that is 0 during the whole run. */
function troubleAt({ dropped, late }: Columns, place: number): KeyProps[] {
  const values = [
    { name: 'dropped/s', colour: 'bad', column: dropped },
    { name: 'late/s', colour: 'unsure', column: late },
  ]
  return values
    .filter(({ column }) => column.some((value) => value > 0))
    .map(({ name, colour, column }) => ({ colour, name, text: rate(column[place] ?? 0).text }))
}

function Key({ colour, name, text }: KeyProps): JSX.Element {
  return (
    <span>
      <i class={`swatch ${colour}`} aria-hidden="true" /> {name} <b>{text}</b>
    </span>
  )
}
