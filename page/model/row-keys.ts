/**
 * Returns a key for each row of a table. If several rows have the same key, for example a name that is in several groups, the second and later keys
 * get a number, because Preact needs different keys.
 */
export function rowKeys<T>(rows: readonly T[], keyOf: (row: T, place: number) => string): string[] {
  const seen = new Map<string, number>()
  return rows.map((row, place) => {
    const key = keyOf(row, place)
    const before = seen.get(key) ?? 0
    seen.set(key, before + 1)
    // The name of a request contains no control character on this page, so the result differs from the keys of other rows.
    return before === 0 ? key : `${key}\u0000${before}`
  })
}
