/** Headers between two neighbours of a connection. undici refuses them or keeps them back; burst sends them as they were given. */
const wireOnly = new Set(['connection', 'keep-alive', 'upgrade', 'expect', 'transfer-encoding'])

/** Whether undici would refuse a header of this name (in lower case) or leave it out. */
export function isHopHeader(name: string): boolean {
  return wireOnly.has(name)
}

/** A request's headers, divided into what undici sends and what has to be added to its head. */
export interface Divided {
  headers: Record<string, string | string[]>
  /** Lines for the head, each with its line end. */
  lines: string
  /** Value for the `connection` header instead of undici's own. */
  connection: string | undefined
  /** The body is sent in chunks, without a length. */
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

/** Whether a `connection` header ends the connection after the answer. */
export function closes(connection: string | undefined): boolean {
  return connection !== undefined && /(?:^|,)\s*close\s*(?:,|$)/i.test(connection)
}
