import { type Entry, type Expr, id } from '../scenario/code.ts'
import { Names, camelCase } from '../scenario/names.ts'
import { type Pair, type Text, cutAt, plainText, splitAt, textExpr } from './request.ts'

/** The parts of a URL. */
export interface Target {
  /** The origin; empty if the URL is a path or is not an HTTP URL, or if the origin is not known before the run. */
  origin: string
  /** The part before the path, for a URL whose origin contains variables. Empty for all other URLs. */
  base: Text
  path: Text
  query: Pair[]
  /** The user name and the password in the URL; null if the URL does not contain them. */
  login: string | null
}

/**
 * Splits a URL into its parts. A URL without a scheme gets the scheme `http`, as in curl. The origin is empty if the URL is a path, if the origin
 * contains an expression, or if the scheme is not `http` or `https`.
 */
export function targetOf(url: Text): Target {
  const [whole] = cutAt(url, '#')
  const [place, query] = cutAt(whole, '?')
  const { origin, base, path, login } = originOf(place)
  return { origin, base, path, query: query ? queryOf(query) : [], login }
}

function originOf(place: Text): Omit<Target, 'query'> {
  const parts = place.filter((part) => part !== '')
  const [first] = parts
  if (first === undefined) return { origin: '', base: [], path: ['/'], login: null }
  if (typeof first === 'string' && first.startsWith('/')) return { origin: '', base: [], path: parts, login: null }
  const { scheme, rest } = schemeOf(parts)
  const [authority, after] = cutAt(rest, '/')
  const path = withSlash(after ?? [])
  const plain = plainText([...(scheme ?? ['http']), '://', ...authority])
  if (plain === null) {
    const base = [...(scheme ? [...scheme, '://'] : []), ...authority].filter((part) => part !== '')
    return { origin: '', base, path, login: null }
  }
  const [, name = '', login, host = ''] = /^(.*?):\/\/(?:([^@]*)@)?(.*)$/s.exec(plain) ?? []
  return { origin: validOrigin(name, host), base: [], path, login: login ?? null }
}

/** Returns the scheme before `://`. The scheme may be an expression. */
function schemeOf(place: Text): { scheme: Text | null; rest: Text } {
  const [scheme, rest] = cutAt(place, '://')
  const isPath = scheme.some((part) => typeof part === 'string' && part.includes('/'))
  return rest === null || isPath ? { scheme: null, rest: place } : { scheme, rest }
}

/** Returns a key that is equal for URLs of the same host, even if the host is unknown before the run. Returns an empty string for a path. */
export function hostKey({ origin, base }: Target): string {
  return origin === '' && base.length > 0 ? JSON.stringify(base) : origin
}

/** Returns the beginning of a URL as text, with placeholders for expressions, such as `<scheme>://<host>:<port>`. */
export function baseInWords(base: Text): string {
  return base.map((part) => (typeof part === 'string' ? part : `<${nameOf(part)}>`)).join('')
}

function validOrigin(scheme: string, host: string): string {
  const url = URL.parse(`${scheme}://${host}`)
  return url && ['http:', 'https:'].includes(url.protocol) ? url.origin : ''
}

function withSlash(path: Text): Text {
  const [first, ...rest] = path.filter((part) => part !== '')
  if (first === undefined) return ['/']
  return typeof first === 'string' && first.startsWith('/') ? [first, ...rest] : ['/', first, ...rest]
}

/**
 * Splits an encoded query or form into its parameters or fields, and decodes their names and values. A name that contains an expression becomes
 * `value`.
 */
export function queryOf(query: Text): Pair[] {
  return splitAt(query, '&')
    .filter((pair) => pair.length > 0)
    .map((pair) => {
      const [name, value] = cutAt(pair, '=')
      return { name: decoded(plainText(name) ?? 'value'), value: (value ?? []).map(decodedPart) }
    })
}

/** Returns `value` for `encodeURIComponent(value)`, because burst encodes values itself. */
function decodedPart(part: string | Expr): string | Expr {
  if (typeof part === 'string') return decoded(part)
  const isEncoded = part.k === 'call' && part.of.k === 'id' && part.of.name === 'encodeURIComponent'
  return isEncoded ? (part.args[0] ?? part) : part
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // Text that is not valid percent-encoding is used without decoding.
    return text
  }
}

/** Returns a path as a route: each segment with an expression in it becomes a parameter. */
export function routeOf(path: Text): { route: string; params: Entry[] } {
  const names = new Names()
  const params: Entry[] = []
  const segments = splitAt(path, '/').map((segment) => {
    const plain = plainText(segment)
    if (plain !== null) return plain.replace(/^:(?=\w)/, '%3A')
    const name = names.take(camelCase(nameIn(segment), 'part'))
    const { value, extension } = splitExtension(segment)
    params.push({ key: name, value: value.k === 'id' && value.name === name ? id(name) : value })
    return `:${name}${extension}`
  })
  return { route: safePath(segments.join('/')) || '/', params }
}

/** Splits a segment such as `${id}.pdf` into the parameter and the extension, which is part of the route. */
function splitExtension(segment: Text): { value: Expr; extension: string } {
  const [first, last, more] = segment.filter((part) => part !== '')
  const isSplit = typeof first === 'object' && typeof last === 'string' && more === undefined && /^\.\w+$/.test(last)
  return isSplit ? { value: first, extension: last } : { value: textExpr(segment), extension: '' }
}

/**
 * Removes all but one of the slashes at the beginning of a path, because the first segment of the path would otherwise become a host. Encodes spaces
 * and control characters.
 */
function safePath(path: string): string {
  return path.replace(/^\/{2,}/, '/').replaceAll(/[\u0000-\u0020]/g, (one) => encodeURIComponent(one)) // oxlint-disable-line no-control-regex -- these cannot be sent in a path
}

/** Returns the name of the first variable in the text. */
function nameIn(text: Text): string {
  const found = text.find((part) => typeof part !== 'string')
  return typeof found === 'object' ? nameOf(found) : 'part'
}

function nameOf(expr: Expr): string {
  if (expr.k === 'id' || expr.k === 'member') return expr.name
  if (expr.k === 'index') return expr.at.k === 'str' ? expr.at.value : 'part'
  if (expr.k === 'binary') return nameOf(expr.left)
  if (expr.k === 'call') return expr.args[0] ? nameOf(expr.args[0]) : nameOf(expr.of)
  return 'part'
}
