import { type Distribution, hdrExtentOf } from '../../window/histograms/distribution.ts'

/** The upper bounds, in seconds, of the buckets in the exported histograms. */
export const boundsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 30, 60] as const

/**
 * Counts durations per bucket. Returns one count for each bound of `boundsS`, and one count for durations above the last bound. A duration is counted
 * as the lower end of its bin in the HdrHistogram. A duration up to 0.1 % above a bound may therefore be counted below the bound.
 */
export function countsByBound(lengths: Distribution): number[] {
  const counts = Array.from({ length: boundsS.length + 1 }, () => 0)
  let at = 0
  lengths.eachPlace((place, count) => {
    const { fromUs } = hdrExtentOf(place)
    while (at < boundsS.length && fromUs > (boundsS[at] ?? 0) * 1e6) at++
    counts[at] = (counts[at] ?? 0) + count
  })
  return counts
}
