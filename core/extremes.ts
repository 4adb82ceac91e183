/**
 * Returns the greatest number that `of` returns for the items; `least` if no number is greater than `least`. Unlike `Math.max(...)`, this function
 * accepts any number of items.
 */
export function greatest<T>(items: Iterable<T>, of: (item: T) => number, least = Number.NEGATIVE_INFINITY): number {
  let most = least
  for (const item of items) most = Math.max(most, of(item))
  return most
}

/** Calls `of` for each item and returns the smallest result; returns `most` if no result is smaller. */
export function smallest<T>(items: Iterable<T>, of: (item: T) => number, most = Number.POSITIVE_INFINITY): number {
  let least = most
  for (const item of items) least = Math.min(least, of(item))
  return least
}

/**
 * The greatest count that a message may contain. Real counts are far smaller than this limit. The limit is far below 2^53, so the sum of many counts
 * is exact.
 */
export const mostCount = 2 ** 45

/**
 * Adds a value from user code to `sum`, and returns the new sum, but at most `mostCount`. The value is rounded down to a whole number; a value of 0
 * or less adds 0.
 */
export function boundedSum(sum: number, added: number): number {
  return Math.min(mostCount, sum + (added > 0 ? Math.floor(added) : 0))
}
