import { readStmts } from '../../requests/extracting.ts'
import {
  type Extraction,
  type ImportedRequest,
  type Place,
  type Text,
  pairsExpr,
  textExpr,
} from '../../requests/request.ts'
import { targetOf } from '../../requests/url.ts'
import {
  type Entry,
  type Expr,
  type Stmt,
  array,
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
  not,
  num,
  object,
  snippet,
  str,
} from '../../scenario/code.ts'
import { namesIn, withNames } from '../../scenario/walk.ts'
import { negated } from '../expressions/operands.ts'

/**
 * Returns the statements that send a request in a hook. If the response has a status or a text that the plan does not expect, the statements throw an
 * error. This error ends the run.
 */
export function sentStmts(request: ImportedRequest, place: Place): Stmt[] {
  const script = request.script?.(place)
  const { given, notes } = readable([...request.extractions, ...(script?.extractions ?? [])])
  const { options, lost } = optionsOf(request)
  const url = urlOf(request, place.host)
  const sent = awaited(call(snippet('send'), str(request.method), textExpr(url), ...options))
  const about = [...request.comments, ...lost, ...notes].map(comment)
  const name = place.names.take('response')
  const later = [
    ...judgedStmts(request, given.length > 0, name),
    ...readStmts(given, id(name)),
    ...(script?.after?.(id(name)) ?? []),
  ]
  const isUsed = namesIn(later).has(name)
  return [...(script?.before ?? []), ...about, isUsed ? constant(name, sent) : expression(sent), ...later]
}

function urlOf(request: ImportedRequest, host: string): Text {
  const { origin, base, path, query } = targetOf(request.url)
  const isOwn = (origin === '' && base.length === 0) || origin === host
  const start: Text = isOwn ? [member(id('run'), 'host')] : origin === '' ? base : [origin]
  const pairs = [...query, ...request.query].flatMap(({ name, value }, index): Text => [
    `${index === 0 ? '?' : '&'}${encodeURIComponent(name)}=`,
    ...value.map(encoded),
  ])
  const parts = path.map((part) => (typeof part === 'string' ? part : call(id('encodeURIComponent'), part)))
  return [...start, ...parts, ...pairs]
}

function encoded(part: string | Expr): string | Expr {
  return typeof part === 'string' ? encodeURIComponent(part) : call(id('encodeURIComponent'), part)
}

/** Returns the argument of `send` that contains the body, the headers and the timeout. Also returns comments about options that `send` does not support. */
function optionsOf({ body, headers, redirects, auth, timeout }: ImportedRequest): { options: Expr[]; lost: string[] } {
  const lost = [
    ...(redirects === undefined ? [] : ['TODO this function follows redirects, but the request in the plan does not']),
    ...(auth ? ['TODO send the user name and the password in the authorization header'] : []),
  ]
  const entries: Entry[] = []
  if (body?.kind === 'form') entries.push({ key: 'form', value: pairsExpr(body.pairs) })
  if (body?.kind === 'json') entries.push({ key: 'json', value: body.value })
  if (body?.kind === 'body') entries.push({ key: 'body', value: body.value })
  if (body?.kind === 'parts') {
    const files = body.parts.filter(({ file }) => file)
    for (const { name } of files) lost.push(`TODO append the file ${name} to the body`)
    entries.push({ key: 'body', value: call(snippet('formOf'), pairsExpr(body.parts.filter(({ file }) => !file))) })
  }
  if (headers.length > 0) entries.push({ key: 'headers', value: pairsExpr(headers) })
  if (timeout !== undefined) entries.push({ key: 'timeoutMs', value: num(Math.round(timeout * 1000)) })
  return { options: entries.length > 0 ? [object(entries)] : [], lost }
}

/** Returns the extractions that a hook can make. A hook does not parse pages, so a regular expression replaces each CSS selector. */
function readable(extractions: readonly Extraction[]): { given: Extraction[]; notes: string[] } {
  const notes: string[] = []
  const given = extractions.flatMap((one): Extraction[] => {
    const { found } = one
    if (!('css' in found)) return [one]
    if (found.pattern !== undefined && !found.pattern.includes('TODO'))
      return [{ ...one, found: { match: found.pattern, otherwise: found.otherwise } }]
    notes.push(`TODO read the element ${found.css} from the body of this response`)
    return []
  })
  return { given, notes }
}

function judgedStmts(request: ImportedRequest, isRead: boolean, name: string): Stmt[] {
  const status = member(id(name), 'status')
  const label = labelOf(request)
  const answered = (test: Expr): Stmt => thrown(test, { k: 'template', parts: [`${label} answered `, status] })
  const [only, more] = request.expect
  const expectations = (request.expectations ?? []).flatMap((args) => expectedStmts(args, label, name))
  if (more !== undefined)
    return [answered(not(method(array(request.expect.map((one) => num(one))), 'includes', status))), ...expectations]
  if (only !== undefined) return [answered(binary(status, '!==', num(only))), ...expectations]
  return isRead ? [answered(not(member(id(name), 'ok'))), ...expectations] : expectations
}

function labelOf({ method: verb, url }: ImportedRequest): string {
  const path = targetOf(url).path.map((part) => (typeof part === 'string' ? part : '…'))
  return `${verb} ${path.join('')}`
}

function thrown(test: Expr, message: Expr): Stmt {
  return { k: 'if', test, yes: [{ k: 'throw', of: make('Error', message) }], no: [] }
}

function expectedStmts([how, message]: readonly Expr[], label: string, name: string): Stmt[] {
  const test = how && testOf(how, name)
  if (!test) return [comment('TODO a hook does not check how long a response takes')]
  return [thrown(negated(test), message ?? str(`unexpected response to ${label}`))]
}

function testOf(how: Expr, name: string): Expr | null {
  if (how.k === 'arrow') return 'k' in how.body ? withNames(how.body, new Map([['response', name]])) : null
  const [entry] = how.k === 'object' ? how.entries : []
  if (!entry || !('key' in entry) || entry.key !== 'body') return null
  const body = member(id(name), 'body')
  return entry.value.k === 'regex' ? method(entry.value, 'test', body) : method(body, 'includes', entry.value)
}
