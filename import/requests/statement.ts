import {
  type Entry,
  type Expr,
  type Stmt,
  array,
  awaited,
  call,
  comment,
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
import { namesIn, namesOf, withNames } from '../scenario/walk.ts'
import { graphqlCall } from './bodies/graphql.ts'
import { multipartExpr } from './bodies/multipart.ts'
import { extracted, responseStmts } from './extracting.ts'
import {
  type Check,
  type Extraction,
  type ImportedRequest,
  type Pair,
  type Place,
  type RequestScript,
  pairsExpr,
  textExpr,
} from './request.ts'
import { type Target, hostKey, routeOf, targetOf } from './url.ts'

const verbs = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])

/** Returns a request as statements: comments, the call, and the values that are extracted from the response. */
export function requestStmts(given: ImportedRequest, place: Place): Stmt[] {
  const aboutHeaders = given.headers.flatMap((header) => header.comment ?? [])
  const request = { ...given, comments: [...aboutHeaders, ...given.comments] }
  const script = request.script?.(place)
  if (!script) return plainStmts(request, request.extractions, place)
  const { before, headers, after, ...own } = renamed(script, place.names)
  const isReplaced = (name: string): boolean => headers.some((one) => one.name.toLowerCase() === name.toLowerCase())
  const whole: ImportedRequest = {
    ...request,
    headers: [...request.headers.filter(({ name }) => !isReplaced(name)), ...headers],
    comments: [...request.comments, ...own.comments],
  }
  const extractions = [...request.extractions, ...own.extractions]
  if (!after) return [...before, ...plainStmts(whole, extractions, place, own)]
  const response = place.names.copy().take('response')
  const later = renamed({ before: after(id(response)) }, place.names).before
  if (!namesIn(later).has(response)) return [...before, ...plainStmts(whole, extractions, place, own), ...later]
  place.names.take('response')
  const [first, ...more] = responseStmts(judgedCall(whole, place, own), extractions, response)
  return [...before, ...whole.comments.map(comment), ...(first ? [first] : []), ...more, ...later]
}

function plainStmts(
  request: ImportedRequest,
  extractions: readonly Extraction[],
  place: Place,
  script: Pick<RequestScript, 'checks' | 'common'> = { checks: [], common: [] },
): Stmt[] {
  const pending = judgedCall(request, place, script)
  return [...request.comments.map(comment), ...extracted(pending, extractions, place.names)]
}

/** Returns the call with its expectations and checks. */
function judgedCall(
  request: ImportedRequest,
  place: Place,
  { checks, common }: Pick<RequestScript, 'checks' | 'common'>,
): Expr {
  const pending = common.reduce((chain, one) => method(chain, 'check', one), expected(request, callOf(request, place)))
  const [only, more] = checks
  if (!only) return pending
  return more ? method(pending, 'check', checksExpr(checks)) : method(pending, 'check', only.name, only.passes)
}

/** Returns `{ name: test, … }`. */
export function checksExpr(checks: readonly Check[]): Expr {
  const entries = checks.map(({ name, passes }): Entry =>
    name.k === 'str' ? { key: name.value, value: passes } : { computed: name, value: passes },
  )
  return object(entries, true)
}

/** Renames a variable of a script if another script in the same method already uses the same name. */
function renamed<T extends { before: readonly Stmt[]; headers?: readonly Pair[] }>(script: T, names: Names): T {
  const { before, headers } = script
  const wanted = before.flatMap((stmt) => (stmt.k === 'var' ? namesOf(stmt.name) : []))
  const changed = new Map(wanted.map((name) => [name, names.take(name)] as const).filter(([from, to]) => from !== to))
  if (changed.size === 0) return script
  return { ...script, before: withNames(before, changed), ...(headers && { headers: withNames(headers, changed) }) }
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

/**
 * Translates a request whose host is not the host of the scenario and is known only during the run. The generated code builds the URL from variables.
 */
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

function expected({ expect, expectations = [] }: ImportedRequest, pending: Expr): Expr {
  const [only] = expect
  const judged =
    only === undefined
      ? pending
      : method(pending, 'expect', expect.length === 1 ? num(only) : array(expect.map((status) => num(status))))
  return expectations.reduce((chain, args) => method(chain, 'expect', ...args), judged)
}

/** Returns the statement `await this.sleep(seconds)`. */
export function sleepStmt(seconds: number): Stmt {
  return expression(awaited(call(member(self, 'sleep'), num(seconds))))
}
