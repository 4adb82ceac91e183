import { type Entry, type Expr, id } from '../scenario/code.ts'
import { Names, camelCase } from '../scenario/names.ts'
import { type Pair, type Text, cutAt, plainText, splitAt, textExpr } from './request.ts'

/** A URL in its parts. */
export interface Target {
  /** Empty if it is not known before the run. */
  origin: string
  path: Text
  query: Pair[]
  /** The user name and the password in the URL. */
  login: string | null
}

/** Takes a URL apart. A URL without a scheme is http, as in curl; its origin is empty if it begins with an expression or a slash. */
export function targetOf(url: Text): Target {
  const [whole] = cutAt(url, '#')
  const [place, query] = cutAt(whole, '?')
  const { origin, path, login } = originOf(place)
  return { origin, path, query: query ? queryOf(query) : [], login }
}

// oxlint-disable-next-line complexity -- each form of the syntax is a condition of its own
function originOf(place: Text): Omit<Target, 'query'> {
  const [first, ...rest] = place.filter((part) => part !== '')
  if (first === undefined) return { origin: '', path: ['/'], login: null }
  if (typeof first !== 'string') return { origin: '', path: withSlash(rest), login: null }
  if (first.startsWith('/')) return { origin: '', path: [first, ...rest], login: null }
  const found = /^(?:([a-z][a-z\d+.-]*):\/\/)?(?:([^/@]*)@)?([^/]*)(.*)$/is.exec(first)
  const [, scheme = 'http', login, host = '', path = ''] = found ?? []
  return { origin: validOrigin(scheme, host), path: withSlash([path, ...rest]), login: login ?? null }
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

/** The parameters of a query, or the fields of a form, in their encoded form. */
export function queryOf(query: Text): Pair[] {
  return splitAt(query, '&')
    .filter((pair) => pair.length > 0)
    .map((pair) => {
      const [name, value] = cutAt(pair, '=')
      return { name: decoded(plainText(name) ?? 'value'), value: (value ?? []).map(decodedPart) }
    })
}

function decodedPart(part: string | Expr): string | Expr {
  return typeof part === 'string' ? decoded(part) : part
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // The text is not valid percent-encoding, so it is used without decoding.
    return text
  }
}

/** A path as a route: each segment with an expression in it becomes a parameter. */
export function routeOf(path: Text): { route: string; params: Entry[] } {
  const names = new Names()
  const params: Entry[] = []
  const segments = splitAt(path, '/').map((segment) => {
    const plain = plainText(segment)
    if (plain !== null) return plain.replace(/^:(?=\w)/, '%3A')
    const name = names.take(camelCase(nameIn(segment), 'part'))
    const value = textExpr(segment)
    params.push({ key: name, value: value.k === 'id' && value.name === name ? id(name) : value })
    return `:${name}`
  })
  return { route: safePath(segments.join('/')) || '/', params }
}

/** A path that begins with two slashes would be read as a host. */
function safePath(path: string): string {
  return path.replace(/^\/{2,}/, '/').replaceAll(/[\u0000-\u0020]/g, (one) => encodeURIComponent(one)) // oxlint-disable-line no-control-regex -- these cannot be sent in a path
}

/** The name of the first variable in the text. */
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
