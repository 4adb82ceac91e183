import type { RequestOptions } from '../../../../../core/authoring/requests/http.ts'
import { urlEncoded } from './plain-pairs.ts'
import { inWords } from '../../../../../core/values-in-words.ts'

/** A route that is split at its parameters. For `/product/:id.json`, `pieces` is `['/product/', '.json']`, and `params` is `['id']`. */
export interface Template {
  pieces: string[]
  params: string[]
}

// Matches a parameter in a path: `/:name`, up to the next character that is not in [A-Za-z0-9_].
const parameter = /\/:([A-Za-z0-9_]+)/g

export function parseTemplate(route: string): Template {
  const queryAt = route.indexOf('?')
  const path = queryAt === -1 ? route : route.slice(0, queryAt)
  const pieces: string[] = []
  const params: string[] = []
  let from = 0
  for (const found of path.matchAll(parameter)) {
    pieces.push(route.slice(from, found.index + 1))
    params.push(found[1] as string)
    from = found.index + found[0].length
  }
  pieces.push(route.slice(from))
  return { pieces, params }
}

/**
 * Returns the URL or path of a template. The values of the parameters are percent-encoded. A surrogate without its other half cannot be encoded. As
 * in a query, burst sends U+FFFD instead of such a surrogate.
 * @throws TypeError when the value of a parameter is missing, or is not a string, a finite number, a bigint or a boolean
 */
export function fillTemplate(template: Template, params: Readonly<Record<string, string | number>> = {}): string {
  let filled = template.pieces[0] as string
  template.params.forEach((name, index) => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined
    if (value === undefined) throw new TypeError(`the route needs params: { ${name} }`)
    if (!isPlain(value))
      throw new TypeError(`params: { ${name} } is ${inWords(value)}; it must be a string or a number`)
    filled += encodeURIComponent(String(value).toWellFormed()) + (template.pieces[index + 1] as string)
  })
  return filled
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : /string|boolean|bigint/.test(typeof value)
}

/** Appends a query to a path that may already have a query. Removes the fragment, because fragments are not sent. */
export function withQuery(path: string, query: RequestOptions['query'], arrays?: RequestOptions['arrays']): string {
  const hashAt = path.indexOf('#')
  const bare = hashAt === -1 ? path : path.slice(0, hashAt)
  if (query === undefined || query === null) return bare
  const pairs = urlEncoded(query, { what: 'query', arrays, encode: encodeURIComponent })
  if (pairs === '') return bare
  return `${bare}${bare.includes('?') ? '&' : '?'}${pairs}`
}

/**
 * Returns the name of a route in the statistics: the route without its query and fragment, or `/` if nothing remains. If the route is on the run's
 * host, the name does not contain the host.
 */
export function nameOfRoute(route: string, host: string): string {
  const own = route.startsWith(host) && /^[/?#]|^$/.test(route.slice(host.length)) ? route.slice(host.length) : route
  const path = own.replace(/[?#].*$/s, '')
  return path === '' ? '/' : path
}

/** Removes the method from the beginning of a name, because the report shows the method before each name. */
export function withoutMethod(method: string, name: string): string {
  const rest = name.startsWith(`${method} `) ? name.slice(method.length).trimStart() : ''
  return rest === '' ? name : rest
}
