interface Turns {
  fromMs: number
  endMs: number | null
  intervalMs: number | null
  windowMs: number
}

/**
 * The time of the first hand-over of a slice, which is the end of a window. Slices that begin together are spread evenly over the second half of an
 * interval, so that few slices are handed over at the same time and no turn is longer than an interval. Null if the run ends before that.
 */
export function firstHandOver({ fromMs, endMs, intervalMs, windowMs }: Turns, rank: number, of: number): number | null {
  if (intervalMs === null || (endMs !== null && endMs - fromMs <= intervalMs)) return null
  const windows = Math.max(1, Math.floor(intervalMs / windowMs))
  const first = Math.max(1, Math.floor((windows / 2) * (1 + (rank + 1) / of)))
  return fromMs + first * windowMs
}
