import type { Fields } from '../../../../../core/authoring/requests/bodies.ts'
import type { HeaderValue, MutableHeaders, ReadonlyHeaders } from '../../../../../core/authoring/requests/http.ts'
import { inWords } from '../../../../../core/values-in-words.ts'
import { kindInWords, pairsOf, plainText } from './plain-pairs.ts'
import { guardProperties } from './properties.ts'

/** The headers of a response. They are stored as undici delivers them, and are converted only when the scenario reads them. */
export class ResponseHeaders implements ReadonlyHeaders {
  readonly #raw: Record<string, string | string[] | undefined>

  constructor(raw: Record<string, string | string[] | undefined>) {
    this.#raw = raw
  }

  get(name: string): string | null {
    const value = this.#values(name)
    if (value === undefined) return null
    return Array.isArray(value) ? value.join(', ') : value
  }

  getAll(name: string): string[] {
    const value = this.#values(name)
    if (value === undefined) return []
    return Array.isArray(value) ? [...value] : [value]
  }

  getSetCookie(): string[] {
    return this.getAll('set-cookie')
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of Object.keys(this.#raw)) yield [name, this.get(name) ?? '']
  }

  /**
   * Returns the values of a header. Reads only own properties: for example, `constructor` is a header only if the target sent a header of this name.
   */
  #values(name: string): string | string[] | undefined {
    const key = keyOf(name)
    return Object.hasOwn(this.#raw, key) ? this.#raw[key] : undefined
  }
}

const readHeader = (headers: ReadonlyHeaders, name: string): string | undefined => headers.get(name) ?? undefined

// The scenario may also read a header as a property, for example `headers['Content-Type']`, as in other tools.
guardProperties(ResponseHeaders.prototype, {
  refusal: () => 'the headers of a response cannot be changed',
  read: readHeader,
})

type Sent = Record<string, string | string[]>

/** The headers of a user that has not set any headers. */
export const noOwnHeaders: Readonly<Sent> = Object.freeze({})

/** The headers that a user sends with every request. Their names are in lower case. */
export class UserHeaders implements MutableHeaders {
  #values: Readonly<Sent> = noOwnHeaders

  get(name: string): string | null {
    const all = this.getAll(name)
    return all.length === 0 ? null : all.join(', ')
  }

  getAll(name: string): string[] {
    const key = keyOf(name)
    return Object.hasOwn(this.#values, key) ? [this.#values[key] ?? []].flat() : []
  }

  getSetCookie(): string[] {
    return this.getAll('set-cookie')
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, keyOf(name))
  }

  set(name: string, value: HeaderValue): void {
    const changed = { ...this.#values }
    setHeader(changed, name, value)
    this.#values = changed
  }

  delete(name: string): void {
    const { [keyOf(name)]: _, ...rest } = this.#values
    this.#values = rest
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of Object.keys(this.#values)) yield [name, this.get(name) ?? '']
  }

  /** Restores the headers of the user in the next worker. `values` are the headers that the user had in the previous worker. */
  restore(values: Readonly<Sent>): void {
    this.#values = Object.keys(values).length === 0 ? noOwnHeaders : { ...values }
  }

  /** The current headers. The caller must not change them. */
  get values(): Readonly<Sent> {
    return this.#values
  }
}

guardProperties(UserHeaders.prototype, {
  refusal: (name) => `a header is not a property: write this.http.headers.set('${name.slice(0, 40)}', value)`,
  read: readHeader,
})

/**
 * Sets a header and stores its name in lower case. A list is sent as several headers. `undefined` and `null` remove the header.
 * @throws TypeError when the name or the value cannot be sent
 */
export function setHeader(into: Sent, name: string, value: HeaderValue): void {
  const key = headerName(name)
  if (value === undefined || value === null) delete into[key]
  else into[key] = Array.isArray(value) ? headerValues(name, value) : headerValue(name, value)
}

/**
 * Returns the headers of a request as pairs of a name and a value. If a list of pairs contains a name several times, its values are combined in one
 * list, as in `fetch`. If names in an object differ only in case, the value of the last name is used.
 * @throws TypeError when the headers are neither an object nor pairs
 */
export function headerPairs(given: Fields<HeaderValue>): [string, HeaderValue][] {
  const pairs = pairsOf(given, 'headers')
  return Array.isArray(given) ? combined(pairs) : pairs
}

function combined(pairs: readonly [string, HeaderValue][]): [string, HeaderValue][] {
  const byName = Map.groupBy(pairs, ([name]) => keyOf(name))
  return Array.from(byName.values(), (group) => {
    const [[name, value]] = group as [[string, HeaderValue]]
    return [name, group.length === 1 ? value : group.flatMap(([, one]) => one ?? [])]
  })
}

/** Combines several layers of headers. A header of a later layer replaces the headers of the same name in earlier layers. */
export function mergedHeaders(
  ...layers: readonly (readonly (readonly [string, HeaderValue])[])[]
): [string, HeaderValue][] {
  const merged = new Map<string, [string, HeaderValue]>()
  for (const [name, value] of layers.flat()) merged.set(keyOf(name), [name, value])
  return [...merged.values()]
}

/** Returns the values of a header that the scenario sets to a list. As in a query string, items that are undefined or null are left out. */
function headerValues(name: string, items: readonly unknown[]): string[] {
  return items.filter((one) => one !== undefined && one !== null).map((one) => headerValue(name, one))
}

/**
 * Returns the name of a header in lower case.
 * @throws TypeError when the name is not a string
 */
function keyOf(name: unknown): string {
  if (typeof name === 'string') return name.toLowerCase()
  throw new TypeError(`the name of a header is ${inWords(name)}; it must be a string`)
}

function headerName(name: string): string {
  const key = keyOf(name)
  // `__proto__` is refused, because it cannot be assigned as a key of an object. Servers do not read a header of this name.
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && name !== '__proto__') return key
  throw new TypeError(`'${name.slice(0, 40)}' cannot be the name of a header`)
}

/**
 * Converts the value of a header to the string that is sent (RFC 9110 §5.5).
 * @throws TypeError when the value is not a string, a number, a bigint, a boolean or a date
 * @throws TypeError when the string contains a line break or another control character (except a tab), or a character beyond Latin-1
 */
function headerValue(name: string, value: unknown): string {
  const text = plainText(value)
  if (text === undefined) throw new TypeError(`header '${name}' is ${kindInWords(value)}: give a string or a number`)
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text
  throw new TypeError(
    `header '${name}' has a character that HTTP does not allow: encode the value, for example with encodeURIComponent()`,
  )
}
