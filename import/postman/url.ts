import { at, listAt, textAt } from '../requests/bodies/json.ts'

/**
 * Returns the URL of a request as text. Replaces each `:name` in the path with its value, and omits disabled parameters of the query. Returns an
 * empty string if the request has no URL.
 */
export function urlOf(request: unknown): string {
  const url = at(request, 'url') ?? request
  const raw = typeof url === 'string' ? url : textAt(url, 'raw')
  const pairs = listAt(url, 'query')
  // `raw` may contain disabled parameters. If a parameter is disabled, or if `raw` is missing, the query is built from `pairs`.
  const isListed = raw === '' || pairs.some((pair) => at(pair, 'disabled') === true)
  const [place = '', ...rest] = (raw === '' ? placeIn(url) : raw).split('?')
  const query = isListed ? queryIn(pairs) : rest.join('?')
  const whole = withValues(place, listAt(url, 'variable'))
  return query === '' ? whole : `${whole}?${query}`
}

/** Joins the protocol, the host, the port and the path of a URL that does not have the field `raw`. */
function placeIn(url: unknown): string {
  const [host, path] = [joinedAt(url, 'host', '.'), joinedAt(url, 'path', '/')]
  const [protocol, port] = [textAt(url, 'protocol').replace(/:?\/*$/, ''), textAt(url, 'port')]
  const scheme = protocol === '' || host === '' ? '' : `${protocol}://`
  return `${scheme}${host}${port === '' ? '' : `:${port}`}${path === '' ? '' : path.replace(/^\/?/, '/')}`
}

/** Returns a string unchanged, and joins the strings of a list. */
function joinedAt(url: unknown, key: string, separator: string): string {
  const parts = listAt(url, key).map((part) => (typeof part === 'string' ? part : textAt(part, 'value')))
  return parts.length > 0 ? parts.join(separator) : textAt(url, key)
}

/** Returns the query without disabled parameters. Encodes `&` and `#` in a parameter, as Postman does. */
function queryIn(pairs: readonly unknown[]): string {
  const encoded = (text: string): string => text.replaceAll(/[&#]/g, encodeURIComponent)
  return pairs
    .filter((pair) => at(pair, 'disabled') !== true)
    .map((pair) => {
      const name = encoded(textAt(pair, 'key')).replaceAll('=', '%3D')
      const value = at(pair, 'value')
      return value === null || value === undefined ? name : `${name}=${encoded(textAt(pair, 'value'))}`
    })
    .join('&')
}

/** Replaces each segment `:name` with the value of the path variable. A variable without a value becomes a variable of the command line. */
function withValues(place: string, values: readonly unknown[]): string {
  const valueOf = (name: string): string | null => {
    const one = values.find((value) => textAt(value, 'key') === name || textAt(value, 'id') === name)
    // A constant `?` or `#` would end the path.
    return one === undefined ? null : textAt(one, 'value').replaceAll(/[?#](?![^{}]*\}\})/g, encodeURIComponent)
  }
  return place.replaceAll(/(?<=\/):([^/{}]+)/g, (_, name: string) => {
    const [, first = '', rest = ''] = /^(\w*)(.*)$/s.exec(name) ?? []
    const whole = valueOf(name)
    const part = whole === null && first !== '' ? valueOf(first) : null
    if (part !== null) return (part || `{{${first}}}`) + rest
    return whole || `{{${name}}}`
  })
}
