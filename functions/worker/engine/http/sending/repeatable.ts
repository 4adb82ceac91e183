/**
 * The methods that have the same effect when a request is sent twice: RFC 9110 §9.2.2, and the methods of WebDAV and search that the registry lists
 * as idempotent.
 */
const idempotent = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
  'PROPFIND',
  'REPORT',
  'SEARCH',
])

interface Repeatable {
  method: string
  headers: Readonly<Record<string, unknown>>
}

/** Returns whether a request may be sent twice. */
export function isRepeatable({ method, headers }: Repeatable): boolean {
  return idempotent.has(method) || headers['idempotency-key'] !== undefined
}
