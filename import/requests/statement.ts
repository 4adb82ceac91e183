import {
  type Entry,
  type Expr,
  type Stmt,
  array,
  arrow,
  assign,
  at,
  awaited,
  binary,
  call,
  comment,
  constant,
  expression,
  id,
  member,
  method,
  num,
  object,
  self,
  str,
} from '../scenario/code.ts'
import type { Names } from '../scenario/names.ts'
import { graphqlCall } from './bodies/graphql.ts'
import { multipartExpr } from './bodies/multipart.ts'
import {
  type Extraction,
  type Found,
  type FoundElement,
  type ImportedRequest,
  type Pair,
  pairsExpr,
  textExpr,
} from './request.ts'
import { type Target, hostKey, routeOf, targetOf } from './url.ts'

const verbs = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])

/** The method and the scenario for which the statements of a request are written. */
export interface Place {
  /** The origin of the scenario's host. */
  host: string
  /** The key of the host, if `-H` sets the host. */
  base?: string | undefined
  /** The names that the method already uses. */
  names: Names
}

/** Returns a request as statements: comments, the call, and the values that are extracted from the response. */
export function requestStmts(request: ImportedRequest, place: Place): Stmt[] {
  const pending = checked(request, callOf(request, place))
  return [...request.comments.map(comment), ...extracted(pending, request.extractions, place)]
}

function bodyEntry({ body }: ImportedRequest): Entry[] {
  if (!body) return []
  if (body.kind === 'form') return [{ key: 'form', value: pairsExpr(body.pairs) }]
  if (body.kind === 'parts') return [{ key: 'multipart', value: multipartExpr(body.parts) }]
  return [{ key: body.kind, value: body.value }]
}

function option(key: string, value: Expr | false | undefined): Entry[] {
  return value ? [{ key, value }] : []
}

function callOf(request: ImportedRequest, place: Place): Expr {
  const target = targetOf(request.url)
  const { route, params } = request.route ?? routeOf(target.path)
  const isOther = target.origin !== '' && target.origin !== place.host
  if (target.base.length > 0 && hostKey(target) !== place.base) return callOfOther(request, target)
  const url = isOther ? target.origin + route : route
  const query = [...target.query, ...request.query]
  const operation = params.length === 0 ? graphqlCall(request, url, optionsOf(request, query)) : null
  if (operation) return operation
  const options: Entry[] = [
    ...option('params', params.length > 0 && object(params)),
    ...optionsOf(request, query, bodyEntry(request)),
  ]
  return sentBy(request.method, str(url), options)
}

/** Translates a request to another host that is known only during the run. The code builds the URL of the request from variables. */
function callOfOther(request: ImportedRequest, { base, path, query }: Target): Expr {
  const encoded = path.map((part) => (typeof part === 'string' ? part : call(id('encodeURIComponent'), part)))
  const options = [
    ...optionsOf(request, [...query, ...request.query], bodyEntry(request)),
    ...option('name', str(routeOf(path).route)),
  ]
  return sentBy(request.method, textExpr([...base, ...encoded]), options)
}

function sentBy(name: string, url: Expr, options: readonly Entry[]): Expr {
  const verb = name.toLowerCase()
  const args = [url, ...(options.length > 0 ? [object(options)] : [])]
  const http = member(self, 'http')
  return verbs.has(verb) ? method(http, verb, ...args) : method(http, 'request', str(name), ...args)
}

function optionsOf(request: ImportedRequest, query: readonly Pair[], body: readonly Entry[] = []): Entry[] {
  const { headers, auth, timeout, redirects, closes } = request
  return [
    ...option('query', query.length > 0 && pairsExpr(query)),
    ...body,
    ...option('headers', headers.length > 0 && pairsExpr(headers)),
    ...option('auth', auth),
    ...option('timeout', timeout !== undefined && num(timeout)),
    ...option('redirects', redirects !== undefined && num(redirects)),
    ...option('connection', closes === true && str('close')),
  ]
}

function checked({ expect, checks = [], expectations = [] }: ImportedRequest, pending: Expr): Expr {
  const [only] = expect
  const judged =
    only === undefined
      ? pending
      : method(pending, 'expect', expect.length === 1 ? num(only) : array(expect.map((status) => num(status))))
  const expected = expectations.reduce((chain, args) => method(chain, 'expect', ...args), judged)
  return checks.reduce(
    (chain, { name, status }) =>
      method(
        chain,
        'check',
        str(name),
        arrow(['response'], binary(member(id('response'), 'status'), '===', num(status))),
      ),
    expected,
  )
}

/** Reads a single value in the statement of the call. For several values, a variable stores the response or its body. */
function extracted(pending: Expr, extractions: readonly Extraction[], { names }: Place): Stmt[] {
  const [first] = extractions
  if (!first) return [expression(awaited(pending))]
  const isShort =
    'css' in first.found ? first.found.pattern !== undefined : !('json' in first.found && isGraphql(pending))
  if (extractions.length === 1 && isShort) return [given(first.to, takenFrom(pending, first.found))]
  const isOfPage = extractions.map(({ found }) => 'css' in found)
  if (isOfPage.every(Boolean)) {
    const page = names.take('page')
    const values = extractions.map(({ to, found }) => given(to, 'css' in found ? elementIn(id(page), found) : id(page)))
    return [constant(page, awaited(method(pending, 'html'))), ...values]
  }
  if (isOfPage.includes(true)) return withPage(pending, extractions, names)
  if (extractions.every(({ found }) => 'json' in found)) {
    const body = names.take('body')
    const paths = extractions.map(({ to, found }) =>
      given(to, 'json' in found ? along(id(body), found.json) : id(body)),
    )
    return [constant(body, awaited(method(pending, 'json'))), ...paths]
  }
  const response = names.take('response')
  const kept = method(pending, 'expect', arrow(['found'], member(id('found'), 'ok')))
  return [
    constant(response, awaited(kept)),
    ...extractions.flatMap(({ to, found }) => ('css' in found ? [] : [given(to, readFrom(id(response), found))])),
  ]
}

/** Returns true if a request, with the calls that are chained to it, is a GraphQL operation. */
function isGraphql(pending: Expr): boolean {
  if (pending.k !== 'call' || pending.of.k !== 'member') return false
  return pending.of.name === 'graphql' || isGraphql(pending.of.of)
}

/** Declares a variable for the response and a variable for its page. */
function withPage(pending: Expr, extractions: readonly Extraction[], names: Names): Stmt[] {
  const [request, response, page] = [names.take('request'), names.take('response'), names.take('page')]
  const kept = method(id(request), 'expect', arrow(['found'], member(id('found'), 'ok')))
  const both = method(id('Promise'), 'all', array([kept, method(id(request), 'html')]))
  return [
    constant(request, pending),
    constant({ array: [response, page] }, awaited(both)),
    ...extractions.map(({ to, found }) =>
      given(to, 'css' in found ? elementIn(id(page), found) : readFrom(id(response), found)),
    ),
  ]
}

/** Returns the text or an attribute of an element of a page. */
function elementIn(page: Expr, { css, attribute, otherwise, index = 0 }: FoundElement): Expr {
  const element =
    index === 0 ? method(page, 'querySelector', str(css)) : at(method(page, 'querySelectorAll', str(css)), num(index))
  const value: Expr =
    attribute === ''
      ? { k: 'member', of: element, name: 'textContent', optional: true }
      : { k: 'call', of: { k: 'member', of: element, name: 'getAttribute', optional: true }, args: [str(attribute)] }
  return binary(value, '??', str(otherwise))
}

function given(to: Expr, value: Expr): Stmt {
  return to.k === 'id' ? constant(to.name, value) : expression(assign(to, value))
}

function takenFrom(pending: Expr, found: Found): Expr {
  if ('header' in found) return awaited(method(pending, 'header', str(found.header)))
  const pattern = 'match' in found ? found.match : 'css' in found ? found.pattern : undefined
  if (pattern !== undefined) return awaited(method(pending, 'match', { k: 'regex', source: pattern, flags: '' }))
  return 'json' in found ? along(awaited(method(pending, 'json')), found.json) : pending
}

function readFrom(response: Expr, found: Exclude<Found, FoundElement>): Expr {
  if ('header' in found) return orEmpty(method(member(response, 'headers'), 'get', str(found.header)))
  if ('json' in found) return along(method(response, 'json'), found.json)
  const matched = method({ k: 'regex', source: found.match, flags: '' }, 'exec', member(response, 'body'))
  return orEmpty({ k: 'index', of: matched, at: num(1), optional: true })
}

function orEmpty(value: Expr): Expr {
  return binary(value, '??', str(''))
}

function along(of: Expr, path: readonly (string | number)[]): Expr {
  return path.reduce<Expr>((found, key) => at(found, typeof key === 'number' ? num(key) : str(key)), of)
}

/** `await this.sleep(seconds)` */
export function sleepStmt(seconds: number): Stmt {
  return expression(awaited(call(member(self, 'sleep'), num(seconds))))
}
