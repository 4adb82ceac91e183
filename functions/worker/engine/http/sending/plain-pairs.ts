/**
 * Name and value of each entry of an object, a `Map`, `Headers`, `URLSearchParams` or a list of pairs.
 * @throws TypeError for anything else
 */
export function pairsOf<V>(
  given: Readonly<Record<string, V>> | Iterable<readonly [string, V]>,
  what: string,
): [string, V][] {
  if (typeof given !== 'object' || given === null) throw new TypeError(`${what} is ${typeof given}: give an object`)
  if (!(Symbol.iterator in given)) return Object.entries(given)
  return Array.from(given, (pair) => {
    if (Array.isArray(pair) && pair.length === 2) return [String(pair[0]), pair[1]]
    throw new TypeError(`${what} is a list whose items are not pairs: give an object`)
  })
}

/**
 * Name and value of each entry as texts: a list gives several pairs with the same name; `undefined` and `null` are left out.
 * @throws TypeError for a value that is neither text, a number, a boolean nor a date
 */
export function plainPairs(given: Parameters<typeof pairsOf<unknown>>[0], what: string): [string, string][] {
  return pairsOf(given, what).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value])
      .filter((one) => one !== undefined && one !== null)
      .map((one): [string, string] => {
        const text = plainText(one)
        if (text !== undefined) return [name.toWellFormed(), text.toWellFormed()]
        throw new TypeError(`${what}: '${name.slice(0, 40)}' is ${kindOf(one)}: give text, a number, or a list of them`)
      }),
  )
}

/** A plain value as text; undefined for other values. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return value instanceof Date ? value.toISOString() : undefined
}

/** The kind of a value in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
