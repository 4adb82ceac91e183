import { greatest } from '../extremes.ts'
import type { Random } from '../random.ts'
import { type BucketedRequests, CompactHistogram, extentOf } from '../window/histograms/compact.ts'
import type { BucketSpan } from './plateau.ts'
import { studentBound } from './student.ts'

/**
 * Estimates how much the measured values would vary between repetitions of a run. The estimate needs only one run. The method is the circular
 * block bootstrap (Politis & Romano 1992, "A circular block-resampling procedure for stationary data"; blocks as in Künsch 1989, "The jackknife and
 * the bootstrap for general stationary observations", Annals of Statistics 17). The time of the run is cut into bins. A resample consists of blocks
 * of neighbouring bins, because the values of neighbouring bins are correlated. The block length is the cube root of the number of bins (Hall,
 * Horowitz & Jing 1995, "On blocking rules for the bootstrap with dependent data", Biometrika 82).
 */

/** The maximum number of bins of one run. */
const binCap = 60
/** The number of resamples of each run. */
const resamples = 1000

/** The time bins of a run. Each resample contains each bin zero, one or several times. */
export interface Resampling {
  /** The index of the first bucket of each bin. The final element is the index after the last bucket of the last bin. */
  edges: number[]
  /** The length of each bin, in seconds. */
  seconds: number[]
  /** One row for each resample. A row contains one weight per bin: the number of times that the resample contains the bin. */
  weights: Uint8Array
  /** The number of bins divided by the length of a block in bins; may be a fraction. Each block counts as one independent observation. */
  blocks: number
}

/** Draws the resamples of a run. All request names of the run use the same resamples. */
export function resamplingOf(span: BucketSpan, stepS: number, random: Random): Resampling {
  const buckets = span.to - span.from
  const bins = Math.min(binCap, buckets)
  const edges = Array.from({ length: bins + 1 }, (_, k) => span.from + Math.floor((k * buckets) / bins))
  const length = Math.max(1, Math.round(Math.cbrt(bins)))
  const weights = new Uint8Array(resamples * bins)
  for (let row = 0; row < resamples; row++) {
    let first = 0
    for (let k = 0; k < bins; k++) {
      if (k % length === 0) first = random.int(0, bins - 1)
      const at = row * bins + ((first + (k % length)) % bins)
      weights[at] = (weights[at] as number) + 1
    }
  }
  const seconds = edges.slice(1).map((edge, k) => (edge - (edges[k] as number)) * stepS)
  return { edges, seconds, weights, blocks: bins / length }
}

/** The counts of one request name in each bin of a run. */
export interface Binned {
  requests: Float64Array
  failures: Float64Array
  /** The number of requests with a latency. */
  timed: number
  /** One row for each place of `places`. A row contains one number per bin: the number of durations in this place and in all lower places. */
  upTo: Float64Array
  /** The histogram places, in ascending order. A place counts the durations within a small range. Places that are empty in all bins are omitted. */
  places: number[]
  maxUs: number
}

export function binnedOf(buckets: BucketedRequests, { edges }: Resampling): Binned {
  const bins = edges.length - 1
  const [requests, failures] = [new Float64Array(bins), new Float64Array(bins)]
  const histograms = Array.from({ length: bins }, () => new CompactHistogram())
  for (let k = 0; k < bins; k++) {
    for (let place = edges[k] as number; place < (edges[k + 1] as number); place++) {
      const counted = buckets.get(place)
      if (!counted) continue
      requests[k] = (requests[k] as number) + counted.requests
      failures[k] = (failures[k] as number) + counted.failures
      histograms[k]?.add(counted.latency)
    }
  }
  return { requests, failures, ...cumulative(histograms) }
}

function cumulative(histograms: readonly CompactHistogram[]): Pick<Binned, 'timed' | 'upTo' | 'places' | 'maxUs'> {
  const bins = histograms.length
  const used = new Set<number>()
  for (const histogram of histograms) histogram.eachPlace((place) => used.add(place))
  const places = [...used].toSorted((a, b) => a - b)
  const rows = new Map(places.map((place, row) => [place, row]))
  const upTo = new Float64Array(places.length * bins)
  histograms.forEach((histogram, k) => {
    histogram.eachPlace((place, count) => (upTo[(rows.get(place) as number) * bins + k] = count))
    for (let at = bins + k; at < upTo.length; at += bins) upTo[at] = (upTo[at] as number) + (upTo[at - bins] as number)
  })
  const timed = upTo.subarray(upTo.length - bins).reduce((sum, count) => sum + count, 0)
  return { timed, upTo, places, maxUs: greatest(histograms, ({ maxUs }) => maxUs, 0) }
}

/** One resample: a row in the table of weights. A weight is the number of times that the resample contains a bin. */
interface Draw {
  weights: ArrayLike<number>
  /** The index of the row's first weight. */
  start: number
  bins: number
}

/**
 * Computes a statistic from the bins. `seconds` contains the length of each bin. Returns NaN when the statistic has no value, such as a percentile
 * without latencies. The weight of a bin is the number of times that `draw` contains the bin.
 */
export type Estimate = (binned: Binned, draw: Draw, seconds: readonly number[]) => number

export const failureShare: Estimate = ({ requests, failures }, draw) =>
  weighted(failures, 0, draw) / weighted(requests, 0, draw)

export const requestsPerSecond: Estimate = ({ requests }, draw, seconds) =>
  weighted(requests, 0, draw) / weighted(seconds, 0, draw)

/**
 * Returns a function that computes a percentile in milliseconds, interpolated within a place of the histogram. Without interpolation, a small change
 * in the counts would move the percentile by the width of a place.
 */
export function percentileMs(percentile: number): Estimate {
  return ({ upTo, places, maxUs }, draw) => {
    const sumAt = (row: number): number => (row < 0 ? 0 : weighted(upTo, row * draw.bins, draw))
    const wanted = (percentile / 100) * sumAt(places.length - 1)
    if (!(wanted > 0)) return Number.NaN
    let [low, high] = [0, places.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sumAt(middle) >= wanted) high = middle
      else low = middle + 1
    }
    const [before, reached] = [sumAt(low - 1), sumAt(low)]
    const { fromUs, widthUs } = extentOf(places[low] as number)
    return Math.min(maxUs, fromUs + (widthUs * (wanted - before)) / (reached - before)) / 1000
  }
}

function weighted(values: ArrayLike<number>, from: number, { weights, start, bins }: Draw): number {
  let sum = 0
  for (let k = 0; k < bins; k++) sum += (values[from + k] as number) * (weights[start + k] as number)
  return sum
}

/** A statistic of the run, and its value in each resample. */
export interface Resampled {
  value: number
  values: Float64Array
}

export function resampled(estimate: Estimate, binned: Binned, { seconds, weights }: Resampling): Resampled {
  const bins = seconds.length
  const values = new Float64Array(resamples)
  for (let row = 0; row < resamples; row++) {
    values[row] = estimate(binned, { weights, start: row * bins, bins }, seconds)
  }
  return { value: valueOf(estimate, binned, seconds), values }
}

/** Returns the statistic over all bins, without resamples. */
export function valueOf(estimate: Estimate, binned: Binned, seconds: readonly number[]): number {
  const bins = seconds.length
  return estimate(binned, { weights: new Uint8Array(bins).fill(1), start: 0, bins }, seconds)
}

/** The distribution of a difference over the resamples. */
export interface Noise {
  difference: number
  /** The 2.5 %, 50 % and 97.5 % points of the resamples. */
  low: number
  middle: number
  high: number
  /** The degrees of freedom, and the factor by which the interval is widened. A small number of blocks gives a large factor. */
  freedom: number
  widening: number
}

/**
 * Returns the noise of `newer − older`; undefined when more than half of the resamples have no value. If the two runs are swapped, only the signs
 * change.
 */
export function noiseOf(
  older: Resampled,
  newer: Resampled,
  [olderBlocks, newerBlocks]: readonly [number, number],
): Noise | undefined {
  const differences = older.values.map((value, k) => (newer.values[k] as number) - value).filter(Number.isFinite)
  if (differences.length < resamples / 2) return undefined
  const sorted = differences.toSorted()
  const [last, tail] = [sorted.length - 1, Math.floor(sorted.length * 0.025)]
  const at = (place: number): number => sorted[place] as number
  const fewest = Math.min(olderBlocks, newerBlocks)
  return {
    difference: newer.value - older.value,
    low: at(tail),
    middle: (at(Math.floor(last / 2)) + at(Math.ceil(last / 2))) / 2,
    high: at(last - tail),
    freedom: olderBlocks + newerBlocks - 2,
    widening: Math.sqrt(fewest / Math.max(1, fewest - 1)),
  }
}

const normalBound = 1.959964

/**
 * Returns the interval that contains the difference with probability `level`, and always contains the measured difference. The 95 % percentile
 * interval of the resamples is widened by two factors, because a small number of blocks shows too little variation. The first factor is the bound of
 * Student's t distribution for `level`, divided by the bound of the normal distribution for 95 %. The second factor is √(n/(n−1)). n is the number
 * of blocks of the run with fewer blocks (Hesterberg 2015, "What teachers should know about the bootstrap", The American Statistician 69).
 */
export function intervalOf(noise: Noise, level: number): [low: number, high: number] {
  const { difference, low, middle, high, freedom, widening } = noise
  const factor = (widening * studentBound(level, freedom)) / normalBound
  return [
    Math.min(difference, middle - (middle - low) * factor),
    Math.max(difference, middle + (high - middle) * factor),
  ]
}
