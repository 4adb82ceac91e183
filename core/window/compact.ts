/**
 * Durations in the buckets of a chart: counts on a grid of 64 steps per power of two (HdrHistogram's layout at two significant digits), so
 * that a duration is accurate to 0.8 %. It is smaller than the exact `Distribution`, because there is one per name and second. The page of
 * the report runs this same code.
 */
export class CompactHistogram {
  /** The longest duration in µs, exact. */
  maxUs = 0
  #first = 0
  #counts = new Float64Array(0)
  /** Set by `pack`: places and counts alternating, without empty places. */
  #packed: Uint32Array | undefined

  /** Records a duration of whole microseconds, 0 to 2^32 − 1. */
  record(us: number, count = 1): void {
    this.put(placeOf(us), count)
    if (us > this.maxUs) this.maxUs = us
  }

  /** Adds a count at a place, for a caller that tracks the longest duration itself. */
  put(place: number, count: number): void {
    this.#unpack()
    this.#reach(place, place)
    const at = place - this.#first
    this.#counts[at] = (this.#counts[at] as number) + count
  }

  /**
   * Creates a packed histogram.
   * @param packed places, ascending, alternating with their counts, each below 2^32
   */
  static of(packed: Uint32Array, maxUs: number): CompactHistogram {
    const made = new CompactHistogram()
    if (packed.length > 0) made.#packed = packed
    made.maxUs = maxUs
    return made
  }

  /** Adds the counts of another histogram, which stays as it is, even packed. */
  add(other: CompactHistogram): void {
    this.#unpack()
    this.maxUs = Math.max(this.maxUs, other.maxUs)
    if (other.#packed) return this.#addPacked(other.#packed)
    const counts = other.#counts
    if (counts.length === 0) return
    this.#reach(other.#first, other.#first + counts.length - 1)
    const shift = other.#first - this.#first
    for (let k = 0; k < counts.length; k++) {
      this.#counts[k + shift] = (this.#counts[k + shift] as number) + (counts[k] as number)
    }
  }

  get count(): number {
    let sum = 0
    this.eachPlace((_, count) => (sum += count))
    return sum
  }

  /** The duration that `percentile` % (0–100) do not exceed, milliseconds within 0.8 %; undefined when no value was recorded. */
  percentileMs(percentile: number): number | undefined {
    const { count } = this
    if (count === 0) return undefined
    if (percentile >= 100) return this.maxUs / 1000
    const place = this.#placeOfRank(Math.max(1, Math.ceil((percentile / 100) * count - 1e-9)))
    return Math.min(middleOf(place), this.maxUs) / 1000
  }

  /**
   * Calls `see` with each place that has a count, ascending, and the count; with `factor`, neighbouring places are joined in their middle.
   */
  eachPlace(see: (place: number, count: number) => void, factor = 1): void {
    if (factor === 1) return this.#each(see)
    let [group, held] = [-1, 0]
    this.#each((place, count) => {
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

  /**
   * Shrinks the histogram for storage, because a report holds hundreds of thousands. It can be read in this form, and unpacks itself when
   * counts are added.
   */
  pack(): void {
    if (this.#counts.length === 0) return
    const packed: number[] = []
    this.eachPlace((place, count) => packed.push(place, count))
    // A histogram with a count beyond 32 bits is not packed.
    if (packed.some((number) => number > 0xffff_ffff)) return
    this.#packed = Uint32Array.from(packed)
    this.#counts = new Float64Array(0)
  }

  #each(see: (place: number, count: number) => void): void {
    const packed = this.#packed
    if (packed) {
      for (let k = 0; k < packed.length; k += 2) see(packed[k] as number, packed[k + 1] as number)
      return
    }
    for (let k = 0; k < this.#counts.length; k++) {
      const count = this.#counts[k] as number
      if (count > 0) see(this.#first + k, count)
    }
  }

  /** The place of the duration with the given rank, in ascending order. */
  #placeOfRank(rank: number): number {
    const packed = this.#packed
    let seen = 0
    if (packed) {
      for (let k = 0; k < packed.length; k += 2) {
        seen += packed[k + 1] as number
        if (seen >= rank) return packed[k] as number
      }
    }
    for (let k = 0; k < this.#counts.length; k++) {
      seen += this.#counts[k] as number
      if (seen >= rank) return this.#first + k
    }
    return placeCount - 1
  }

  #addPacked(packed: Uint32Array): void {
    this.#reach(packed[0] as number, packed.at(-2) as number)
    for (let k = 0; k < packed.length; k += 2) {
      const at = (packed[k] as number) - this.#first
      this.#counts[at] = (this.#counts[at] as number) + (packed[k + 1] as number)
    }
  }

  #unpack(): void {
    const packed = this.#packed
    if (packed === undefined) return
    this.#packed = undefined
    this.#first = 0
    this.#addPacked(packed)
  }

  /** Makes room for the places `from` to `to`, with some to spare, so that a histogram grows only a few times. */
  #reach(from: number, to: number): void {
    const end = this.#first + this.#counts.length
    if (this.#counts.length > 0 && from >= this.#first && to < end) return
    const more = Math.max(spare, this.#counts.length)
    const first =
      this.#counts.length === 0 ? roundDown(from) : from < this.#first ? Math.max(0, from - more) : this.#first
    const length = Math.max(end, to < end ? 0 : to + more) - first
    const grown = new Float64Array(length)
    if (this.#counts.length > 0) grown.set(this.#counts, this.#first - first)
    this.#first = first
    this.#counts = grown
  }
}

const steps = 64
const spare = 32

function roundDown(place: number): number {
  return place - (place % spare)
}

/** The place in the middle of `factor` neighbours. */
function groupOf(place: number, factor: number): number {
  return place < 2 * steps ? place : place - (place % factor) + Math.floor(factor / 2)
}

/** The place that counts a duration. Exact below 128 µs. */
export function placeOf(us: number): number {
  if (us < 2 * steps) return us
  const shift = 25 - Math.clz32(us)
  return shift * steps + (us >>> shift)
}

/** The shortest duration of a place and how many durations it covers, µs. */
export function extentOf(place: number): { fromUs: number; widthUs: number } {
  if (place < 2 * steps) return { fromUs: place, widthUs: 1 }
  const shift = Math.floor(place / steps) - 1
  return { fromUs: (place - shift * steps) * 2 ** shift, widthUs: 2 ** shift }
}

function middleOf(place: number): number {
  const { fromUs, widthUs } = extentOf(place)
  return fromUs + (widthUs - 1) / 2
}

/** The number of places: the last one holds the longest duration of 2^32 − 1 µs. */
export const placeCount = 27 * steps

/** One request name in one second, by the time at which its requests ended. */
export interface RequestSecond {
  requests: number
  failures: number
  bytesIn: number
  /** By HTTP status; 0 is "no response". */
  statuses: Map<number, number>
  latency: CompactHistogram
  fromIntent: CompactHistogram
}

/** The counts of one name, or of all names, over time: by second, or by bucket of a chart. */
export type BucketedRequests = Map<number, RequestSecond>

/** The most buckets in the charts of a report: one per second in a run of 12 minutes. */
export const bucketCap = 720

export function emptyRequestSecond(): RequestSecond {
  const [latency, fromIntent] = [new CompactHistogram(), new CompactHistogram()]
  return { requests: 0, failures: 0, bytesIn: 0, statuses: new Map(), latency, fromIntent }
}

/** Adds the counts of one name in one second, or in one bucket of a chart, to another. */
export function addRequestSecond(into: RequestSecond, from: RequestSecond): void {
  into.requests += from.requests
  into.failures += from.failures
  into.bytesIn += from.bytesIn
  for (const [status, count] of from.statuses) into.statuses.set(status, (into.statuses.get(status) ?? 0) + count)
  into.latency.add(from.latency)
  into.fromIntent.add(from.fromIntent)
}
