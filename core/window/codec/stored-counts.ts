import { BurstError } from '../../errors.ts'
import { Distribution } from '../histograms/distribution.ts'
import { checkNumbers, distributionFrom, mostPlaces } from '../histograms/histogram.ts'
import { NumberReader, numberText, readPlaces } from './number-text.ts'

/**
 * A distribution in the form that reducers store between two merges. `p` contains two numbers for each place that has a count: the number of
 * empty places before this place, and the count (`number-text.ts`). The distribution is not compressed, because each merge decodes and encodes the
 * distribution.
 */
export interface StoredDistribution {
  n: number
  sum: number
  min: number
  max: number
  p: string
}

/** The maximum number of characters of `p`. Even the fullest histogram with burst's settings has fewer characters. */
export const storedTextCap = 524_288

/**
 * A cache of encoded distributions, because most open windows of a shard do not change between two merges. Counts only grow, so a cached string is
 * valid as long as the total count is the same.
 */
const texts = new WeakMap<Distribution, { count: number; text: string }>()

/** @returns undefined for an empty distribution, because JSON omits undefined values */
export function encodeStored(distribution: Distribution): StoredDistribution | undefined {
  if (distribution.count === 0) return undefined
  const { count, sumUs, minUs, maxUs } = distribution
  const known = texts.get(distribution)
  const p = known?.count === count ? known.text : textOf(distribution)
  if (p !== known?.text) texts.set(distribution, { count, text: p })
  return { n: count, sum: sumUs, min: minUs, max: maxUs, p }
}

/**
 * Decodes a distribution.
 * @throws BurstError when `p` does not have the form that `encodeStored` writes, or when `p`, `n`, `min`, `max` and `sum` contradict each other
 */
export function decodeStored(stored: StoredDistribution): Distribution {
  checkNumbers(stored)
  return distributionFrom(stored, placesOf(stored.p))
}

function textOf(distribution: Distribution): string {
  let [text, next] = ['', 0]
  distribution.eachPlace((place, count) => {
    text += numberText(place - next) + numberText(count)
    next = place + 1
  })
  return text
}

function placesOf(text: string): Uint32Array | Float64Array {
  try {
    return readPlaces(new NumberReader(text), mostPlaces)
  } catch (cause) {
    throw new BurstError('runFailed', 'a histogram cannot be read: the bins are not in the form that burst writes', {
      cause,
    })
  }
}
