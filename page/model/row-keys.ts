/**
 * Returns a different key for each row of a table, because Preact needs different keys. If `keyOf` returns the same key for several rows, for example
 * for a name that is in several groups, the second and later keys get a number.
 */
export function rowKeys<T>(rows: readonly T[], keyOf: (row: T, place: number) => string): string[] {
  const seen = new Map<string, number>()
  return rows.map((row, place) => {
    const key = keyOf(row, place)
    const before = seen.get(key) ?? 0
    seen.set(key, before + 1)
    // On this page, the name of a request never contains a control character, so the result differs from the keys of other rows.
    return before === 0 ? key : `${key}\u0000${before}`
  })
}
