/**
 * Counts by place. A place is the number of a range of durations; a histogram does not distinguish the durations of one range. While values are
 * recorded, the counts are in an array from the first to the last place. Counts that are only stored, or only added to other counts, are packed to
 * save memory, because a run has hundreds of thousands of these objects.
 */
export class PlaceCounts {
  #first = 0
  /** An array of 32-bit counters. Before a counter overflows, an array of doubles replaces this array. Doubles are exact up to 2^53. */
  #counts: Uint32Array | Float64Array = new Uint32Array(0)
  /** The places that are not empty, in ascending order. Each place is followed by its count. */
  #packed: Uint32Array | Float64Array | undefined

  put(place: number, count: number): void {
    if (this.#packed) this.#unpack()
    const at = place - this.#first
    if (at < 0 || at >= this.#counts.length) this.#reach(place, place)
    this.#increase(place - this.#first, count)
  }

  /**
   * Replaces all counts.
   * @param packed each place that is not empty, in ascending order, followed by its count; the caller must not change this array after this call
   */
  protected take(packed: Uint32Array | Float64Array): void {
    this.#counts = new Uint32Array(0)
    this.#packed = packed.length > 0 ? packed : undefined
  }

  /** Adds other counts. Does not change the other counts: packed counts stay packed. */
  protected addCounts(other: PlaceCounts): void {
    if (other.#packed && this.#staysPacked(other.#packed)) return
    if (this.#packed) this.#unpack()
    if (other.#packed) return this.#addPacked(other.#packed)
    const counts = other.#counts
    if (counts.length === 0) return
    this.#reach(other.#first, other.#first + counts.length - 1)
    const shift = other.#first - this.#first
    for (let k = 0; k < counts.length; k++) {
      const count = counts[k] as number
      if (count > 0) this.#increase(k + shift, count)
    }
  }

  /** Calls `see(place, count)` for each place with a count above zero, in ascending order of place. */
  protected each(see: (place: number, count: number) => void): void {
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

  /**
   * Returns the place of the value with the given rank. The smallest value has rank 1. Returns undefined when the rank exceeds the number of values.
   */
  protected placeOfRank(rank: number): number | undefined {
    const packed = this.#packed
    let seen = 0
    if (packed) {
      for (let k = 0; k < packed.length; k += 2) {
        seen += packed[k + 1] as number
        if (seen >= rank) return packed[k]
      }
      return undefined
    }
    for (let k = 0; k < this.#counts.length; k++) {
      seen += this.#counts[k] as number
      if (seen >= rank) return this.#first + k
    }
    return undefined
  }

  /**
   * Packs the counts for storage. Packed counts can be read. Packed counts are unpacked when a value is recorded, when unpacked counts are added, or
   * when packed counts are added and both lists together are longer than `fewNumbers`.
   */
  pack(): void {
    if (this.#counts.length === 0) return
    const packed: number[] = []
    this.each((place, count) => packed.push(place, count))
    this.take(packedOf(packed))
  }

  /**
   * Adds counts in packed form. Does nothing if this object has unpacked counts, or if the two packed lists together are too long.
   * @returns whether `theirs` were added
   */
  #staysPacked(theirs: Uint32Array | Float64Array): boolean {
    if (this.#counts.length > 0) return false
    const mine = this.#packed
    if (mine && mine.length + theirs.length > fewNumbers) return false
    this.#packed = mine ? mergedPlaces(mine, theirs) : theirs
    return true
  }

  #increase(at: number, count: number): void {
    const sum = (this.#counts[at] as number) + count
    if (sum > most32 && this.#counts instanceof Uint32Array) this.#counts = Float64Array.from(this.#counts)
    this.#counts[at] = sum
  }

  #addPacked(packed: Uint32Array | Float64Array): void {
    this.#reach(packed[0] as number, packed.at(-2) as number)
    for (let k = 0; k < packed.length; k += 2) {
      this.#increase((packed[k] as number) - this.#first, packed[k + 1] as number)
    }
  }

  #unpack(): void {
    const packed = this.#packed
    if (packed === undefined) return
    this.#packed = undefined
    this.#first = 0
    this.#addPacked(packed)
  }

  /**
   * Extends the array to include the places `from` to `to`. Adds more places than necessary, so that later values rarely require a further extension.
   */
  #reach(from: number, to: number): void {
    const end = this.#first + this.#counts.length
    if (this.#counts.length > 0 && from >= this.#first && to < end) return
    const more = Math.max(spare, Math.ceil(this.#counts.length / 2))
    const first = this.#counts.length === 0 ? roundDown(from) : this.#firstFor(from, more)
    const length = Math.max(end, to < end ? 0 : to + more) - first
    const grown = this.#counts instanceof Uint32Array ? new Uint32Array(length) : new Float64Array(length)
    if (this.#counts.length > 0) grown.set(this.#counts, this.#first - first)
    this.#first = first
    this.#counts = grown
  }

  #firstFor(from: number, more: number): number {
    return from < this.#first ? Math.max(0, from - more) : this.#first
  }
}

const spare = 32
const most32 = 0xffff_ffff
/** The maximum length of packed counts that are merged in packed form. */
const fewNumbers = 512

function roundDown(place: number): number {
  return place - (place % spare)
}

/** Returns the numbers (places, each followed by its count) as a typed array. The array has 32-bit numbers if all numbers fit into 32 bits. */
export function packedOf(numbers: readonly number[]): Uint32Array | Float64Array {
  return numbers.some((number) => number > most32) ? Float64Array.from(numbers) : Uint32Array.from(numbers)
}

function mergedPlaces(a: Uint32Array | Float64Array, b: Uint32Array | Float64Array): Uint32Array | Float64Array {
  const merged: number[] = []
  let k = 0
  for (let i = 0; i < a.length; i += 2) {
    const place = a[i] as number
    for (; k < b.length && (b[k] as number) < place; k += 2) merged.push(b[k] as number, b[k + 1] as number)
    const isInBoth = b[k] === place
    merged.push(place, (a[i + 1] as number) + (isInBoth ? (b[k + 1] as number) : 0))
    if (isInBoth) k += 2
  }
  for (; k < b.length; k++) merged.push(b[k] as number)
  return packedOf(merged)
}
