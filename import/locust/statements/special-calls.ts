import {
  type Expr,
  type Stmt,
  arrow,
  at,
  awaited,
  expression,
  id,
  make,
  member,
  method,
  template,
} from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { requestIn, translate, translateOr } from '../code/translator.ts'
import type { Frame } from '../frame.ts'
import { failing } from '../http/expectations.ts'
import { httpOf } from '../http/requests.ts'
import { dottedName } from '../python/names.ts'
import type { Call, Py } from '../python/syntax.ts'
import { isUser, userOf } from '../self.ts'
import { headersSet } from './assignments.ts'

export function expressionStatement(py: Py, frame: Frame): Stmt[] {
  if (py.t === 'str' || py.t === 'ellipsis') return []
  const special = py.t === 'call' && py.of.t === 'attr' ? specialCall(py, py.of, frame) : null
  if (special) return special
  const { expr, type } = translate(py, frame)
  if (type.kind === 'greenlet') throw new Lost(py, 'a user cannot run code at the same time as its tasks')
  return ['id', 'num', 'str', 'null'].includes(expr.k) ? [] : [expression(expr)]
}

/** Translates calls that become statements in burst. Returns null for other calls. */
function specialCall(py: Call, of: Attribute, frame: Frame): Stmt[] | null {
  for (const special of specials) {
    const found = special(py, of, frame)
    if (found) return found
  }
  return null
}

type Attribute = Extract<Py, { t: 'attr' }>
type Special = (py: Call, of: Attribute, frame: Frame) => Stmt[] | null

const specials: readonly Special[] = [
  // `response.failure("…")` and `response.success()`
  (py, of, frame) => {
    if (of.of.t !== 'name' || of.of.id !== frame.judged) return null
    if (of.name === 'failure') return [{ k: 'throw', of: make('Error', failing(py, frame)) }]
    return of.name === 'success' ? [] : null
  },
  // `self.client.headers.update({…})`
  (py, of, frame) => {
    const [headers] = py.args
    const isUpdate = of.name === 'update' && of.of.t === 'attr' && of.of.name === 'headers'
    const http = isUpdate && of.of.t === 'attr' ? httpOf(of.of.of, frame) : null
    return http && headers ? headersSet(http, translate(headers, frame).expr, py) : null
  },
  // `super().method()`, if only HttpUser itself defines the method
  (_, of, frame) => {
    const isSuper = of.of.t === 'call' && dottedName(of.of.of) === 'super'
    const isOfObject = [...frame.scope.values()].some(({ type }) => type.cls !== undefined)
    return isSuper && !isOfObject && !frame.self?.superOf?.(of.name) ? [] : null
  },
  // The statement `options.pop("name", None)`, which does not use the result of the call
  (py, of, frame) => {
    const [key] = py.args
    if (of.name !== 'pop' || !key) return null
    const { expr, type } = translate(of.of, frame)
    if (type.kind !== 'dict' && !(type.kind === 'any' && key.t === 'str')) return null
    return [expression({ k: 'unary', op: 'delete', of: at(expr, translate(key, frame).expr) })]
  },
  (py, of, frame) => (of.name === 'fire' ? recorded(py, frame) : null),
  (_, of, frame) => (of.name === 'raise_for_status' ? raisedForStatus(of.of, frame) : null),
  // `self.interrupt()`, `self.wait()` and `self.stop()`
  (py, of, frame) => {
    if (!isUser(of.of, frame) || frame.self?.kind !== 'user') return null
    if (of.name === 'interrupt') return [...frame.self.leave]
    if (of.name === 'wait' && py.args.length === 0) return [...frame.self.pause]
    return of.name === 'stop' ? [expression(method(userOf(of.of, frame), 'stop'))] : null
  },
]

/**
 * Translates the statement `of.raise_for_status()`. If `of` is a request, the request gets an expectation. If `of` is a response, the statement
 * becomes an `if` that throws an error.
 * @throws Lost when `of` is any other value
 */
function raisedForStatus(of: Py, frame: Frame): Stmt[] {
  const request = of.t === 'call' ? requestIn(of, frame) : null
  if (request)
    return [expression(awaited(method(request, 'expect', arrow(['response'], member(id('response'), 'ok')))))]
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

/** Translates `events.request.fire(…)` to `this.record`, which counts requests that burst did not send. */
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
