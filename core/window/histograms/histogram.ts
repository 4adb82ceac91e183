import { deflate, inflate } from 'hdr-histogram-js/dist/JsHistogram.encoding.js'
import { fromBase64, toBase64 } from '../../input/base64.ts'
import { BurstError } from '../../errors.ts'
import { CompactHistogram, extentOf } from './compact.ts'
import { Distribution, hdrExtentOf, hdrPlaceOf, longestUs } from './distribution.ts'
import { packedOf } from './place-counts.ts'

/**
 * A distribution as JSON: the exact count; the sum, the least value and the greatest value in whole microseconds; and `h`, a compressed HdrHistogram
 * V2 in base64.
 */
export interface EncodedDistribution {
  n: number
  sum: number
  min: number
  max: number
  h: string
}

/** The JSON of an empty distribution, for fields that require a value. */
export const noDistribution: EncodedDistribution = { n: 0, sum: 0, min: 0, max: 0, h: '' }

/** The maximum number of characters of an encoded histogram. Even the fullest histogram with burst's settings has fewer characters. */
export const histogramTextCap = 131_072

const headerBytes = 40
const v2Cookie = 0x1c849313
const compressedCookie = 0x1c849314
const digits = 3
/** The number of places in a histogram that reaches `longestUs` at three digits. */
export const mostPlaces = 23_552

/** A cache of encoded histograms. Counts only grow, so a cached string is valid as long as the total count is the same. */
const texts = new WeakMap<Distribution, { count: number; text: string }>()

/**
 * Returns a distribution's histogram as a string in the standard format; '' when the histogram is empty. Equal counts are always encoded to the same
 * string, even if they were added in a different order.
 */
export function histogramText(distribution: Distribution): string {
  if (distribution.count === 0) return ''
  const known = texts.get(distribution)
  if (known?.count === distribution.count) return known.text
  const text = textOf(distribution)
  texts.set(distribution, { count: distribution.count, text })
  return text
}

/**
 * Uses HdrHistogram's "V2 encoding". The range in the header is the smallest range that includes the greatest value, so the bytes depend only on the
 * values.
 */
function textOf(distribution: Distribution): string {
  const payload: number[] = []
  let next = 0
  distribution.eachPlace((place, count) => {
    const zeros = place - next
    if (zeros === 1) payload.push(0)
    else if (zeros > 1) pushNumber(payload, 2 * zeros - 1)
    pushNumber(payload, 2 * count)
    next = place + 1
  })
  const bytes = new Uint8Array(headerBytes + payload.length)
  const header = new DataView(bytes.buffer)
  for (const [at, number] of [
    [0, v2Cookie],
    [4, payload.length],
    [8, 1],
    [12, digits],
  ] as const)
    header.setUint32(at, number)
  header.setBigUint64(16, 1n)
  header.setBigUint64(24, BigInt(rangeFor(distribution.maxUs)))
  header.setBigUint64(32, 1n)
  bytes.set(payload, headerBytes)
  return framed(deflate(bytes, {}))
}

function framed(compressed: Uint8Array): string {
  const bytes = new Uint8Array(8 + compressed.length)
  const header = new DataView(bytes.buffer)
  header.setUint32(0, compressedCookie)
  header.setUint32(4, compressed.length)
  bytes.set(compressed, 8)
  return toBase64(bytes)
}

/** Writes a number in little-endian base 128, with at most nine bytes. */
function pushNumber(bytes: number[], number: number): void {
  let left = number
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
  bytes.push(left)
}

/** Converts the counts of a distribution to the places of a chart's histogram, which are wider than the places of a distribution. */
export function compactOf(distribution: Distribution): CompactHistogram {
  const compact = new CompactHistogram()
  distribution.eachPlace((place, count) => {
    compact.record(Math.min(distribution.maxUs, hdrExtentOf(place).fromUs), count)
  })
  compact.maxUs = distribution.maxUs
  return compact
}

/**
 * Returns the counts of a chart's bucket as a string in the standard format; '' when the bucket is empty. The longest duration is accurate to 3
 * digits. Each other duration is represented by the middle of its place in the chart's histogram.
 */
export function compactText(compact: CompactHistogram): string {
  const { maxUs } = compact
  const greatest = Math.min(maxUs, longestUs)
  const made = new Distribution()
  compact.eachPlace((place, count) => {
    const { fromUs, widthUs } = extentOf(place)
    const isLast = fromUs + widthUs > maxUs
    const middle = Math.min(greatest, fromUs + Math.floor((widthUs - 1) / 2))
    if (isLast) made.put(hdrPlaceOf(greatest), 1)
    if (count > Number(isLast)) made.put(hdrPlaceOf(middle), count - Number(isLast))
    made.count += count
  })
  made.maxUs = greatest
  return made.count === 0 ? '' : textOf(made)
}

/**
 * Returns the percentiles (in milliseconds) of a histogram in the standard format; null when the histogram is empty.
 * @throws BurstError when the string is not a histogram with burst's settings
 */
export function percentilesOfText(text: string, percentiles: readonly number[]): (number | null)[] {
  if (text === '') return percentiles.map(() => null)
  const packed = decodeText(text)
  const made = Distribution.of({ count: countIn(packed), sumUs: 0, minUs: 0, maxUs: 0 }, packed)
  return percentiles.map((percentile) => made.placeUs(percentile) / 1000)
}

/**
 * Returns the distribution of a histogram in the standard format. The caller passes the exact mean, minimum and maximum from the report.
 * @throws BurstError when the string is not a histogram with burst's settings
 */
export function distributionOfText(
  text: string,
  { meanMs, minMs, maxMs }: { meanMs: number; minMs: number; maxMs: number },
): Distribution {
  const packed = decodeText(text)
  const count = countIn(packed)
  const us = (ms: number): number => Math.round(ms * 1000)
  return Distribution.of({ count, sumUs: us(meanMs * count), minUs: us(minMs), maxUs: us(maxMs) }, packed)
}

function rangeFor(maxUs: number): number {
  let range = 2047
  while (range < maxUs) range = range * 2 + 1
  return range
}

/** @returns undefined for an empty distribution, because JSON omits undefined values */
export function encodeDistribution(distribution: Distribution): EncodedDistribution | undefined {
  if (distribution.count === 0) return undefined
  const { count, sumUs, minUs, maxUs } = distribution
  return { n: count, sum: sumUs, min: minUs, max: maxUs, h: histogramText(distribution) }
}

/**
 * Decodes a distribution.
 * @throws BurstError when `h` is not a histogram with burst's settings, or when `h`, `n`, `min`, `max` and `sum` contradict each other
 */
export function decodeDistribution(encoded: EncodedDistribution): Distribution {
  if (encoded.n === 0 && encoded.h === '') return new Distribution()
  checkNumbers(encoded)
  return distributionFrom(encoded, decodeText(encoded.h))
}

/**
 * @throws BurstError when the decoded places (`packed`) do not have `n` values in total, or do not extend from the place of `min` to the place of
 * `max`
 */
export function distributionFrom(
  { n, sum, min, max }: Omit<EncodedDistribution, 'h'>,
  packed: Uint32Array | Float64Array,
): Distribution {
  const held = countIn(packed)
  if (held !== n) throw unreadable(`the bins should contain ${n} values, but contain ${held}`)
  const sameEnds = packed[0] === hdrPlaceOf(min) && packed.at(-2) === hdrPlaceOf(max)
  if (!sameEnds) throw unreadable('the bins contradict the minimum or the maximum')
  return Distribution.of({ count: n, sumUs: sum, minUs: min, maxUs: max }, packed)
}

/** @throws BurstError when the count `n`, the sum, the minimum and the maximum of a distribution contradict each other */
export function checkNumbers({ n, sum, min, max }: Omit<EncodedDistribution, 'h'>): void {
  // Tolerates a difference for a sum above 2^53, because such a sum may have been rounded at each addition.
  const rounding = sum > Number.MAX_SAFE_INTEGER ? sum * 1e-6 : 0
  const possible = n > 0 && min <= max && max <= longestUs && sum + rounding >= min * n && sum - rounding <= max * n
  if (!possible) throw unreadable('the count, sum, minimum and maximum contradict each other')
}

function countIn(packed: Uint32Array | Float64Array): number {
  let sum = 0
  for (let k = 1; k < packed.length; k += 2) sum += packed[k] as number
  return sum
}

/** Returns the places of an encoded histogram that are not empty, in ascending order. Each place is followed by its count. */
function decodeText(text: string): Uint32Array | Float64Array {
  if (text.length > histogramTextCap) throw unreadable('the string is too long')
  try {
    const bytes = inflated(fromBase64(text))
    checkHeader(bytes)
    return placesOf(bytes)
  } catch (cause) {
    if (cause instanceof BurstError) throw cause
    throw unreadable('the string is not a compressed HdrHistogram V2', cause)
  }
}

function inflated(bytes: Uint8Array): Uint8Array {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Ignores the low bits of the cookie, which contain a word size that V2 does not use.
  if ((header.getUint32(0) & ~0xf0) !== (compressedCookie & ~0xf0)) throw new TypeError('another cookie')
  return inflate(bytes.subarray(8, 8 + header.getUint32(4)))
}

/** Checks the fields of the header, because a histogram from an external source may have any header. */
function checkHeader(bytes: Uint8Array): void {
  if (bytes.length < headerBytes) throw unreadable('the data is cut short')
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes)
  const [cookie, payload, significant] = [0, 4, 12].map((at) => header.getUint32(at))
  const [lowest, highest] = [16, 24].map((at) => header.getBigUint64(at)) as [bigint, bigint]
  const ours = cookie === v2Cookie && significant === digits && lowest === 1n && highest <= BigInt(rangeFor(longestUs))
  if (!ours) throw unreadable('the header has settings that burst does not use')
  if (payload !== bytes.length - headerBytes) throw unreadable('the length in the header is wrong')
}

/** An even number n represents one place with the count n / 2. An odd number n represents (n + 1) / 2 empty places. */
function placesOf(bytes: Uint8Array): Uint32Array | Float64Array {
  const packed: number[] = []
  const reader = new PayloadReader(bytes)
  for (let place = 0; !reader.done;) {
    const number = reader.next()
    const isCount = number % 2 === 0
    if (isCount && number > 0) packed.push(place, number / 2)
    place += isCount ? 1 : (number + 1) / 2
    if (place > mostPlaces) throw unreadable('the data has too many bins')
  }
  return packedOf(packed)
}

/** Reads numbers in little-endian base 128, with at most nine bytes per number (HdrHistogram, "V2 encoding"). */
class PayloadReader {
  readonly #bytes: Uint8Array
  #at = headerBytes

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  next(): number {
    let number = 0
    for (let size = 1, length = 1; ; size *= 128, length++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw unreadable('the data is cut short')
      if (byte < 128 || length === 9) return bounded(number + byte * size)
      number += (byte - 128) * size
    }
  }
}

function bounded(number: number): number {
  if (number > 2 * Number.MAX_SAFE_INTEGER) throw new RangeError('a count is greater than 2^53')
  return number
}

function unreadable(why: string, cause?: unknown): BurstError {
  return new BurstError('runFailed', `a histogram cannot be read: ${why}`, { cause })
}
