import { type Histogram, build } from 'hdr-histogram-js'

/** The longest duration that is told apart: one hour. Longer ones count as one hour (HdrHistogram throws on them otherwise). */
export const longestUs = 3_600_000_000

/** Whole microseconds of a length in milliseconds, from 0 to `longestUs`. */
export function wholeUs(ms: number): number {
  return Math.min(longestUs, Math.max(0, Math.round(ms * 1000)))
}

/**
 * How many of what length: an HdrHistogram (3 significant digits, integer microseconds) with the exact count, sum, least and greatest
 * beside it. Distributions are added; percentiles are read from the sum, last. There is no way to average two of them.
 */
export class Distribution {
  count = 0
  sumUs = 0
  minUs = Number.POSITIVE_INFINITY
  maxUs = 0
  #histogram: Histogram | undefined

  /** Records one length in milliseconds; anything negative counts as 0, NaN throws. */
  recordMs(ms: number): void {
    if (Number.isNaN(ms)) throw new TypeError('a duration is not a number')
    const us = wholeUs(ms)
    this.count++
    this.sumUs += us
    if (us < this.minUs) this.minUs = us
    if (us > this.maxUs) this.maxUs = us
    this.#buckets().recordValue(us)
  }

  /** Adds what another one counted. The other one stays as it is. */
  add(other: Distribution): void {
    if (other.count === 0) return
    this.count += other.count
    this.sumUs += other.sumUs
    this.minUs = Math.min(this.minUs, other.minUs)
    this.maxUs = Math.max(this.maxUs, other.maxUs)
    this.#buckets().add(other.#buckets())
  }

  /** The length that `percentile` % (0–100) do not exceed, in milliseconds, to 3 digits; undefined when no value was recorded. */
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

  /** @internal Takes over a decoded histogram and its exact companions. */
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

/** A histogram of burst's settings: whole microseconds, three significant digits. */
export function emptyHistogram(): Histogram {
  return build({
    // 64-bit counters (doubles, exact to 2^53): 32-bit ones wrap silently when a long run is added up.
    bitBucketSize: 64,
    autoResize: true,
    lowestDiscernibleValue: 1,
    // 16 KiB at first; doubles a few times on the way to the longest value it meets.
    highestTrackableValue: 2047,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  })
}
