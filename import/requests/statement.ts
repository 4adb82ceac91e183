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
  make,
  member,
  method,
  num,
  object,
  self,
  str,
} from '../scenario/code.ts'
import type { Names } from '../scenario/names.ts'
import {
  type Extraction,
  type Found,
  type ImportedRequest,
  type Pair,
  type Part,
  pairsExpr,
  textExpr,
} from './request.ts'
import { type Target, hostKey, routeOf, targetOf } from './url.ts'

const verbs = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])

/** The method and the scenario in which the statements of a request are written. */
export interface Place {
  /** The origin of the scenario's host. */
  host: string
  /** The key of the host, if the host is given with `-H`. */
  base?: string | undefined
  /** The names that are taken in the method. */
  names: Names
}

/** A request as statements: comments, statements for the body, the call, and statements that read values from the response. */
export function requestStmts(request: ImportedRequest, place: Place): Stmt[] {
  const before: Stmt[] = request.comments.map(comment)
  const body = bodyEntry(request, place, before)
  const pending = checked(request, callOf(request, place, body))
  return [...before, ...extracted(pending, request.extractions, place)]
}

function bodyEntry({ body }: ImportedRequest, { names }: Place, before: Stmt[]): Entry[] {
  if (!body) return []
  if (body.kind === 'form') return [{ key: 'form', value: pairsExpr(body.pairs) }]
  if (body.kind !== 'parts') return [{ key: body.kind, value: body.value }]
  const form = names.take('form')
  before.push(constant(form, make('FormData')), ...body.parts.map((part) => appended(form, part)))
  return [{ key: 'body', value: id(form) }]
}

function appended(form: string, { name, value, file }: Part): Stmt {
  if (!file) return expression(method(id(form), 'append', str(name), textExpr(value)))
  const type: Expr[] = file.type === undefined ? [] : [object([{ key: 'type', value: str(file.type) }])]
  const blob = make('Blob', array([file.content ?? textExpr(value)]), ...type)
  return expression(method(id(form), 'append', str(name), blob, str(file.name)))
}

function option(key: string, value: Expr | false | undefined): Entry[] {
  return value ? [{ key, value }] : []
}

function callOf(request: ImportedRequest, place: Place, body: readonly Entry[]): Expr {
  const target = targetOf(request.url)
  const { route, params } = request.route ?? routeOf(target.path)
  const isOther = target.origin !== '' && target.origin !== place.host
  if (target.base.length > 0 && hostKey(target) !== place.base) return callOfOther(request, target, body)
  const options: Entry[] = [
    ...option('params', params.length > 0 && object(params)),
    ...optionsOf(request, [...target.query, ...request.query], body),
  ]
  return sentBy(request.method, str(isOther ? target.origin + route : route), options)
}

/** A request to another host that is known only during the run. Its URL is concatenated from variables. */
// oxlint-disable-next-line max-params -- it needs a request, its URL and its body
function callOfOther(request: ImportedRequest, { base, path, query }: Target, body: readonly Entry[]): Expr {
  const encoded = path.map((part) => (typeof part === 'string' ? part : call(id('encodeURIComponent'), part)))
  const options = [
    ...optionsOf(request, [...query, ...request.query], body),
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

function optionsOf(request: ImportedRequest, query: readonly Pair[], body: readonly Entry[]): Entry[] {
  const { headers, auth, timeout, redirects } = request
  return [
    ...option('query', query.length > 0 && pairsExpr(query)),
    ...body,
    ...option('headers', headers.length > 0 && pairsExpr(headers)),
    ...option('auth', auth),
    ...option('timeout', timeout !== undefined && num(timeout)),
    ...option('redirects', redirects !== undefined && num(redirects)),
  ]
}

function checked({ expect, checks = [], expectations = [] }: ImportedRequest, pending: Expr): Expr {
  const [only] = expect
  const judged =
    only === undefined
      ? pending
      : method(pending, 'expect', expect.length === 1 ? num(only) : array(expect.map((status) => num(status))))
  const expected = expectations.reduce((chain, one) => method(chain, 'expect', one), judged)
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

/** Reads a single value in the statement of the call. For several values, a variable contains the response or its body. */
function extracted(pending: Expr, extractions: readonly Extraction[], { names }: Place): Stmt[] {
  const [first] = extractions
  if (!first) return [expression(awaited(pending))]
  if (extractions.length === 1) return [given(first.to, takenFrom(pending, first.found))]
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
    ...extractions.map(({ to, found }) => given(to, readFrom(id(response), found))),
  ]
}

function given(to: Expr, value: Expr): Stmt {
  return to.k === 'id' ? constant(to.name, value) : expression(assign(to, value))
}

function takenFrom(pending: Expr, found: Found): Expr {
  if ('header' in found) return awaited(method(pending, 'header', str(found.header)))
  if ('match' in found) return awaited(method(pending, 'match', { k: 'regex', source: found.match, flags: '' }))
  return along(awaited(method(pending, 'json')), found.json)
}

function readFrom(response: Expr, found: Found): Expr {
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
