import { PlaceCounts } from './place-counts.ts'

/**
 * Counts durations in a bucket of a chart. The histogram has 64 places per power of two (HdrHistogram's layout at two significant digits), so a
 * duration is accurate to 0.8 %. A run has one `CompactHistogram` per name and second, so a `CompactHistogram` must be smaller than the exact
 * `Distribution`. The page of the report uses the same code.
 */
export class CompactHistogram extends PlaceCounts {
  /** The exact longest duration in microseconds. */
  maxUs = 0

  /** Records a duration of whole microseconds, 0 to 2^32 − 1. */
  record(us: number, count = 1): void {
    this.put(placeOf(us), count)
    if (us > this.maxUs) this.maxUs = us
  }

  /**
   * Creates a packed histogram.
   * @param packed places in ascending order, each followed by its count
   */
  static of(packed: Uint32Array | Float64Array, maxUs: number): CompactHistogram {
    const made = new CompactHistogram()
    made.take(packed)
    made.maxUs = maxUs
    return made
  }

  /** Adds the counts of another histogram. Does not change the other histogram: a packed histogram stays packed. */
  add(other: CompactHistogram): void {
    this.maxUs = Math.max(this.maxUs, other.maxUs)
    this.addCounts(other)
  }

  get count(): number {
    let sum = 0
    this.each((_, count) => (sum += count))
    return sum
  }

  /** Returns the percentile (0–100) in milliseconds, accurate to 0.8 %; undefined when no value was recorded. */
  percentileMs(percentile: number): number | undefined {
    const { count } = this
    if (count === 0) return undefined
    if (percentile >= 100) return this.maxUs / 1000
    const rank = Math.max(1, Math.ceil((percentile / 100) * count - 1e-9))
    return Math.min(middleOf(this.placeOfRank(rank) ?? placeCount - 1), this.maxUs) / 1000
  }

  /**
   * Calls `see(place, count)` for each place with a count above zero, in ascending order of place. If `factor` is above 1, joins each group of
   * `factor` neighbouring places, and passes the place in the middle of the group to `see`. Places below 128 are not joined.
   */
  eachPlace(see: (place: number, count: number) => void, factor = 1): void {
    if (factor === 1) return this.each(see)
    let [group, held] = [-1, 0]
    this.each((place, count) => {
      const wide = groupOf(place, factor)
      if (wide !== group && held > 0) {
        see(group, held)
        held = 0
      }
      group = wide
      held += count
    })
    if (held > 0) see(group, held)
  }
}

const steps = 64
/** Returns the place in the middle of a group of `factor` neighbouring places. Returns a place below 128 unchanged. */
function groupOf(place: number, factor: number): number {
  return place < 2 * steps ? place : place - (place % factor) + Math.floor(factor / 2)
}

/**
 * `joinedIn` recognises joined places only if the histograms have at least this number of different places. Fewer places could look joined by chance.
 */
const enoughPlaces = 20

/**
 * Returns the factor by which neighbouring places were joined in stored histograms (`factor` of `eachPlace`). The factor is 4 or 2. If places were
 * not joined, the factor is 1. The histograms do not contain the factor, so the function derives the factor from the places with a count. Also
 * returns 1 if the histograms have counts at fewer than 20 different places from 128 on.
 */
export function joinedIn(histograms: Iterable<CompactHistogram>): number {
  const places = new Set<number>()
  for (const histogram of histograms) {
    histogram.eachPlace((place) => {
      if (place >= 2 * steps) places.add(place)
    })
  }
  const isJoined = (factor: number): boolean => [...places].every((place) => groupOf(place, factor) === place)
  return places.size < enoughPlaces ? 1 : ([4, 2].find(isJoined) ?? 1)
}

/** Returns the place that counts a duration. Below 128 µs, each duration has its own place. */
export function placeOf(us: number): number {
  if (us < 2 * steps) return us
  const shift = 25 - Math.clz32(us)
  return shift * steps + (us >>> shift)
}

/** Returns the range of durations that a place counts: the shortest duration and the width of the range, both in microseconds. */
export function extentOf(place: number): { fromUs: number; widthUs: number } {
  if (place < 2 * steps) return { fromUs: place, widthUs: 1 }
  const shift = Math.floor(place / steps) - 1
  return { fromUs: (place - shift * steps) * 2 ** shift, widthUs: 2 ** shift }
}

function middleOf(place: number): number {
  const { fromUs, widthUs } = extentOf(place)
  return fromUs + (widthUs - 1) / 2
}

/** The number of places. The last place counts the longest duration, 2^32 − 1 µs. */
export const placeCount = 27 * steps

/** The counts of one request name in one second. A request is counted in the second in which it ended. */
export interface RequestSecond {
  requests: number
  failures: number
  bytesIn: number
  /** The number of responses by HTTP status; 0 means that there was no response. */
  statuses: Map<number, number>
  latency: CompactHistogram
  fromIntent: CompactHistogram
}

/** The counts of one name, or of all names, over time: by second, or by bucket of a chart. */
export type BucketedRequests = Map<number, RequestSecond>

/** The maximum number of buckets in the charts of a report: one per second in a run of 12 minutes. */
export const bucketCap = 720

export function emptyRequestSecond(): RequestSecond {
  const [latency, fromIntent] = [new CompactHistogram(), new CompactHistogram()]
  return { requests: 0, failures: 0, bytesIn: 0, statuses: new Map(), latency, fromIntent }
}

/** Adds the counts in `from` to the counts in `into`. Each argument contains the counts of one second or of one chart bucket. */
export function addRequestSecond(into: RequestSecond, from: RequestSecond): void {
  into.requests += from.requests
  into.failures += from.failures
  into.bytesIn += from.bytesIn
  for (const [status, count] of from.statuses) into.statuses.set(status, (into.statuses.get(status) ?? 0) + count)
  into.latency.add(from.latency)
  into.fromIntent.add(from.fromIntent)
}
