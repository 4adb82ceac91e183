import type { MutableHeaders, ReadonlyHeaders } from '../../../../core/authoring/http.ts'

/** Response headers as undici gives them, read when asked for. */
export class ResponseHeaders implements ReadonlyHeaders {
  readonly #raw: Record<string, string | string[] | undefined>

  constructor(raw: Record<string, string | string[] | undefined>) {
    this.#raw = raw
  }

  get(name: string): string | null {
    const value = this.#raw[name.toLowerCase()]
    if (value === undefined) return null
    return Array.isArray(value) ? value.join(', ') : value
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of Object.keys(this.#raw)) yield [name, this.get(name) ?? '']
  }
}

/** Headers that a user sends with every request; names in lower case. */
export class UserHeaders implements MutableHeaders {
  #values: Record<string, string> = {}

  get(name: string): string | null {
    return this.#values[name.toLowerCase()] ?? null
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  set(name: string, value: string): void {
    this.#values = { ...this.#values, [name.toLowerCase()]: headerValue(name, value) }
  }

  delete(name: string): void {
    const { [name.toLowerCase()]: _, ...rest } = this.#values
    this.#values = rest
  }

  entries(): IterableIterator<[string, string]> {
    return Object.entries(this.#values).values()
  }

  /** As they are now; not to be changed. */
  get values(): Readonly<Record<string, string>> {
    return this.#values
  }
}

/**
 * The value as it may be sent (RFC 9110 §5.5).
 * @throws TypeError when it has a line break or a character beyond Latin-1 in it
 */
export function headerValue(name: string, value: unknown): string {
  const text = String(value)
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text
  throw new TypeError(
    `header '${name}' has a character that HTTP does not allow: encode it, with encodeURIComponent() say`,
  )
}
