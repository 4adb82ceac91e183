import { type Text, plainText, textExpr } from '../../requests/request.ts'
import { routeOf, targetOf } from '../../requests/url.ts'
import {
  type Entry,
  type Expr,
  awaited,
  call,
  id,
  member,
  method,
  num,
  object,
  self,
  snippet,
  str,
  template,
} from '../../scenario/code.ts'
import { type Frame, type RequestFact, apiOf, note, requestMethods, translate } from '../frame.ts'
import { type Node, numberOf, stringOf } from '../syntax.ts'
import { bodyOption } from './body.ts'
import { type Part, entriesOf, partNamed, partsOf } from './objects.ts'
import { isOpaque, urlParts, withoutOrigin } from './url.ts'

const withoutBody = new Set(['get', 'head'])
const verbs = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

/** The arguments of a request in k6. */
export interface Wanted {
  verb: string
  method: Node | null
  url: Node
  body: Node | null
  params: Node | null
}

/** Sorts the arguments of `http.get(url, params)`, `http.post(url, body, params)` and `http.request(method, url, body, params)`. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
export function wantedOf(name: string, args: readonly Node[]): Wanted | null {
  const isFree = requestMethods[name] === ''
  const [url, ...rest] = isFree ? args.slice(1) : args
  if (!url) return null
  const [body, params] = withoutBody.has(name) ? [null, rest[0] ?? null] : [rest[0] ?? null, rest[1] ?? null]
  const given = isFree ? (args[0] ?? null) : null
  const verb = isFree ? (stringOf(given)?.toUpperCase() ?? '') : (requestMethods[name] ?? '')
  return { verb, method: given, url, body, params }
}

/** The pending request: `this.http.get(…)`, or `send(…)` in a hook. */
export function pendingRequest(wanted: Wanted, frame: Frame): Expr {
  const { url, isKnown } = urlParts(wanted.url, frame)
  const parts = paramsOf(wanted.params, frame)
  if (frame.mode === 'hook') return hookRequest(wanted, parts, { frame, url, isKnown })
  const { address, params, query, fact } = addressOf(url, isKnown)
  const name = tagName(parts, wanted.verb)
  const options = [
    ...(params.length > 0 ? [{ key: 'params', value: object(params) }] : []),
    ...(query.length > 0 ? [{ key: 'query', value: object(query) }] : []),
    ...optionsOf(wanted, parts, frame),
    ...(name !== null && name !== fact.route ? [{ key: 'name', value: str(name) }] : []),
    ...(fact.login === null ? [] : [loginEntry(fact.login)]),
  ]
  frame.module.facts.push({
    method: wanted.verb,
    tags: tagsOf(parts, frame),
    group: frame.group,
    origin: fact.origin,
    settle: fact.settle,
    nameFor: (host) => name ?? (fact.origin === '' || fact.origin === host ? fact.route : fact.origin + fact.route),
  })
  const pending = callOf(wanted, [address, ...(options.length > 0 ? [object(options)] : [])], frame)
  return expected(pending, parts, frame)
}

interface Address {
  address: Expr
  params: Entry[]
  query: Entry[]
  fact: Pick<RequestFact, 'origin' | 'settle'> & { route: string; login: string | null }
}

/** The route of a request. The origin is left out when it is the host of the scenario. */
function addressOf(url: Text, isKnown: boolean): Address {
  if (!isKnown) return wholeAddress(url, '')
  const target = targetOf(url)
  const origin = target.origin || leadingOrigin(url)
  if (isOpaque(withoutOrigin(url, origin))) return wholeAddress(url, origin)
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

/** The origin that a URL begins with; the rest of such a URL is an expression. */
function leadingOrigin([first]: Text): string {
  const found = typeof first === 'string' ? /^https?:\/\/[^/?#]+$/i.exec(first) : null
  return (found && URL.parse(found[0])?.origin) ?? ''
}

/** A URL that is one expression. */
function wholeAddress(url: Text, origin: string): Address {
  const address = { ...textExpr(url) }
  const settle = (host: string): void => {
    if (origin !== '' && origin === host) Object.assign(address, textExpr(withoutOrigin(url, origin)))
  }
  return { address, params: [], query: [], fact: { origin, settle, route: '', login: null } }
}

function callOf(wanted: Wanted, args: readonly Expr[], frame: Frame): Expr {
  const http = member(self, 'http')
  if (verbs.has(wanted.verb)) return method(http, wanted.verb.toLowerCase(), ...args)
  const name = wanted.verb === '' && wanted.method ? translate(wanted.method, frame) : str(wanted.verb)
  return method(http, 'request', name, ...args)
}

function queryEntries(query: readonly { name: string; value: Text }[]): Entry[] {
  const names = [...new Set(query.map(({ name }) => name))]
  return names.map((key) => {
    const values = query.filter(({ name }) => name === key).map(({ value }) => textExpr(value))
    return { key, value: values.length === 1 ? (values[0] as Expr) : { k: 'array', items: values } }
  })
}

function loginEntry(login: string): Entry {
  const [user = '', ...password] = login.split(':').map(decodeLogin)
  const value = object([
    { key: 'user', value: str(user) },
    { key: 'password', value: str(password.join(':')) },
  ])
  return { key: 'auth', value }
}

function decodeLogin(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // The text is not valid percent-encoding.
    return text
  }
}

/** The parameters as parts of an object. An object with unknown content counts as a spread. */
function paramsOf(node: Node | null, frame: Frame): Part[] {
  if (!node || (node.type === 'Literal' && node.value === null)) return []
  return partsOf(node, frame) ?? [{ spread: node }]
}

/** The name that a request has in the statistics, without its method. */
function tagName(parts: readonly Part[], verb: string): string | null {
  const tags = partNamed(parts, 'tags')
  const name = tags?.type === 'ObjectExpression' ? tags.properties.find((one) => keyIs(one, 'name')) : undefined
  const text = name?.type === 'Property' ? stringOf(name.value) : null
  if (text === null || text.trim() === '') return null
  return text.startsWith(`${verb} `) ? text.slice(verb.length + 1) : text
}

function keyIs(node: Node, key: string): boolean {
  return node.type === 'Property' && !node.computed && node.key.type === 'Identifier' && node.key.name === key
}

function tagsOf(parts: readonly Part[], frame: Frame): Map<string, string> {
  const tags = partsOf(partNamed(parts, 'tags'), frame) ?? []
  return new Map(tags.flatMap((part) => ('key' in part ? [[part.key, stringOf(part.value) ?? ''] as const] : [])))
}

function contentTypeOf(headers: readonly Part[]): { kind: string; isPlain: boolean } {
  const found = headers.findLast((part) => 'key' in part && part.key.toLowerCase() === 'content-type')
  const text = found && 'value' in found ? (stringOf(found.value) ?? '').toLowerCase() : ''
  const kind = /json/.test(text) ? 'json' : text.includes('x-www-form-urlencoded') ? 'form' : ''
  return { kind, isPlain: /^application\/(?:json|x-www-form-urlencoded)(?:;\s*charset=utf-?8)?$/.test(text.trim()) }
}

// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function optionsOf(wanted: Wanted, parts: readonly Part[], frame: Frame): Entry[] {
  const headersNode = partNamed(parts, 'headers')
  const headers = partsOf(headersNode, frame)
  const { kind, isPlain } = contentTypeOf(headers ?? [])
  const body = bodyOption(wanted.body, kind, frame)
  const isSet = body.isTyped === 'multipart' || (body.isTyped !== null && isPlain && kind === body.isTyped)
  const kept = (headers ?? []).filter((part) => !('key' in part && part.key.toLowerCase() === 'content-type' && isSet))
  const whole: Entry[] = headersNode && !headers ? [{ key: 'headers', value: translate(headersNode, frame) }] : []
  return [
    ...(body.entry ? [body.entry] : []),
    ...(kept.length > 0 ? [{ key: 'headers', value: object(entriesOf(kept, frame)) }] : whole),
    ...parts.flatMap((part) => otherOption(part, frame)),
  ]
}

/** Parameters other than `headers` and `tags`. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function otherOption(part: Part, frame: Frame): Entry[] {
  if ('spread' in part) {
    const given = translate(part.spread, frame)
    return given.k === 'str' || given.k === 'as'
      ? []
      : [{ key: 'headers', value: { k: 'member', of: given, name: 'headers', optional: true } }]
  }
  if (!('key' in part)) return []
  const { key, value } = part
  if (key === 'timeout') return [{ key, value: timeoutExpr(value, frame) }]
  if (key === 'redirects' && numberOf(value) !== null) return [{ key, value: num(numberOf(value) ?? 0) }]
  if (['headers', 'tags', 'responseType', 'compression', 'responseCallback'].includes(key)) return []
  if (key === 'auth' && stringOf(value) === 'basic') return []
  note(value, frame, `the parameter ${key} is not carried over`)
  return []
}

/** Numbers are milliseconds in k6 and seconds in burst. */
function timeoutExpr(value: Node, frame: Frame): Expr {
  const ms = numberOf(value)
  if (ms !== null) return num(ms / 1000)
  return translate(value, frame)
}

/** `responseCallback: http.expectedStatuses(200, 404)` */
function expected(pending: Expr, parts: readonly Part[], frame: Frame): Expr {
  const node = partNamed(parts, 'responseCallback')
  if (node?.type !== 'CallExpression' || apiOf(node.callee, frame) !== 'k6/http.expectedStatuses') return pending
  const statuses = node.arguments.map((one) => numberOf(one)).filter((one) => one !== null)
  if (statuses.length !== node.arguments.length || statuses.length === 0) {
    note(node, frame, 'ranges of statuses are not carried over')
    return pending
  }
  const [only = 200] = statuses
  return method(pending, 'expect', statuses.length === 1 ? num(only) : { k: 'array', items: statuses.map(num) })
}

/** A request of `setup` or `teardown`. These have no user, so the request is sent with `fetch`. */
// oxlint-disable-next-line max-params -- it needs the request, its parameters, and its address
function hookRequest(
  wanted: Wanted,
  parts: readonly Part[],
  { frame, url, isKnown }: { frame: Frame; url: Text; isKnown: boolean },
): Expr {
  const target = isKnown ? targetOf(url) : null
  const address: { k: 'template'; parts: readonly (string | Expr)[] } = { k: 'template', parts: url }
  frame.module.facts.push({
    method: '',
    tags: new Map(),
    group: null,
    origin: target?.origin ?? '',
    settle(host) {
      if (target && (target.origin === '' || target.origin === host)) {
        const rest = withoutOrigin(url, target.origin)
        address.parts = [member(id('run'), 'host'), ...rest]
      } else if (plainText(url) !== null) Object.assign(address, { k: 'str', value: plainText(url) ?? '' })
      else Object.assign(address, template(url))
    },
    nameFor: () => '',
  })
  const verb = wanted.verb === '' && wanted.method ? translate(wanted.method, frame) : str(wanted.verb)
  const known = new Set(['json', 'form', 'body', 'headers'])
  const options = optionsOf(wanted, parts, frame).filter((entry) => 'key' in entry && known.has(entry.key))
  return awaited(call(snippet('send'), verb, address, ...(options.length > 0 ? [object(options)] : [])))
}
