import { type Expr, arrow, awaited, id, member, method, num, str } from '../../scenario/code.ts'
import { requestIn, translate } from '../code/translator.ts'
import { any } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'

/** `self.client.get("/").json()` */
export function requestText(py: Call, of: Extract<Py, { t: 'attr' }>, frame: Frame): Value | null {
  const request = of.of.t === 'call' && of.name === 'json' && py.args.length === 0 ? requestIn(of.of, frame) : null
  return request && { expr: awaited(method(request, 'json')), type: any }
}

/**
 * Adds a check to the request, because burst keeps a body only if a chained method, such as a check, can read it. A failed check does not end the
 * task.
 */
export function withBody(request: Expr): Expr {
  return method(request, 'check', str('status is below 400'), arrow(['response'], member(id('response'), 'ok')))
}

export type Use = 'json' | 'text' | 'light' | 'judge' | 'whole'

const kinds: Readonly<Record<string, Use>> = {
  json: 'json',
  js: 'json',
  text: 'text',
  content: 'text',
  status_code: 'light',
  ok: 'light',
  elapsed: 'light',
  headers: 'light',
  cookies: 'light',
  reason: 'light',
  error: 'light',
  failure: 'judge',
  success: 'judge',
  raise_for_status: 'judge',
}

/** Returns how a piece of code uses a variable that holds a response. */
export function usesIn(piece: unknown, name: string): Use[] {
  if (typeof piece !== 'object' || piece === null) return []
  const py = piece as Py
  if (py.t === 'attr' && py.of.t === 'name' && py.of.id === name)
    return [Object.hasOwn(kinds, py.name) ? (kinds[py.name] ?? 'whole') : 'whole']
  if (py.t === 'name') return py.id === name ? ['whole'] : []
  if (py.t === 'call' && py.judges === name) return ['judge']
  return Object.values(piece).flatMap((value) => (typeof value === 'object' ? usesIn(value, name) : []))
}

/** A condition on the status: a list of statuses, and whether the status must be in the list. `ok` means any status below 400. */
export interface StatusTest {
  statuses: number[] | 'ok'
  positive: boolean
}

export function statusTest(test: Py, name: string, frame: Frame): StatusTest | null {
  if (isMember(test, name, 'ok') || (test.t === 'name' && test.id === name)) return { statuses: 'ok', positive: true }
  if (test.t === 'unary' && test.op === 'not') return negated(statusTest(test.of, name, frame))
  if (test.t === 'logic') return either(test, name, frame)
  const [only] = test.t === 'compare' ? test.rest : []
  if (test.t !== 'compare' || !only || test.rest.length > 1 || !isMember(test.first, name, 'status_code')) return null
  return compared(only.op, only.right, frame)
}

/** Translates `status == 200 or status == 201`, and `status != 200 and status != 201`. */
function either(test: Extract<Py, { t: 'logic' }>, name: string, frame: Frame): StatusTest | null {
  const [left, right] = [statusTest(test.left, name, frame), statusTest(test.right, name, frame)]
  if (!left || !right || left.statuses === 'ok' || right.statuses === 'ok' || left.positive !== right.positive)
    return null
  return left.positive === (test.op === 'or')
    ? { statuses: [...left.statuses, ...right.statuses], positive: left.positive }
    : null
}

function isMember(py: Py, name: string, wanted: string): boolean {
  return py.t === 'attr' && py.name === wanted && py.of.t === 'name' && py.of.id === name
}

function compared(op: string, right: Py, frame: Frame): StatusTest | null {
  const items = right.t === 'tuple' || right.t === 'list' || right.t === 'set' ? right.items : [right]
  const statuses = items.map((item) => statusOf(item, frame))
  if (statuses.includes(null)) return null
  const numbers = statuses as number[]
  if (op === '==' || op === 'in') return { statuses: numbers, positive: true }
  if (op === '!=' || op === 'not in') return { statuses: numbers, positive: false }
  const positive = okTests[`${op} ${numbers[0]}`]
  return positive === undefined ? null : { statuses: 'ok', positive }
}

/** Comparisons that separate successes from errors by the status. The value is true if the comparison holds for a success. */
const okTests: Readonly<Record<string, boolean>> = {
  '< 400': true,
  '<= 399': true,
  '>= 400': false,
  '> 399': false,
}

const byName: Readonly<Record<string, number>> = {
  OK: 200,
  CREATED: 201,
  ACCEPTED: 202,
  NO_CONTENT: 204,
  FOUND: 302,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
}

function statusOf(py: Py, frame: Frame): number | null {
  if (py.t === 'num') return py.value
  if (py.t === 'attr' && byName[py.name.toUpperCase()] !== undefined) return byName[py.name.toUpperCase()] ?? null
  if (py.t !== 'name') return null
  const { expr } = frame.module.constants.has(py.id) ? { expr: frame.module.values.get(py.id) } : { expr: undefined }
  return expr?.k === 'num' ? expr.value : null
}

function negated(test: StatusTest | null): StatusTest | null {
  return test && { ...test, positive: !test.positive }
}

/** Returns the argument of `.expect` for the statuses. */
export function expected({ statuses }: StatusTest): Expr {
  if (statuses === 'ok') return arrow(['response'], member(id('response'), 'ok'))
  const [only] = statuses
  return statuses.length === 1 && only !== undefined ? num(only) : { k: 'array', items: statuses.map(num) }
}

/** Calls `work` with a frame in which the Python variable `name` is the response. */
export function withResponse<T>(name: string, frame: Frame, work: (frame: Frame) => T): T {
  const scope = new Map(frame.scope).set(name, { name: 'response', type: { kind: 'response' } })
  return work({ ...frame, scope, judged: name, before: [], returns: undefined })
}

export const translated = (py: Py, name: string, frame: Frame): Expr =>
  withResponse(name, frame, (own) => translate(py, own).expr)
