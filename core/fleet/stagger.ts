interface Turns {
  fromMs: number
  endMs: number | null
  intervalMs: number | null
  windowMs: number
}

/**
 * Returns the time of the first hand-over of a slice, which is always the end of a window. Returns null if the plan has no hand-overs (`intervalMs`
 * is null), or if the run ends at most one interval after `fromMs`. If slices begin together, their first hand-overs are spread evenly over the
 * second half of an interval. As a result, few hand-overs coincide, and a worker runs a slice for at most one interval.
 * @param rank the position of the slice among the slices that begin together, from 0
 * @param of the number of slices that begin together
 */
export function firstHandOver({ fromMs, endMs, intervalMs, windowMs }: Turns, rank: number, of: number): number | null {
  if (intervalMs === null || (endMs !== null && endMs - fromMs <= intervalMs)) return null
  const windows = Math.max(1, Math.floor(intervalMs / windowMs))
  const first = Math.max(1, Math.floor((windows / 2) * (1 + (rank + 1) / of)))
  return fromMs + first * windowMs
}
