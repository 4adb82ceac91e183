import { CompactHistogram, placeCount } from '../histograms/compact.ts'
import { NumberReader, numberText, readPlaces } from './number-text.ts'
import { packedOf } from '../histograms/place-counts.ts'

/**
 * The bytes of compact histograms: whole numbers as little-endian base 128 (LEB128). A histogram begins with its longest duration. Then two numbers
 * follow for each place with a count: the number of empty places before this place, and the count. The end marker comes last.
 */

/**
 * The maximum number of characters of an encoded histogram. This maximum suffices even if the count of every place has eleven characters.
 * `numberText` does not write longer counts.
 */
export const compactTextCap = 24_576

/** The end marker. It follows the last count, where a decoder expects a number of empty places. It is greater than any number of empty places. */
const endMark = placeCount

/** Collects whole numbers as bytes. */
export class ByteWriter {
  #bytes = new Uint8Array(256)
  #length = 0

  /** @param n a whole number from 0 to 2^53 − 1 */
  number(n: number): void {
    if (n < 128) return this.#byte(n)
    let left = n
    for (; left >= 128; left = Math.floor(left / 128)) this.#byte((left % 128) + 128)
    this.#byte(left)
  }

  /**
   * @param factor the number of neighbouring places that are joined to one place. Places below 128 µs are not joined. A larger factor gives a
   * smaller, less exact histogram.
   */
  histogram(histogram: CompactHistogram, factor = 1): void {
    this.number(histogram.maxUs)
    let next = 0
    histogram.eachPlace((place, count) => {
      this.number(place - next)
      this.number(count)
      next = place + 1
    }, factor)
    this.number(endMark)
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes[this.#length++] = value
  }
}

/** Reads the bytes of a `ByteWriter`. Throws a RangeError for other bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  number(): number {
    const first = this.#bytes[this.#at]
    if (first !== undefined && first < 128) {
      this.#at++
      return first
    }
    let number = 0
    for (let place = 1; place < 2 ** 50; place *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('the bytes are cut short')
      number += (byte % 128) * place
      if (byte < 128) return number
    }
    throw new RangeError('a number is too long')
  }

  histogram(): CompactHistogram {
    const maxUs = this.number()
    if (maxUs > 2 ** 32 - 1) throw new RangeError('a length is too long')
    const packed: number[] = []
    for (let next = 0, gap = this.number(); gap !== endMark; gap = this.number()) {
      const place = next + gap
      if (place >= placeCount) throw new RangeError('an index is beyond the last bin')
      const count = this.number()
      if (count > 0) packed.push(place, count)
      next = place + 1
    }
    return CompactHistogram.of(packedOf(packed), maxUs)
  }
}

/** Returns a histogram as a string for JSON. Returns undefined for an empty histogram, because JSON omits undefined values. */
export function encodeCompact(histogram: CompactHistogram): string | undefined {
  let [text, next] = ['', 0]
  histogram.eachPlace((place, count) => {
    text += numberText(place - next) + numberText(count)
    next = place + 1
  })
  return text === '' ? undefined : numberText(histogram.maxUs) + text
}

/**
 * Decodes a histogram.
 * @throws RangeError when the string does not have the form that `encodeCompact` writes
 */
export function decodeCompact(text: string): CompactHistogram {
  const reader = new NumberReader(text)
  const maxUs = reader.next()
  if (maxUs > 2 ** 32 - 1) throw new RangeError('a length is too long')
  return CompactHistogram.of(readPlaces(reader, placeCount), maxUs)
}
