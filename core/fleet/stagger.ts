interface Turns {
  fromMs: number
  endMs: number | null
  intervalMs: number | null
  windowMs: number
}

/**
 * Returns the time at which a slice is first handed over: always the end of a window. Null if the run ends earlier. If slices begin together, their
 * first hand-overs are spread evenly over the second half of an interval. As a result, few hand-overs coincide, and no worker runs a slice for longer
 * than an interval.
 */
export function firstHandOver({ fromMs, endMs, intervalMs, windowMs }: Turns, rank: number, of: number): number | null {
  if (intervalMs === null || (endMs !== null && endMs - fromMs <= intervalMs)) return null
  const windows = Math.max(1, Math.floor(intervalMs / windowMs))
  const first = Math.max(1, Math.floor((windows / 2) * (1 + (rank + 1) / of)))
  return fromMs + first * windowMs
}
