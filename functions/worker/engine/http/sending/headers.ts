import type { HeaderValue, MutableHeaders, ReadonlyHeaders } from '../../../../../core/authoring/http.ts'
import { kindOf, plainText } from './plain-pairs.ts'

/** Response headers as undici gives them, read when asked for. */
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

  /** A target chooses the names: `constructor` is not a header unless it sent one. */
  #values(name: string): string | string[] | undefined {
    const key = name.toLowerCase()
    return Object.hasOwn(this.#raw, key) ? this.#raw[key] : undefined
  }
}

type Sent = Record<string, string | string[]>

/** Headers that a user sends with every request; names in lower case. */
export class UserHeaders implements MutableHeaders {
  #values: Sent = {}

  get(name: string): string | null {
    const all = this.getAll(name)
    return all.length === 0 ? null : all.join(', ')
  }

  getAll(name: string): string[] {
    const key = name.toLowerCase()
    return Object.hasOwn(this.#values, key) ? [this.#values[key] ?? []].flat() : []
  }

  getSetCookie(): string[] {
    return this.getAll('set-cookie')
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name.toLowerCase())
  }

  set(name: string, value: HeaderValue): void {
    const changed = { ...this.#values }
    setHeader(changed, name, value)
    this.#values = changed
  }

  delete(name: string): void {
    const { [name.toLowerCase()]: _, ...rest } = this.#values
    this.#values = rest
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of Object.keys(this.#values)) yield [name, this.get(name) ?? '']
  }

  /** Takes over what `values` gave elsewhere. */
  restore(values: Readonly<Sent>): void {
    this.#values = { ...values }
  }

  /** As they are now; not to be changed. */
  get values(): Readonly<Sent> {
    return this.#values
  }
}

/**
 * Sets a header, in lower case; a list is sent as that many headers, `undefined` and `null` take the header away.
 * @throws TypeError when HTTP does not allow the name or the value
 */
export function setHeader(into: Sent, name: string, value: HeaderValue): void {
  const key = headerName(name)
  if (value === undefined || value === null) delete into[key]
  else into[key] = Array.isArray(value) ? value.map((one) => headerValue(name, one)) : headerValue(name, value)
}

function headerName(name: string): string {
  // An object cannot hold `__proto__`, and no server reads such a header.
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && name !== '__proto__') return name.toLowerCase()
  throw new TypeError(`'${name.slice(0, 40)}' cannot be the name of a header`)
}

/**
 * The value as it may be sent (RFC 9110 §5.5).
 * @throws TypeError when it has a line break or a character beyond Latin-1 in it, or is neither text nor a number
 */
function headerValue(name: string, value: unknown): string {
  const text = plainText(value)
  if (text === undefined) throw new TypeError(`header '${name}' is ${kindOf(value)}: give text or a number`)
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text
  throw new TypeError(
    `header '${name}' has a character that HTTP does not allow: encode it, with encodeURIComponent() say`,
  )
}
