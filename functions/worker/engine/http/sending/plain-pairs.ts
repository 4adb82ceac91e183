import type { ArrayStyle } from '../../../../../core/authoring/requests/bodies.ts'
import { inWords } from '../../../../../core/values-in-words.ts'

/**
 * Returns the name and the value of each entry of an object, a `Map`, `Headers`, `URLSearchParams` or a list of pairs.
 * @throws TypeError for any other value
 */
export function pairsOf<V>(
  given: Readonly<Record<string, V>> | Iterable<readonly [string, V]>,
  what: string,
): [string, V][] {
  if (typeof given !== 'object' || given === null) throw withoutPairs(given, what)
  if (!(Symbol.iterator in given)) return entriesOf(given, what)
  return Array.from(given, (pair) => {
    if (Array.isArray(pair) && pair.length === 2) return [String(pair[0]), pair[1]]
    throw new TypeError(`${what} is a list whose items are not pairs: give an object`)
  })
}

/**
 * Returns the entries of an object. Refuses a promise, a date, a Blob and similar objects: they have no entries, so the request would be sent without
 * the values.
 */
function entriesOf<V>(given: Readonly<Record<string, V>>, what: string): [string, V][] {
  const entries = Object.entries(given)
  if (entries.length === 0 && Object.prototype.toString.call(given) !== '[object Object]')
    throw withoutPairs(given, what)
  return entries
}

function withoutPairs(given: unknown, what: string): TypeError {
  const hint = given instanceof Promise ? 'await it' : 'give an object'
  return new TypeError(`${what} is ${inWords(given)}: ${hint}`)
}

/**
 * Returns three things for each entry: its name, its strings, and whether its value is a list. If the value is a list, there is one string for each
 * item. Otherwise, there is one string for the value. Omits `undefined` and `null`.
 * @throws TypeError for a value or an item that is not a string, a number, a bigint, a boolean or a date
 */
function plainLists(given: Parameters<typeof pairsOf<unknown>>[0], what: string): [string, string[], boolean][] {
  return pairsOf(given, what).map(([name, value]) => {
    const isList = Array.isArray(value)
    const items = isList ? (value as unknown[]) : [value]
    const texts = items.filter((one) => one !== undefined && one !== null).map((one) => checkedText(name, one, what))
    return [name.toWellFormed(), texts, isList]
  })
}

function checkedText(name: string, value: unknown, what: string): string {
  const text = plainText(value)
  if (text !== undefined) return text.toWellFormed()
  throw new TypeError(
    `${what}: '${name.slice(0, 40)}' is ${kindInWords(value)}: give a string, a number, or a list of them`,
  )
}

/** The encoding of values. `what` is the name of the values in messages. */
export interface Encoding {
  what: string
  /** Default `'repeat'`. */
  arrays: ArrayStyle | undefined
  /** Encodes a name or a value. */
  encode: (text: string) => string
}

/**
 * Returns the entries as `name=value&…`. With `'comma'`, the values of a list are separated by commas that are not encoded. A comma within a value is
 * encoded.
 * @throws TypeError for a value that cannot be sent
 */
export function urlEncoded(given: Parameters<typeof pairsOf<unknown>>[0], { what, arrays, encode }: Encoding): string {
  const pairs: string[] = []
  for (const [name, texts, isList] of plainLists(given, what)) {
    const key = encode(isList ? nameOfList(name, arrays) : name)
    if (isList && arrays === 'comma') {
      if (texts.length > 0) pairs.push(`${key}=${texts.map((text) => encode(text)).join(',')}`)
    } else for (const text of texts) pairs.push(`${key}=${encode(text)}`)
  }
  return pairs.join('&')
}

/** Returns the name under which the values of a list are sent. */
export function nameOfList(name: string, arrays: ArrayStyle | undefined): string {
  return arrays === 'brackets' && !name.endsWith('[]') ? `${name}[]` : name
}

/** Returns a string, a number, a bigint, a boolean or a date as a string; undefined for other values, and for an invalid date. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined
}

/** Returns, in words, the kind of a value that `plainText` cannot convert. */
export function kindInWords(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'an invalid date'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
