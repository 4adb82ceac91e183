import { type Expr, type Stmt, expression, make, member, method, template } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { translate, translateOr } from '../code/translator.ts'
import type { Frame } from '../frame.ts'
import { failing } from '../http/expectations.ts'
import { httpOf } from '../http/requests.ts'
import { dottedName } from '../python/names.ts'
import type { Py } from '../python/syntax.ts'
import { isUser, userOf } from '../self.ts'
import { headersSet } from './assignments.ts'

export function expressionStatement(py: Py, frame: Frame): Stmt[] {
  if (py.t === 'str' || py.t === 'ellipsis') return []
  const special = py.t === 'call' && py.of.t === 'attr' ? specialCall(py, py.of, frame) : null
  if (special) return special
  const { expr, type } = translate(py, frame)
  if (type.kind === 'greenlet') throw new Lost(py, 'a user has no code that runs beside its tasks')
  return ['id', 'num', 'str', 'null'].includes(expr.k) ? [] : [expression(expr)]
}

/** Translates calls that become statements in burst; null for other calls. */
// oxlint-disable-next-line complexity, max-params -- it needs a call, its owner, and the frame
function specialCall(py: Extract<Py, { t: 'call' }>, of: Extract<Py, { t: 'attr' }>, frame: Frame): Stmt[] | null {
  if (of.of.t === 'name' && of.of.id === frame.judged) {
    if (of.name === 'failure') return [{ k: 'throw', of: make('Error', failing(py, frame)) }]
    if (of.name === 'success') return []
  }
  if (of.of.t === 'attr' && of.of.name === 'headers' && of.name === 'update') {
    const http = httpOf(of.of.of, frame)
    if (http && py.args[0]) return headersSet(http, translate(py.args[0], frame).expr, py)
  }
  if (of.of.t === 'call' && dottedName(of.of.of) === 'super' && !frame.self?.superOf?.(of.name)) return []
  if (of.name === 'fire') return recorded(py, frame)
  if (of.name === 'raise_for_status') return raisedForStatus(of.of, frame)
  if (!isUser(of.of, frame) || frame.self?.kind !== 'user') return null
  if (of.name === 'interrupt') return [...frame.self.leave]
  if (of.name === 'wait' && py.args.length === 0) return [...frame.self.pause]
  return of.name === 'stop' ? [expression(method(userOf(of.of, frame), 'stop'))] : null
}

/** A separate statement. Directly after a request, it becomes an expectation instead. */
function raisedForStatus(of: Py, frame: Frame): Stmt[] {
  const { expr, type } = translate(of, frame)
  if (type.kind !== 'response') throw new Lost(of)
  const message = template(['status ', member(expr, 'status')])
  const test: Expr = { k: 'unary', op: '!', of: member(expr, 'ok') }
  return [{ k: 'if', test, yes: [{ k: 'throw', of: make('Error', message) }], no: [] }]
}

const ofSamples: Readonly<Record<string, string>> = {
  request_type: 'method',
  name: 'name',
  response_time: 'ms',
  response_length: 'bytes',
  exception: 'error',
}

/** `events.request.fire(…)` becomes `this.record`, which counts requests that burst did not send. */
function recorded(py: Extract<Py, { t: 'call' }>, frame: Frame): Stmt[] {
  if (
    !/(?:^|\.)events\.request(?:_success|_failure)?\.fire$/.test(dottedName(py.of) ?? '') ||
    frame.self?.kind !== 'user'
  )
    throw new Lost(py)
  const sample = py.named.flatMap(({ name, value }) => {
    const key = name !== null && Object.hasOwn(ofSamples, name) ? ofSamples[name] : undefined
    const isPlain = value.t === 'none' || (name === 'response_length' && value.t === 'num' && value.value === 0)
    return key === undefined || isPlain ? [] : [{ key, value: translateOr(value, frame).expr }]
  })
  return [expression(method(frame.self.expr, 'record', { k: 'object', entries: sample }))]
}
