import { type Entry, type Expr, str } from '../../scenario/code.ts'
import { camelCase } from '../../scenario/names.ts'
import type { Route } from './routes.ts'

/** Returns true if a name is equivalent to the route. For example, the name `/product/[id]` is equivalent to the route `/product/:id`. */
export function isSameRoute(name: string, route: Expr): boolean {
  if (route.k !== 'str') return false
  const plain = (text: string): string => text.split('?')[0]?.replaceAll(placeholders, ':') ?? ''
  return plain(name) === plain(route.value.replace(/^https?:\/\/[^/]+/, ''))
}

const placeholders = /\[[^\]/]*\]|\{[^}/]*\}|<[^>/]*>|:\w+/g

/**
 * If `name` is equivalent to the route, gives the parameters of the route the same names as in `name`. Requests with equal names in Locust then also
 * have equal names in burst.
 */
export function namedAlike<R extends Pick<Route, 'route' | 'params'>>(found: R, name: string): R {
  const { route, params } = found
  if (route.k !== 'str' || params.length === 0 || !isSameRoute(name, route)) return found
  const words = [...(name.split('?')[0] ?? '').matchAll(placeholders)].map(([one]) => camelCase(one, ''))
  const own = params.map((param, index) => ('key' in param ? words[index] || param.key : ''))
  if (own.includes('') || new Set(own).size < own.length) return found
  let next = 0
  return {
    ...found,
    route: str(route.value.replaceAll(/(?<=\/):\w+/g, () => `:${own[next++]}`)),
    params: params.map((param, index): Entry => ({ ...param, key: own[index] ?? '' })),
  }
}
