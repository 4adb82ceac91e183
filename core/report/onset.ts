import { covers } from '../verdict/evidence.ts'
import { type Threshold, holds, parseThreshold } from '../thresholds/threshold.ts'
import type { JudgedThreshold } from '../verdict/work.ts'
import {
  type BucketedRequests,
  type RequestSecond,
  addRequestSecond,
  emptyRequestSecond,
} from '../window/histograms/compact.ts'
import type { Window } from '../window/window.ts'
import { counted, moment } from '../words.ts'
import type { Buckets } from './gather/buckets.ts'

/**
 * The minimum length in seconds of the intervals over which a threshold is judged. An interval contains at least one bucket. The interval is longer
 * than one second, because a single slow second must not count as an onset.
 */
const stretchS = 5

/** The data in which burst searches for the onset of a failed threshold. */
export interface Evidence {
  buckets: Buckets
  totals: Pick<Window, 'requests' | 'seconds'>
  /** `true` if the plan has users instead of arrivals. The note then contains the number of users. */
  closed: boolean
}

/**
 * Adds a note to a threshold that failed. The note gives the time from which the value exceeded the limit. Adds no note if this time cannot be
 * determined.
 */
export function withOnset(judged: JudgedThreshold, evidence: Evidence): JudgedThreshold {
  if (judged.passed || judged.value === null) return judged
  const threshold = parseThreshold(judged.expression)
  const atS = onsetOf(threshold, evidence)
  return atS === undefined ? judged : { ...judged, note: inWords(atS, evidence) }
}

function inWords(atS: number, { totals, closed }: Evidence): string {
  if (atS === 0) return 'beyond the limit from the start'
  const users = totals.seconds.get(Math.floor(atS))?.users ?? 0
  return `beyond the limit from ${moment(atS)} on${closed && users > 0 ? `, at ${counted(users, 'user')}` : ''}`
}

/**
 * Finds the first interval for which two conditions are true: the interval breaks the threshold, and the threshold does not hold in the next
 * interval. (In an interval without requests, the threshold neither fails nor holds.) Returns the time, in seconds since the start, at which this
 * interval begins to break the threshold. Returns undefined if there is no such interval. Also returns undefined if the threshold is on a check, or
 * if its measure is neither a percentile nor the errors.
 */
function onsetOf(threshold: Threshold, { buckets, totals }: Evidence): number | undefined {
  if (!isOverTime(threshold)) return undefined
  const series = seriesOf(threshold, { buckets, totals })
  const length = Math.max(1, Math.ceil(stretchS / buckets.stepS))
  const breaks = (from: number, long = length): boolean | undefined =>
    brokenBy(threshold, stretchOf(series, from, long))
  for (let from = 0; from < buckets.count; from++) {
    if (breaks(from) !== true || breaks(from + length) === false) continue
    // The interval may begin with buckets in which the threshold holds. The onset is therefore the first bucket that breaks the threshold by itself,
    // or the beginning of the interval if no single bucket breaks the threshold.
    const within = Array.from({ length }, (_, k) => from + k)
    return (within.find((place) => breaks(place, 1) === true) ?? from) * buckets.stepS
  }
  return undefined
}

function isOverTime({ measure, scope }: Threshold): boolean {
  return (measure.kind === 'percentile' || measure.kind === 'errors') && scope.kind !== 'check'
}

function seriesOf(threshold: Threshold, { buckets, totals }: Pick<Evidence, 'buckets' | 'totals'>): BucketedRequests[] {
  if (threshold.scope.kind === 'all') return [buckets.all]
  const keys = [...totals.requests].filter(([key, cell]) => covers(threshold, key, cell)).map(([key]) => key)
  return keys.flatMap((key) => buckets.names.get(key) ?? [])
}

function stretchOf(series: readonly BucketedRequests[], from: number, length: number): RequestSecond {
  const sum = emptyRequestSecond()
  for (const buckets of series) {
    for (let place = from; place < from + length; place++) {
      const bucket = buckets.get(place)
      if (bucket) addRequestSecond(sum, bucket)
    }
  }
  return sum
}

/**
 * Returns whether an interval breaks the threshold. Returns undefined if the threshold applies to no request in the interval, or if the threshold is
 * on a percentile and none of the requests has a measured time.
 */
function brokenBy(threshold: Threshold, stretch: RequestSecond): boolean | undefined {
  if (stretch.requests === 0) return undefined
  const { measure, fromIntent } = threshold
  if (measure.kind !== 'percentile') return !holds(threshold, (100 * stretch.failures) / stretch.requests)
  const value = (fromIntent ? stretch.fromIntent : stretch.latency).percentileMs(measure.percentile)
  return value === undefined ? undefined : !holds(threshold, value)
}
