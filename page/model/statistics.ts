import {
  type BucketedRequests,
  type RequestSecond,
  addRequestSecond,
  emptyRequestSecond,
} from '../../core/window/histograms/compact.ts'
import type { NamedRow } from '../../core/verdict/results.ts'
import type { RunModel } from './model.ts'
import type { Span } from './span.ts'

/** The statistics of one name, of a group of names, or of all requests, for the selected span. Latencies are in milliseconds. */
export interface Figures {
  method: string
  name: string
  tags: readonly string[]
  tasks: readonly string[]
  requests: number
  failures: number
  failureShare: number
  rps: number
  /** The requests with this name as a fraction of all requests, from 0 to 1. */
  share: number
  bytesIn: number
  p50: number | null
  p95: number | null
  p99: number | null
  max: number | null
  intentP99: number | null
  statuses: ReadonlyMap<number, number>
  /** The index of the request name among the rows of the report; −1 for all requests, −2 for a group. */
  index: number
}

/** Returns the sum of all counts in a span of buckets. */
export function merged(buckets: BucketedRequests, span: Span): RequestSecond {
  const sum = emptyRequestSecond()
  for (const [place, counted] of buckets) if (place >= span.from && place < span.to) addRequestSecond(sum, counted)
  return sum
}

/**
 * Returns the statistics of all requests, followed by the statistics of each name. The statistics of the whole run come from the report. The
 * statistics of a shorter span are merged from the counts of its buckets.
 */
export function figuresOf(model: RunModel, span: Span | null): Figures[] {
  const { report, series } = model
  const all = { ...report.totals, method: '', name: '', tags: [], tasks: [] }
  const rows: (NamedRow & { buckets: BucketedRequests | undefined })[] = [
    { ...all, buckets: series.all },
    ...report.requests.map((row, index) => ({ ...row, buckets: series.names[index] })),
  ]
  const figures = rows.map((row, place) =>
    span === null ? ofRun(row, place - 1) : ofSpan(row, { place, span, model }),
  )
  const whole = Math.max(1, figures[0]?.requests ?? 1)
  return figures.map((one) => ({ ...one, share: one.requests / whole }))
}

function ofRun(row: NamedRow, index: number): Figures {
  const { method, name, tags, tasks, requests, failures, failureShare, rps, bytesIn, latencyMs, fromIntentMs } = row
  const { p50, p95, p99, max } = latencyMs
  const statuses = new Map(Object.entries(row.statuses).map(([status, count]) => [Number(status), count]))
  const own = { method, name, tags, tasks, requests, failures, failureShare, rps, bytesIn, statuses, index, share: 0 }
  return { ...own, p50, p95, p99, max, intentP99: fromIntentMs.p99 }
}

interface InSpan {
  place: number
  span: Span
  model: RunModel
}

function ofSpan(row: NamedRow & { buckets: BucketedRequests | undefined }, { place, span, model }: InSpan): Figures {
  const { method, name, tags, tasks, buckets } = row
  const sum = buckets ? merged(buckets, span) : emptyRequestSecond()
  const { requests, failures, bytesIn, statuses, latency, fromIntent } = sum
  const [p50 = null, p95 = null, p99 = null, max = null] = [50, 95, 99, 100].map((p) => latency.percentileMs(p))
  return {
    method,
    name,
    tags,
    tasks,
    requests,
    failures,
    failureShare: requests === 0 ? 0 : failures / requests,
    rps: requests / ((span.to - span.from) * model.stepS),
    share: 0,
    bytesIn,
    p50,
    p95,
    p99,
    max,
    intentP99: fromIntent.percentileMs(99) ?? null,
    statuses,
    index: place - 1,
  }
}

/** Returns true if the report contains a series for the row. Without a series, the row has no values for a selected span. */
export function hasSeries({ series }: RunModel, index: number): boolean {
  return index < series.names.length
}

/** A group of request names: the row of each name, and the combined statistics of these rows. */
export interface Group {
  key: string
  sum: Figures
  rows: Figures[]
}

/** Divides the rows into groups. A row that belongs to several groups appears in each of these groups. */
export function groupedBy(
  model: RunModel,
  span: Span | null,
  rows: readonly Figures[],
  keysOf: (row: Figures) => string[],
): Group[] {
  const groups = Map.groupBy(
    rows.flatMap((row) => keysOf(row).map((key) => ({ key, row }))),
    ({ key }) => key,
  )
  return [...groups].map(([key, members]) => {
    const inside = members.map(({ row }) => row)
    return { key, rows: inside, sum: sumOf(model, span, { key, inside }) }
  })
}

function sumOf(model: RunModel, span: Span | null, { key, inside }: { key: string; inside: Figures[] }): Figures {
  const whole = span ?? { from: 0, to: model.buckets }
  const all = emptyRequestSecond()
  for (const { index } of inside) {
    const buckets = model.series.names[index]
    if (buckets) addRequestSecond(all, merged(buckets, whole))
  }
  const total = (of: (row: Figures) => number): number => inside.reduce((sum, row) => sum + of(row), 0)
  const [requests, failures] = [total((row) => row.requests), total((row) => row.failures)]
  const at = (percentile: number): number | null => all.latency.percentileMs(percentile) ?? null
  return {
    method: '',
    name: key,
    tags: [],
    tasks: [],
    requests,
    failures,
    failureShare: requests === 0 ? 0 : failures / requests,
    rps: total((row) => row.rps),
    share: total((row) => row.share),
    bytesIn: total((row) => row.bytesIn),
    p50: at(50),
    p95: at(95),
    p99: at(99),
    max: at(100),
    intentP99: all.fromIntent.percentileMs(99) ?? null,
    statuses: all.statuses,
    index: -2,
  }
}
