type Sent = Readonly<Record<string, string | string[]>>

/** Headers that are not sent over HTTP/2. Most of them concern one HTTP/1.1 connection (RFC 9113 §8.2.2). `host` is sent as `:authority`. */
const left = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te', 'host'])

interface Head {
  origin: string
  path: string
  method: string
  headers: Sent
}

/**
 * Returns the head of a request as a list of names and values.
 * @param length the value of `content-length`; null if the request has no such header
 */
export function headList({ origin, path, method, headers }: Head, length: number | null): string[] {
  const at = origin.indexOf('://')
  const authority = String(headers['host'] ?? origin.slice(at + 3))
  const list = [':method', method, ':scheme', origin.slice(0, at), ':authority', authority, ':path', path]
  for (const [name, value] of Object.entries(headers)) {
    if (left.has(name)) continue
    // A value that begins or ends with a space makes a request invalid (RFC 9113 §8.2.1). HTTP/1.1 ignores the space.
    for (const one of typeof value === 'string' ? [value] : value) list.push(name, one.trim())
  }
  if (length !== null) list.push('content-length', String(length))
  return list
}

/**
 * Returns the value of the `content-length` header: the length of the body, or 0 if the body is empty and the method usually has a body. Returns null
 * if the request is sent without this header.
 */
export function announcedLength(method: string, body: Uint8Array | null): number | null {
  if (body !== null && body.length > 0) return body.length
  return methodsWithBody.has(method) ? 0 : null
}

const methodsWithBody = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/** Converts a list of names and values to the headers of a response. A header that was sent several times has a list of values. */
export function headersOf(list: readonly string[]): Record<string, string | string[]> {
  // The headers are collected in a Map, because the target may send a header `__proto__`, which cannot be assigned to a plain object.
  const headers = new Map<string, string | string[]>()
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at] as string
    const value = list[at + 1] as string
    if (name.startsWith(':')) continue
    const before = headers.get(name)
    if (before === undefined) headers.set(name, value)
    else if (Array.isArray(before)) before.push(value)
    else headers.set(name, [before, value])
  }
  return Object.fromEntries(headers)
}
