/** Headers that undici refuses or omits, so burst writes them itself. Most of them concern only one connection. */
const wireOnly = new Set(['connection', 'keep-alive', 'upgrade', 'expect', 'transfer-encoding'])

/** Returns whether undici would refuse or omit a header of this name (in lower case). */
export function isHopHeader(name: string): boolean {
  return wireOnly.has(name)
}

/** The headers of a request, divided into headers that undici sends and lines that burst adds to the head. */
export interface Divided {
  headers: Record<string, string | string[]>
  /** Lines for the head, each with its line break. */
  lines: string
  /** The value of the `connection` header, which replaces undici's own value; undefined if the request does not have this header. */
  connection: string | undefined
  /** `true` if the body is sent in chunks, without a length. */
  chunked: boolean
}

export function divideHeaders(all: Readonly<Record<string, string | string[]>>): Divided {
  const divided: Divided = { headers: {}, lines: '', connection: undefined, chunked: false }
  for (const [name, value] of Object.entries(all)) {
    if (!wireOnly.has(name)) divided.headers[name] = value
    else if (name === 'connection') divided.connection = String(value)
    else if (name === 'transfer-encoding') divided.chunked = true
    else for (const one of Array.isArray(value) ? value : [value]) divided.lines += `${name}: ${one}\r\n`
  }
  return divided
}

/** Returns whether a `connection` header closes the connection after the response. */
export function closes(connection: string | undefined): boolean {
  return connection !== undefined && /(?:^|,)\s*close\s*(?:,|$)/i.test(connection)
}
