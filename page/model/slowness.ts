import { type BucketedRequests, CompactHistogram } from '../../core/window/histograms/compact.ts'
import type { RunModel } from './model.ts'

/** A request name whose requests became slower during the run and stayed slow. */
export interface Slowdown {
  /** The index of the request name among the rows of the report. */
  index: number
  /** The time at which the requests became slower, in seconds since the start. */
  atS: number
  /** The medians of the p95 values before and after the change, in milliseconds. */
  beforeMs: number
  afterMs: number
}

/** The maximum number of intervals into which a run is divided, and the minimum length of an interval in seconds. */
const stretchCap = 60
const shortestS = 5
/** The minimum number of requests in an interval, and the minimum number of intervals before and after a change. */
const fewestRequests = 5
const fewestStretches = 3
/**
 * The minimums that a slowdown must reach before the page reports it: the ratio, the difference in milliseconds, and the difference as a multiple of
 * the spread. The spread is computed from the values on both sides of the change.
 */
const least = { ratio: 1.5, ms: 5, spreads: 2 }

/** Returns the names that became slower, the costliest first. The cost is the slowdown multiplied by the number of requests. */
export function slowdownsOf(model: RunModel): Slowdown[] {
  const { requests } = model.report
  const found = model.series.names.flatMap((buckets, index) => slowdownIn(buckets, index, model) ?? [])
  const cost = ({ index, beforeMs, afterMs }: Slowdown): number =>
    (afterMs - beforeMs) * (requests[index]?.requests ?? 0)
  return found.toSorted((a, b) => cost(b) - cost(a))
}

interface Stretch {
  from: number
  p95: number
}

function slowdownIn(buckets: BucketedRequests, index: number, { stepS, buckets: count }: RunModel): Slowdown | null {
  const length = Math.max(Math.ceil(shortestS / stepS), Math.ceil(count / stretchCap))
  const stretches = stretchesOf(buckets, { count, length })
  const place = changeIn(stretches.map(({ p95 }) => Math.log(p95)))
  if (place === null) return null
  const [beforeMs, afterMs] = [stretches.slice(0, place), stretches.slice(place)].map((side) =>
    median(side.map(({ p95 }) => p95)),
  ) as [number, number]
  if (afterMs < least.ratio * beforeMs || afterMs - beforeMs < least.ms) return null
  // The slowdown may begin inside the first slow interval. It begins at the first bucket whose p95 is above the geometric mean of `beforeMs` and
  // `afterMs`.
  const { from } = stretches[place] as Stretch
  const level = Math.sqrt(beforeMs * afterMs)
  const inside = Array.from({ length }, (_, k) => from + k)
  const first = inside.find((at) => (buckets.get(at)?.latency.percentileMs(95) ?? 0) > level) ?? from
  return { index, atS: first * stepS, beforeMs, afterMs }
}

function stretchesOf(buckets: BucketedRequests, { count, length }: { count: number; length: number }): Stretch[] {
  const stretches: Stretch[] = []
  for (let from = 0; from < count; from += length) {
    const latency = new CompactHistogram()
    for (let at = from; at < from + length; at++) {
      const counted = buckets.get(at)
      if (counted) latency.add(counted.latency)
    }
    const p95 = latency.percentileMs(95)
    if (p95 !== undefined && p95 > 0 && latency.count >= fewestRequests) stretches.push({ from, p95 })
  }
  return stretches
}

/**
 * Splits the values into two parts, so that all values are as close as possible to the mean of their part. Returns the index at which the second part
 * begins. Returns null if there are too few values, or if the rise between the parts is too small compared with the spread.
 */
function changeIn(values: readonly number[]): number | null {
  let best = { place: 0, rest: Number.POSITIVE_INFINITY }
  for (let place = fewestStretches; place <= values.length - fewestStretches; place++) {
    const rest = scatter(values.slice(0, place)) + scatter(values.slice(place))
    if (rest < best.rest) best = { place, rest }
  }
  if (best.place === 0) return null
  const step = mean(values.slice(best.place)) - mean(values.slice(0, best.place))
  const spread = Math.sqrt(best.rest / values.length)
  return step > least.spreads * spread ? best.place : null
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Returns the sum of the squared distances from the mean. */
function scatter(values: readonly number[]): number {
  const middle = mean(values)
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
