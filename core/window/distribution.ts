import { type Histogram, build } from 'hdr-histogram-js'

/** The longest duration that is distinguished: one hour. Longer ones count as one hour, because HdrHistogram would throw. */
export const longestUs = 3_600_000_000

/** A duration in milliseconds as whole microseconds, from 0 to `longestUs`. */
export function wholeUs(ms: number): number {
  return Math.min(longestUs, Math.max(0, Math.round(ms * 1000)))
}

/**
 * How often each duration occurred: an HdrHistogram (3 significant digits, integer microseconds) with the exact count, sum, least and
 * greatest beside it. Distributions are added; percentiles are read last, from the sum. Averaging two distributions is impossible by
 * design.
 */
export class Distribution {
  count = 0
  sumUs = 0
  minUs = Number.POSITIVE_INFINITY
  maxUs = 0
  #histogram: Histogram | undefined

  /** Records a duration in milliseconds; a negative one counts as 0, NaN throws. */
  recordMs(ms: number): void {
    if (Number.isNaN(ms)) throw new TypeError('a duration is not a number')
    const us = wholeUs(ms)
    this.count++
    this.sumUs += us
    if (us < this.minUs) this.minUs = us
    if (us > this.maxUs) this.maxUs = us
    this.#buckets().recordValue(us)
  }

  /** Adds the counts of another distribution, which stays unchanged. */
  add(other: Distribution): void {
    if (other.count === 0) return
    this.count += other.count
    this.sumUs += other.sumUs
    this.minUs = Math.min(this.minUs, other.minUs)
    this.maxUs = Math.max(this.maxUs, other.maxUs)
    this.#buckets().add(other.#buckets())
  }

  /** The duration that `percentile` % (0–100) do not exceed, in milliseconds, to 3 digits; undefined when no value was recorded. */
  percentileMs(percentile: number): number | undefined {
    if (this.count === 0) return undefined
    const us = this.#buckets().getValueAtPercentile(percentile)
    return Math.min(this.maxUs, Math.max(this.minUs, us)) / 1000
  }

  get meanMs(): number | undefined {
    return this.count === 0 ? undefined : this.sumUs / this.count / 1000
  }

  /** The histogram itself, for the codec in `histogram.ts`. */
  get histogram(): Histogram | undefined {
    return this.#histogram
  }

  /** @internal Creates a distribution from a decoded histogram and its exact companions. */
  static of(parts: { sumUs: number; minUs: number; maxUs: number; histogram: Histogram }): Distribution {
    const made = new Distribution()
    made.count = parts.histogram.totalCount
    made.sumUs = parts.sumUs
    made.minUs = parts.minUs
    made.maxUs = parts.maxUs
    made.#histogram = parts.histogram
    return made
  }

  #buckets(): Histogram {
    this.#histogram ??= emptyHistogram()
    return this.#histogram
  }
}

/** A histogram with burst's settings: whole microseconds, three significant digits. */
export function emptyHistogram(): Histogram {
  return build({
    // 64-bit counters (doubles, exact to 2^53), because 32-bit counters wrap silently when a long run is summed up.
    bitBucketSize: 64,
    autoResize: true,
    lowestDiscernibleValue: 1,
    // 16 KiB at first; it doubles a few times until it holds the longest value.
    highestTrackableValue: 2047,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  })
}
