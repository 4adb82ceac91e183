import { type Stmt, awaited, comment, expression } from '../../scenario/code.ts'
import { todo } from '../../scenario/model.ts'
import { valueName } from '../../scenario/names.ts'
import type { Frame, Module, Value, Variable } from '../frame.ts'
import { isAwaited } from '../module.ts'
import { dottedName } from '../python/names.ts'
import type { Call, Py, PyStmt } from '../python/syntax.ts'
import { type Plan, blocksOf, everyPy, ownParts, somePy } from './declarations.ts'
import type { Type } from './value-types.ts'

/** Thrown for Python code without a counterpart. The function that catches this error writes a TODO comment in place of the code. */
export class Lost extends Error {
  readonly py: { at: number; from: number; to: number }
  readonly why: string

  constructor(py: { at: number; from: number; to: number }, why = '') {
    super('not translated')
    this.py = py
    this.why = why
  }
}

/** Returns a comment that contains all source lines of code that could not be translated. */
export function todoFor(frame: { module: Module }, py: { at: number; from: number; to: number }, why = ''): Stmt {
  const { source } = frame.module
  return comment(todo(`${source.file}:${py.at}`, source.text.slice(py.from, py.to).replaceAll(/\s+/g, ' '), why))
}

/** Returns a comment for a statement that could not be translated. After the comment come the requests in the expressions of this statement. */
export function lostWithRequests(frame: Frame, stmt: PyStmt, why: string): Stmt[] {
  const own = stmt.t === 'def' || stmt.t === 'class' ? [] : ownParts(stmt)
  const first = todoFor(frame, stmt, why === '' ? aboutLambdas(own, frame) : why)
  return [first, ...requestsOf(own, frame), ...notSent(stmt, frame)]
}

/** Returns a comment for each of the first 20 requests in the blocks of a statement that could not be translated. */
function notSent(stmt: PyStmt, frame: Frame): Stmt[] {
  const found: Stmt[] = []
  everyPy(blocksOf(stmt), (py) => {
    if (py.t === 'call' && isAwaited(frame.module, py.of) && found.length < 20)
      found.push(todoFor(frame, py, 'this request is not sent'))
  })
  return found
}

function aboutLambdas(piece: unknown, { module }: Frame): string {
  const sends = (one: unknown): boolean => somePy(one, (py) => py.t === 'call' && isAwaited(module, py.of))
  const isIn = somePy(piece, (py) => py.t === 'lambda' && sends(py.body))
  return isIn ? 'the requests of the lambda are not sent' : ''
}

/**
 * Returns the requests in code without a counterpart, as statements in the order of the code. The scenario still sends these requests, so that the
 * load stays the same.
 */
function requestsOf(piece: unknown, frame: Frame): Stmt[] {
  if (typeof piece !== 'object' || piece === null) return []
  const py = piece as Py
  if (py.t === 'lambda') return []
  if (py.t === 'each') return requestsOfEach(py, frame)
  const sent = py.t === 'call' && isAwaited(frame.module, py.of) ? requestStatement(py, frame) : null
  return sent ?? Object.values(piece).flatMap((value) => requestsOf(value, frame))
}

/** Translates a request, or a call of a function that sends requests. Returns null if the request has no counterpart. */
function requestStatement(py: Call, frame: Frame): Stmt[] | null {
  const { translator } = frame.module
  return ifTranslated(frame, (own) => {
    const request = translator.request(py, own)
    return [expression(request ? awaited(request) : translator.expression(py, own).expr)]
  })
}

/** Translates a comprehension with requests to a loop that only sends these requests. */
function requestsOfEach(py: Extract<Py, { t: 'each' }>, frame: Frame): Stmt[] {
  const [first] = py.loops
  const calls: Py[] = []
  const look = (piece: unknown): void => {
    if (typeof piece !== 'object' || piece === null) return
    const one = piece as Py
    if (one.t === 'call' && isAwaited(frame.module, one.of)) calls.push(one)
    else for (const value of Object.values(piece)) look(value)
  }
  look([py.key, py.item])
  const own = requestsOf(first?.of, frame)
  const loops = calls.map((item) =>
    ifTranslated(frame, (inside) => {
      frame.module.translator.expression({ ...py, kind: 'list', key: null, item }, inside)
      return []
    }),
  )
  return [...own, ...loops.flatMap((stmts) => stmts ?? [])]
}

/**
 * Returns the statements that `work` returns, with the statements that must precede them. Returns null if `work` finds code without a counterpart.
 */
function ifTranslated(frame: Frame, work: (frame: Frame) => Stmt[]): Stmt[] | null {
  const own = { ...frame, before: [], wanted: null }
  try {
    const stmts = work(own)
    return [...own.before, ...stmts]
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    return null
  }
}

/**
 * Returns the translated value. If the expression has no counterpart, returns `'TODO'`, and adds statements to `frame.before`: a comment, and the
 * requests of the expression.
 */
export function orPlaceholder(frame: Frame, py: Py, translate: () => Value): Value {
  const depth = frame.before.length
  try {
    return translate()
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    frame.before.length = depth
    const why = error.why === '' ? aboutLambdas(py, frame) : error.why
    frame.before.push(todoFor(frame, py, why), ...requestsOf(py, frame))
    return { expr: { k: 'str', value: 'TODO' }, type: { kind: 'lost' } }
  }
}

/** Declares a Python variable, and chooses its name in TypeScript. */
export function declare(frame: Frame, id: string, type: Type): Variable {
  const known = frame.scope.get(id)
  if (known) return known
  const variable = { name: frame.names.take(valueName(id)), type }
  frame.scope.set(id, variable)
  return variable
}

/** Returns a copy of the frame for a nested function. The copy can contain additional variables. */
export function inner(frame: Frame, plan: Plan = frame.plan): Frame {
  return { ...frame, scope: new Map(frame.scope), names: frame.names.copy(), before: [], plan, returns: undefined }
}

/** Returns the full path of an imported name, such as `random.choice`, for every form of import. */
export function pathOf(frame: Frame, py: Py): string | null {
  const names = dottedName(py)
  if (names === null) return null
  const [first = '', ...rest] = names.split('.')
  if (frame.scope.has(first) || frame.module.functions.has(first)) return null
  const path = frame.module.imports.get(first)
  return path === undefined ? null : [path, ...rest].join('.')
}
