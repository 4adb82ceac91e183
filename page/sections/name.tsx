import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { count, ms, rate, share } from '../../core/report/figures.ts'
import type { Spread } from '../../core/verdict/results.ts'
import { Chart } from '../charts/chart.tsx'
import { latencyColumns } from '../charts/columns.ts'
import { Distribution } from '../charts/distribution.tsx'
import { HeatMap } from '../charts/heat-map.tsx'
import { momentsOf } from '../charts/stack.tsx'
import { cursor, eventMarks, fromZero, line, timeAxis, valueAxis } from '../charts/plot.ts'
import { Facts, RequestName } from '../figure.tsx'
import type { RunModel } from '../model/model.ts'
import type { Span } from '../model/span.ts'
import { type Figures, merged } from '../model/statistics.ts'
import { Table } from '../table.tsx'
import { FailureTable } from './failures.tsx'

export interface NameProps {
  model: RunModel
  span: Span | null
  figures: Figures
  theme: string
  close: () => void
}

/** Shows the details of one request name. */
export function Name({ model, span, figures, theme, close }: NameProps): JSX.Element | null {
  const heading = useRef<HTMLHeadingElement>(null)
  const buckets = model.series.names[figures.index]
  const whole = span ?? { from: 0, to: model.buckets }
  const latency = useMemo(() => (buckets ? merged(buckets, whole).latency : null), [buckets, whole.from, whole.to])
  useEffect(() => heading.current?.focus(), [figures.method, figures.name])
  if (!buckets || !latency) return null
  const { method, name } = figures
  return (
    <section class="one-name" id="name" aria-labelledby="name-title">
      <div class="bar">
        <h2 id="name-title" tabIndex={-1} ref={heading}>
          <RequestName method={method} name={name} />
        </h2>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      <Summary of={figures} />
      <LatencyOverTime model={model} span={whole} index={figures.index} theme={theme} />
      <HeatMap buckets={buckets} span={whole} stepS={model.stepS} theme={theme} />
      <Distribution latency={latency} theme={theme} />
      <Phases model={model} index={figures.index} />
      <h3>Failures of this name</h3>
      <FailureTable model={model} span={span} only={{ method, name }} />
    </section>
  )
}

function Summary({ of }: { of: Figures }): JSX.Element {
  const { requests, rps, share: part, failures, failureShare, p50, p95, p99, max, statuses } = of
  return (
    <Facts
      of={[
        ['Requests', `${count(requests).text}, ${rate(rps).text} per s, ${share(part).text} of all`],
        ['Failed', `${count(failures).text}, ${share(failureShare).text}`],
        ['Latency', `p50 ${ms(p50).text}, p95 ${ms(p95).text}, p99 ${ms(p99).text}, slowest ${ms(max).text}`],
        ['Statuses', statusWords(statuses)],
      ]}
    />
  )
}

function LatencyCaption(): JSX.Element {
  return (
    <figcaption>
      Latency over time
      {(['p50', 'p95', 'p99'] as const).map((name) => (
        <span class="line-name">
          <i class={`swatch ${name}`} aria-hidden="true" /> {name}
        </span>
      ))}
    </figcaption>
  )
}

function LatencyOverTime({
  model,
  span,
  index,
  theme,
}: {
  model: RunModel
  span: Span
  index: number
  theme: string
}): JSX.Element {
  const columns = useMemo(() => latencyColumns(model.series.names[index] ?? new Map(), model.buckets), [model, index])
  const at = columns.p50.map((_, k) => k * model.stepS)
  return (
    <figure>
      <LatencyCaption />
      <Chart
        label="Latency of this name over time"
        height={170}
        data={[at, columns.p50, columns.p95, columns.p99] as uPlot.AlignedData}
        watch={[theme]}
        range={[span.from * model.stepS, span.to * model.stepS]}
        options={() => ({
          padding: [10, 20, 0, 0],
          legend: { show: false },
          cursor: { ...cursor(() => undefined), drag: { x: false, y: false } },
          scales: { x: { time: false, range: (_, min, max) => [min ?? 0, max ?? 1] }, ms: fromZero },
          axes: [timeAxis(true), valueAxis('ms', (value) => ms(value).text)],
          series: [
            {},
            line('p50', 'p50', { scale: 'ms', width: 2 }),
            line('p95', 'p95', { scale: 'ms', dash: [8, 3] }),
            line('p99', 'p99', { scale: 'ms', dash: [3, 3] }),
          ],
          hooks: { draw: [eventMarks(() => momentsOf(model), false)] },
        })}
      />
    </figure>
  )
}

/** Returns the statuses and their counts in words. Status 0 means that there was no response. */
function statusWords(statuses: ReadonlyMap<number, number>): string {
  const known = [...statuses].toSorted(([a], [b]) => a - b)
  return known.map(([status, n]) => `${status === 0 ? 'no response' : status} × ${count(n).text}`).join(', ')
}

interface Phase {
  name: string
  spread: Spread
}

function Phases({ model, index }: { model: RunModel; index: number }): JSX.Element | null {
  const row = model.report.requests[index]
  if (!row) return null
  const { dns, connect, tls, firstByte, body } = row.phasesMs
  const phases: Phase[] = [
    { name: 'Name lookup', spread: dns },
    { name: 'Connect', spread: connect },
    { name: 'TLS handshake', spread: tls },
    { name: 'First byte', spread: firstByte },
    { name: 'Body', spread: body },
    { name: 'Total (latency)', spread: row.latencyMs },
  ].filter(({ spread }) => spread.p50 !== null)
  return (
    <>
      <h3>
        Phases <span class="hint">whole run; a phase includes only the requests that went through it</span>
      </h3>
      <Table
        caption="Phases of the requests"
        rows={phases}
        keyOf={({ name }) => name}
        columns={[
          { key: 'phase', title: 'Phase', text: ({ name }) => name },
          ...(['p50', 'p95', 'p99', 'max'] as const).map((key) => ({
            key,
            title: key === 'max' ? 'Max' : key,
            number: ({ spread }: Phase) => ms(spread[key]),
          })),
        ]}
      />
    </>
  )
}
