import { greatest } from '../../core/extremes.ts'
import type { BucketedRequests } from '../../core/window/histograms/compact.ts'
import type { RunModel } from '../model/model.ts'

/**
 * The data of the stacked charts: one number for each bucket, or null for a gap. `planned` and `users` are the greatest numbers of users in the
 * bucket. `requests`, `failures`, `dropped` and `late` are numbers per second.
 */
export interface Columns {
  /** The start of each bucket in seconds since the start of the run. */
  at: number[]
  planned: (number | null)[]
  users: (number | null)[]
  requests: number[]
  failures: (number | null)[]
  /** The number of dropped arrivals per second. */
  dropped: number[]
  /** The number of requests per second that burst sent late. */
  late: number[]
  latency: LatencyColumns
}

/** Latencies in milliseconds; null for a bucket without requests. */
export interface LatencyColumns {
  p50: (number | null)[]
  p95: (number | null)[]
  p99: (number | null)[]
}

export function columnsOf(model: RunModel): Columns {
  const { report, stepS, buckets, series } = model
  const places = Array.from({ length: buckets }, (_, k) => k)
  const most = (of: (second: (typeof report.seconds)[number]) => number): (number | null)[] =>
    places.map((k) => {
      const seconds = report.seconds.slice(k * stepS, (k + 1) * stepS)
      return seconds.length === 0 ? null : greatest(seconds, of)
    })
  const perSecond = (of: (second: (typeof report.seconds)[number]) => number): number[] =>
    places.map((k) => {
      const seconds = report.seconds.slice(k * stepS, (k + 1) * stepS)
      return seconds.reduce((sum, second) => sum + of(second), 0) / stepS
    })
  const isOpen = report.run.plan.model === 'arrivals'
  const failing = [...series.all.values()].some(({ failures }) => failures > 0)
  return {
    at: places.map((k) => k * stepS),
    planned: isOpen ? places.map(() => null) : most((second) => second.plannedUsers),
    users: most((second) => second.users),
    requests: places.map((k) => (series.all.get(k)?.requests ?? 0) / stepS),
    failures: places.map((k) => (failing ? (series.all.get(k)?.failures ?? 0) / stepS : null)),
    dropped: perSecond((second) => second.dropped),
    late: perSecond((second) => second.late),
    latency: latencyColumns(series.all, buckets),
  }
}

export function latencyColumns(buckets: BucketedRequests, count: number): LatencyColumns {
  const column = (percentile: number): (number | null)[] =>
    Array.from({ length: count }, (_, k) => buckets.get(k)?.latency.percentileMs(percentile) ?? null)
  return { p50: column(50), p95: column(95), p99: column(99) }
}

/** Divides the run into at most `points` intervals. Returns the greatest p95 of each interval, or null for an interval without requests. */
export function sparkOf(buckets: BucketedRequests, count: number, points = 60): (number | null)[] {
  const per = Math.max(1, Math.ceil(count / points))
  return Array.from({ length: Math.ceil(count / per) }, (_, k) => {
    const lengths = Array.from({ length: per }, (_, n) => buckets.get(k * per + n)?.latency.percentileMs(95) ?? null)
    const measured = lengths.filter((length) => length !== null)
    return measured.length === 0 ? null : greatest(measured, Number)
  })
}
