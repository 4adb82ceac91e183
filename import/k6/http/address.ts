import { type Text, cutAt, splitAt, textExpr } from '../../requests/request.ts'
import { routeOf, targetOf } from '../../requests/url.ts'
import type { Entry, Expr } from '../../scenario/code.ts'
import type { RequestFact } from '../frame.ts'
import { isOpaque, withoutOrigin } from './url.ts'

export interface Address {
  address: Expr
  params: Entry[]
  query: Entry[]
  fact: Pick<RequestFact, 'origin' | 'settle'> & { route: string; login: string | null }
}

/**
 * Returns the address of a request: a route with its parameters if possible. `settle` adds the origin of the URL unless this origin is the host of
 * the scenario.
 */
export function addressOf(url: Text, isKnown: boolean): Address {
  if (!isKnown) return wholeAddress(url, '')
  const target = targetOf(url)
  const origin = target.origin || leadingOrigin(url)
  if (isOpaque(withoutOrigin(url, origin)) || hasOpenQuery(url)) return wholeAddress(url, origin)
  const { route, params } = routeOf(target.path)
  const address = { k: 'str' as const, value: route }
  const settle = (host: string): void => {
    if (target.origin !== '' && target.origin !== host) address.value = target.origin + route
  }
  return {
    address,
    params,
    query: queryEntries(target.query),
    fact: { origin: target.origin, settle, route, login: target.login },
  }
}

/** Returns true if the query contains an expression in place of a name. */
function hasOpenQuery(url: Text): boolean {
  const [, query] = cutAt(url, '?')
  return query !== null && splitAt(query, '&').some((pair) => typeof pair.find((part) => part !== '') === 'object')
}

/** Returns the origin at the beginning of a URL, even if the rest of the URL is an expression. */
function leadingOrigin([first]: Text): string {
  const found = typeof first === 'string' ? /^https?:\/\/[^/?#]+$/i.exec(first) : null
  return (found && URL.parse(found[0])?.origin) ?? ''
}

/**
 * Returns the address of a URL that cannot be split into a route and parameters. `settle` removes the origin of the URL if this origin is the host of
 * the scenario.
 */
function wholeAddress(url: Text, origin: string): Address {
  const address = { ...textExpr(url) }
  const settle = (host: string): void => {
    if (origin !== '' && origin === host) Object.assign(address, textExpr(withoutOrigin(url, origin)))
  }
  return { address, params: [], query: [], fact: { origin, settle, route: '', login: null } }
}

function queryEntries(query: readonly { name: string; value: Text }[]): Entry[] {
  const names = [...new Set(query.map(({ name }) => name))]
  return names.map((key) => {
    const values = query.filter(({ name }) => name === key).map(({ value }) => textExpr(value))
    return { key, value: values.length === 1 ? (values[0] as Expr) : { k: 'array', items: values } }
  })
}
