import { PlaceCounts } from './place-counts.ts'

/** The longest duration that is recorded: one hour. Longer durations count as one hour. */
export const longestUs = 3_600_000_000

/** Returns a duration in milliseconds as whole microseconds, from 0 to `longestUs`. */
export function wholeUs(ms: number): number {
  return Math.min(longestUs, Math.max(0, Math.round(ms * 1000)))
}

/**
 * Counts how often each duration occurred, like an HdrHistogram (3 significant digits, integer microseconds). Also stores the exact count, sum,
 * minimum and maximum. burst adds distributions, and computes percentiles from the resulting distribution. Distributions are never averaged.
 */
export class Distribution extends PlaceCounts {
  count = 0
  sumUs = 0
  minUs = Number.POSITIVE_INFINITY
  maxUs = 0

  /** Records a duration in milliseconds. A negative duration counts as 0, and a duration above one hour as one hour. NaN throws a TypeError. */
  recordMs(ms: number): void {
    if (Number.isNaN(ms)) throw new TypeError('a duration is not a number')
    const us = wholeUs(ms)
    this.count++
    this.sumUs += us
    if (us < this.minUs) this.minUs = us
    if (us > this.maxUs) this.maxUs = us
    this.put(hdrPlaceOf(us), 1)
  }

  /** Adds the counts of another distribution. Does not change the other distribution. */
  add(other: Distribution): void {
    if (other.count === 0) return
    this.count += other.count
    this.sumUs += other.sumUs
    this.minUs = Math.min(this.minUs, other.minUs)
    this.maxUs = Math.max(this.maxUs, other.maxUs)
    this.addCounts(other)
  }

  /** Returns the percentile (0–100) in milliseconds, accurate to 3 digits; undefined when no value was recorded. */
  percentileMs(percentile: number): number | undefined {
    if (this.count === 0) return undefined
    return Math.min(this.maxUs, Math.max(this.minUs, this.placeUs(percentile))) / 1000
  }

  /**
   * Returns the longest duration, in microseconds, of the place that contains the percentile. At 0 %, returns the shortest duration of this place.
   */
  placeUs(percentile: number): number {
    const { fromUs, widthUs } = hdrExtentOf(this.placeOfRank(rankOf(percentile, this.count)) ?? 0)
    return percentile === 0 ? fromUs : fromUs + widthUs - 1
  }

  get meanMs(): number | undefined {
    return this.count === 0 ? undefined : this.sumUs / this.count / 1000
  }

  /** Calls `see(place, count)` for each place of the HdrHistogram with a count above zero, in ascending order of place. */
  eachPlace(see: (place: number, count: number) => void): void {
    this.each(see)
  }

  /**
   * @internal Creates a distribution. `numbers` contains the exact count, sum, least value and greatest value. `packed` contains the decoded places
   * in ascending order, each followed by its count.
   */
  static of(
    numbers: Pick<Distribution, 'count' | 'sumUs' | 'minUs' | 'maxUs'>,
    packed: Uint32Array | Float64Array,
  ): Distribution {
    const made = Object.assign(new Distribution(), numbers)
    made.take(packed)
    return made
  }
}

/**
 * Returns how many of `count` values are at or below a percentile; at least 1. Rounds the exact number up, unless the exact number exceeds a whole
 * number only by a rounding error.
 */
function rankOf(percentile: number, count: number): number {
  const exact = (Math.min(percentile, 100) / 100) * count
  return Math.max(1, Math.ceil(exact - 2 ** (Math.floor(Math.log2(exact)) - 52)))
}

/**
 * The number of places in each bucket except the first. The first bucket has twice as many places, and each of these places is one microsecond wide.
 * In each later bucket, a place is twice as wide as a place in the previous bucket.
 */
const halfBucket = 1024

/** Returns the place at which HdrHistogram counts a duration of whole microseconds, 0 to 2^32 − 1. */
export function hdrPlaceOf(us: number): number {
  const shift = Math.max(0, 21 - Math.clz32(us))
  return shift * halfBucket + (us >>> shift)
}

/** Returns the range of durations that a place counts: the shortest duration and the width of the range, both in microseconds. */
export function hdrExtentOf(place: number): { fromUs: number; widthUs: number } {
  const shift = Math.max(0, Math.floor(place / halfBucket) - 1)
  return { fromUs: (place - shift * halfBucket) * 2 ** shift, widthUs: 2 ** shift }
}
