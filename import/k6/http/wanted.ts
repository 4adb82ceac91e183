import { requestMethods } from '../frame.ts'
import { type Node, stringOf } from '../syntax.ts'

const withoutBody = new Set(['get', 'head'])

/** The arguments of a request in k6. */
export interface Wanted {
  verb: string
  method: Node | null
  url: Node
  body: Node | null
  params: Node | null
}

/** Reads the arguments of `http.get(url, params)`, `http.post(url, body, params)` or `http.request(method, url, body, params)`. */
export function wantedOf(name: string, args: readonly Node[]): Wanted | null {
  const isFree = requestMethods[name] === ''
  const [url, ...rest] = isFree ? args.slice(1) : args
  if (!url) return null
  const [body, params] = withoutBody.has(name) ? [null, rest[0] ?? null] : [rest[0] ?? null, rest[1] ?? null]
  const given = isFree ? (args[0] ?? null) : null
  const verb = isFree ? (stringOf(given)?.toUpperCase() ?? '') : (requestMethods[name] ?? '')
  return { verb, method: given, url, body, params }
}
