import { JsHistogram, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { decompress, doDecode } from 'hdr-histogram-js/dist/JsHistogram.encoding.js'
import { CompactHistogram, extentOf } from './compact.ts'
import { Distribution, emptyHistogram, longestUs } from './distribution.ts'
import { BurstError } from '../errors.ts'

/** A distribution as JSON: exact companions in whole microseconds, and `h`, an HdrHistogram V2, compressed, in base64. */
export interface EncodedDistribution {
  n: number
  sum: number
  min: number
  max: number
  h: string
}

/** Represents an empty distribution where a value is required. */
export const noDistribution: EncodedDistribution = { n: 0, sum: 0, min: 0, max: 0, h: '' }

/** More characters than the fullest histogram with our settings needs. */
export const histogramTextCap = 131_072

const headerBytes = 40
const v2Cookie = 0x1c849313
const digits = 3
/** Counts of a histogram that reaches `longestUs` at three digits. */
const mostPlaces = 23_552

/** Counts only grow, so a text is still right if the count is the same. Most open windows of a shard do not change between two merges. */
const texts = new WeakMap<Distribution, { count: number; text: string }>()

/** The standard text of a distribution's histogram: the same for the same counts, however they were added; '' when empty. */
export function histogramText(distribution: Distribution): string {
  const histogram = distribution.histogram
  if (!histogram || distribution.count === 0) return ''
  const known = texts.get(distribution)
  if (known?.count === distribution.count) return known.text
  // The text's header contains the range, which depends on the order of growth: the smallest sufficient range is written instead.
  if (histogram instanceof JsHistogram) histogram.highestTrackableValue = rangeFor(distribution.maxUs)
  const text = encodeIntoCompressedBase64(histogram)
  texts.set(distribution, { count: distribution.count, text })
  return text
}

/** The same counts on the coarser grid of the charts. */
export function compactOf(distribution: Distribution): CompactHistogram {
  const compact = new CompactHistogram()
  const { histogram } = distribution
  if (!(histogram instanceof JsHistogram) || distribution.count === 0) return compact
  let left = distribution.count
  for (let index = 0; left > 0 && index < mostPlaces; index++) {
    const count = histogram.getCountAtIndex(index)
    if (count > 0) compact.record(Math.min(distribution.maxUs, histogram.valueFromIndex(index)), count)
    left -= count
  }
  compact.maxUs = distribution.maxUs
  return compact
}

/** The counts of a chart's bucket as the standard text, each in the middle of its place, the greatest exact; '' when empty. */
export function compactText(compact: CompactHistogram): string {
  const { maxUs } = compact
  const greatest = Math.min(maxUs, longestUs)
  const histogram = emptyHistogram()
  compact.eachPlace((place, count) => {
    const { fromUs, widthUs } = extentOf(place)
    const isLast = fromUs + widthUs > maxUs
    const middle = Math.min(greatest, fromUs + Math.floor((widthUs - 1) / 2))
    if (isLast) histogram.recordValue(greatest)
    if (count > Number(isLast)) histogram.recordValueWithCount(middle, count - Number(isLast))
  })
  if (histogram.totalCount === 0) return ''
  if (histogram instanceof JsHistogram) histogram.highestTrackableValue = rangeFor(greatest)
  return encodeIntoCompressedBase64(histogram)
}

/**
 * The percentiles, in milliseconds, read from a histogram's standard text; null when it is empty.
 * @throws BurstError when the text is not a histogram with burst's settings
 */
export function percentilesOfText(text: string, percentiles: readonly number[]): (number | null)[] {
  if (text === '') return percentiles.map(() => null)
  const histogram = decodeHistogram(text)
  return percentiles.map((percentile) => histogram.getValueAtPercentile(percentile) / 1000)
}

function rangeFor(maxUs: number): number {
  let range = 2047
  while (range < maxUs) range = range * 2 + 1
  return range
}

/** @returns undefined for an empty distribution, which JSON then omits */
export function encodeDistribution(distribution: Distribution): EncodedDistribution | undefined {
  if (distribution.count === 0) return undefined
  const { count, sumUs, minUs, maxUs } = distribution
  return { n: count, sum: sumUs, min: minUs, max: maxUs, h: histogramText(distribution) }
}

/** @throws BurstError when the text is not a histogram with burst's settings, or contradicts the numbers beside it */
export function decodeDistribution(encoded: EncodedDistribution): Distribution {
  if (encoded.n === 0 && encoded.h === '') return new Distribution()
  checkNumbers(encoded)
  const histogram = decodeHistogram(encoded.h)
  checkAgreement(encoded, histogram)
  return Distribution.of({ sumUs: encoded.sum, minUs: encoded.min, maxUs: encoded.max, histogram })
}

function checkNumbers({ n, sum, min, max }: EncodedDistribution): void {
  // Sums above 2^53 are rounded at each addition.
  const rounding = sum > Number.MAX_SAFE_INTEGER ? sum * 1e-6 : 0
  const possible = n > 0 && min <= max && max <= longestUs && sum + rounding >= min * n && sum - rounding <= max * n
  if (!possible) throw unreadable('the numbers beside it contradict each other')
}

function checkAgreement({ n, min, max }: EncodedDistribution, histogram: JsHistogram): void {
  if (histogram.totalCount !== n) throw unreadable(`it should hold ${n} values and holds ${histogram.totalCount}`)
  const hasZero = histogram.getCountAtIndex(0) > 0
  const sameLeast = min === 0 ? hasZero : !hasZero && histogram.minNonZeroValue === histogram.lowestEquivalentValue(min)
  const sameEnds = sameLeast && histogram.maxValue === histogram.highestEquivalentValue(max)
  if (!sameEnds) throw unreadable('its least or greatest value differs')
}

function decodeHistogram(text: string): JsHistogram {
  if (text.length > histogramTextCap) throw unreadable('it is too long')
  try {
    const bytes = decompress(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)))
    checkHeader(bytes)
    checkPlaces(bytes)
    const histogram = doDecode(bytes, 64)
    // A decoded histogram has a fixed range, and adding a longer value would throw.
    histogram.autoResize = true
    return histogram
  } catch (cause) {
    if (cause instanceof BurstError) throw cause
    throw unreadable('it is not a compressed HdrHistogram V2', cause)
  }
}

/** The decoder trusts the header: it allocates, and loops, as far as the header says. */
function checkHeader(bytes: Uint8Array): void {
  if (bytes.length < headerBytes) throw unreadable('it is cut short')
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes)
  const [cookie, payload, significant] = [0, 4, 12].map((at) => header.getUint32(at))
  const [lowest, highest] = [16, 24].map((at) => header.getBigUint64(at)) as [bigint, bigint]
  const ours = cookie === v2Cookie && significant === digits && lowest === 1n && highest <= BigInt(rangeFor(longestUs))
  if (!ours) throw unreadable('it has other settings')
  if (payload !== bytes.length - headerBytes) throw unreadable('its length is wrong')
}

/** An even number is a count; an odd number is a run of zeros, up to 2^62, and the decoder would visit each of them. */
function checkPlaces(bytes: Uint8Array): void {
  let places = 0
  for (const number of numbersOf(bytes.subarray(headerBytes))) {
    places += number % 2 === 0 ? 1 : (number + 1) / 2
    if (places > mostPlaces) throw unreadable('it has too many places')
  }
}

/** Little-endian base 128, at most nine bytes each (HdrHistogram, "V2 encoding"). */
function* numbersOf(payload: Uint8Array): Generator<number> {
  let number = 0
  let length = 0
  for (const byte of payload) {
    number += (byte & 0x7f) * 128 ** length
    length++
    if (byte >= 0x80 && length < 9) continue
    yield number
    number = length = 0
  }
  if (length > 0) throw unreadable('it is cut short')
}

function unreadable(why: string, cause?: unknown): BurstError {
  return new BurstError('runFailed', `a histogram cannot be read: ${why}`, { cause })
}
