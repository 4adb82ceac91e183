import {
  type Expr,
  type Stmt,
  array,
  assign,
  binary,
  comment,
  expression,
  id,
  make,
  method,
  num,
  spread,
  str,
} from '../../scenario/code.ts'
import { condition, opposite, refuseLost } from '../code/conditions.ts'
import { Lost, declare, lostWithRequests, pathOf, todoFor } from '../code/context.ts'
import { isReadAfter } from '../code/declarations.ts'
import { yielded } from '../code/generators.ts'
import { isContextManager } from '../code/yields.ts'
import { iteratedOrGenerator, targetOf, withoutEarlyRest } from '../code/loops.ts'
import { assigned, block, translate, translateOr } from '../code/translator.ts'
import { any } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import { setConnection } from '../http/connections.ts'
import { httpOf } from '../http/requests.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { attempt, endsIn, innerFunction, inside, lostVariables, raised, returned } from './endings.ts'
import { expressionStatement } from './special-calls.ts'
import { isLockPath } from '../python/imported.ts'

/** Translates one statement. The result begins with the statements that must precede the translated statement. */
export function statement(stmt: PyStmt, frame: Frame, isTail: boolean): Stmt[] {
  const outer = frame.before
  frame.before = []
  try {
    const translator = translators[stmt.t] as ((stmt: PyStmt, frame: Frame, isTail: boolean) => Stmt[]) | undefined
    if (!translator) throw new Lost(stmt)
    const own = translator(stmt, frame, isTail)
    return [...frame.before, ...own]
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    return [...lostWithRequests(frame, stmt, error.why), ...lostVariables(stmt, frame), ...lostReturn(stmt)]
  } finally {
    frame.before = outer
  }
}

/** Handles a `return` whose value has no counterpart. Returns a `return` with a placeholder, so that the function still has a result. */
function lostReturn(stmt: PyStmt): Stmt[] {
  if (stmt.t !== 'return' || !stmt.of) return []
  return [{ k: 'return', of: { k: 'as', of: { k: 'str', value: 'TODO' }, type: 'any' } }]
}

type Translators = { [T in PyStmt['t']]?: (stmt: Extract<PyStmt, { t: T }>, frame: Frame, isTail: boolean) => Stmt[] }

const nothing = (): Stmt[] => []

const translators: Translators = {
  expr: (stmt, frame) => expressionStatement(stmt.of, frame),
  assign: ({ targets, value }, frame) => {
    if (!value || isLeftOut(targets, value, frame)) return []
    const [target] = targets
    const isNew =
      target?.t === 'name' &&
      targets.length === 1 &&
      !frame.scope.has(target.id) &&
      frame.plan.variables.get(target.id)?.inline
    const one = translateOr(value, { ...frame, wanted: isNew && value.t === 'each' ? target.id : null })
    if (isNew && one.expr.k === 'id' && one.expr.name === frame.scope.get(target.id)?.name) return []
    return targets.toReversed().flatMap((target) => assigned(target, one, frame))
  },
  update: ({ target, op, value }, frame) => {
    const [left, right] = [translate(target, frame), translate(value, frame)]
    if (left.type.kind === 'list' && op === '+')
      return [expression(method(left.expr, 'push', { k: 'spread', of: right.expr }))]
    const merged = mergedInto(left, op, right)
    if (merged) return [merged]
    if (op === '//')
      return [
        expression(
          assign(left.expr, method(id('Math'), 'floor', { k: 'binary', op: '/', left: left.expr, right: right.expr })),
        ),
      ]
    // In `HITS[key] += 1`, the dictionary may have a default for missing keys. The translated left side is then `HITS[key] ?? 0`.
    if (left.expr.k === 'binary' && left.expr.op === '??' && target.t === 'sub')
      return [expression(assign(left.expr.left, { k: 'binary', op, left: left.expr, right: right.expr }))]
    return [expression(assign(left.expr, right.expr, `${op}=`))]
  },
  if: ({ arms, otherwise }, frame, isTail) => {
    refuseLost(
      arms.map(({ test }) => test),
      frame,
    )
    const isFirst = (index: number): boolean => index === arms.length - 1
    const last = block(otherwise, inside(frame), isTail)
    return arms
      .toReversed()
      .reduce<Stmt[]>(
        (no, { test, body }, index) =>
          branch(condition(test, frame), block(body, inside(frame), isTail), no, isFirst(index)),
        last,
      )
  },
  for: (given, frame) => {
    const stmt = withoutEarlyRest(given, frame)
    const { target, of, body, otherwise } = stmt
    const over = iteratedOrGenerator(of, frame)
    const own = inside(frame)
    const awaits = over.type.isAsync ? { isAwaited: true } : {}
    if (target.t === 'name' && isReadAfter(target.id, stmt, frame.plan.body)) return keptLoop(stmt, over, frame)
    const name = targetOf(target, over.type.of, own)
    return loop(otherwise, own, (within) => ({
      k: 'for',
      name,
      of: over.expr,
      body: block(body, within, false),
      ...awaits,
    }))
  },
  while: ({ test, body, otherwise }, frame) =>
    loop(otherwise, inside(frame), (within) => ({
      k: 'while',
      test: condition(test, frame),
      body: block(body, within, false),
    })),
  try: (stmt, frame, isTail) => attempt(stmt, frame, isTail),
  with: ({ items, body }, frame, isTail) => {
    for (const { value, name } of items) {
      if (!name) {
        const why = isManaged(value, frame) ? 'burst does not run the code of this context manager' : ''
        if (!isLock(value, frame)) frame.before.push(todoFor(frame, value, why))
        continue
      }
      const file = translate(value, frame)
      if (file.type.kind !== 'file' || name.t !== 'name') throw new Lost(value)
      frame.scope.set(name.id, { name: '', type: file.type, file: file.expr })
    }
    return block(body, frame, isTail)
  },
  return: ({ of }, frame, isTail) => returned(of, frame, isTail),
  raise: ({ of }, frame) => raised(of, frame),
  yield: (stmt, frame) =>
    yielded(stmt.of && (stmt.all ? iteratedOrGenerator : translate)(stmt.of, frame), stmt.all, stmt),
  pass: nothing,
  break: (_, frame) => [...(frame.onBreak ?? []), { k: 'break' }],
  continue: () => [{ k: 'continue' }],
  def: ({ fn }, frame) => [{ k: 'function', fn: innerFunction(fn, frame) }],
  import: nothing,
  global: nothing,
  comment: ({ text }) => [comment(text)],
  delete: ({ of }, frame) => of.flatMap((one): Stmt[] => (one.t === 'sub' ? [expression(deleted(one, frame))] : [])),
  assert: ({ test, message }, frame) => {
    const error = make('Error', message ? translateOr(message, frame).expr : str('an assertion failed'))
    return [{ k: 'if', test: opposite(condition(test, frame)), yes: [{ k: 'throw', of: error }], no: [] }]
  },
}

/** Translates the operators of sets and dictionaries, such as `names |= {"a"}` and `body |= {"a": 1}`. */
function mergedInto(left: Value, op: string, right: Value): Stmt | null {
  if (op === '|' && (left.type.kind === 'dict' || right.type.kind === 'dict'))
    return expression(method(id('Object'), 'assign', left.expr, right.expr))
  if (left.type.kind !== 'set' && right.type.kind !== 'set') return null
  const name = op === '|' ? 'add' : op === '-' ? 'delete' : null
  if (name !== null)
    return { k: 'for', name: 'one', of: right.expr, body: [expression(method(left.expr, name, id('one')))] }
  const isKept = method(right.expr, 'has', id('one'))
  if (op !== '&') return null
  const kept = { k: 'unary', op: '!', of: isKept } as const
  const body: Stmt[] = [{ k: 'if', test: kept, yes: [expression(method(left.expr, 'delete', id('one')))], no: [] }]
  return { k: 'for', name: 'one', of: array([spread(left.expr)]), body }
}

/** Translates a loop whose variable is read after the loop. The variable is declared before the loop. */
function keptLoop(stmt: Extract<PyStmt, { t: 'for' }>, over: Value, frame: Frame): Stmt[] {
  const { target, body, otherwise } = stmt
  if (target.t !== 'name') throw new Lost(stmt)
  const known = frame.scope.get(target.id)
  const variable = known ?? declare(frame, target.id, over.type.of ?? any)
  const first: Stmt[] = known ? [] : [{ k: 'var', kind: 'let', name: variable.name, type: 'any' }]
  const one = frame.names.take('one')
  const kept = expression(assign(id(variable.name), id(one)))
  const loops = loop(otherwise, inside(frame), (within) => ({
    k: 'for',
    name: one,
    of: over.expr,
    body: [kept, ...block(body, within, false)],
    ...(over.type.isAsync && { isAwaited: true }),
  }))
  return [...first, ...loops]
}

/** Translates `del d[key]` and `del items[0]`. */
function deleted(py: Extract<Py, { t: 'sub' }>, frame: Frame): Expr {
  const of = translate(py.of, frame)
  if (py.index.t === 'slice') {
    const { start, end, step } = py.index
    if (step) throw new Lost(py)
    const from = start ? translate(start, frame).expr : num(0)
    return method(of.expr, 'splice', from, ...(end ? [binary(translate(end, frame).expr, '-', from)] : []))
  }
  const isList = of.type.kind === 'list' || (of.type.kind !== 'dict' && ['num', 'unary'].includes(py.index.t))
  if (isList) return method(of.expr, 'splice', translate(py.index, frame).expr, num(1))
  return { k: 'unary', op: 'delete', of: translate(py, frame).expr }
}

/** Translates a loop with `else`. The `else` block runs unless the loop ends with `break`. */
function loop(otherwise: readonly PyStmt[], frame: Frame, make: (frame: Frame) => Stmt): Stmt[] {
  if (otherwise.length === 0) {
    const only = make({ ...frame, onBreak: [] })
    // If the loop contains only comments, the comments replace the loop.
    return only.k === 'for' && only.body.length > 0 && only.body.every(({ k }) => k === 'comment')
      ? [...only.body]
      : [only]
  }
  const name = frame.names.take('isDone')
  const onBreak = [expression(assign(id(name), { k: 'bool', value: true }))]
  const made = make({ ...frame, onBreak })
  const no: Stmt = {
    k: 'if',
    test: { k: 'unary', op: '!', of: id(name) },
    yes: block(otherwise, inside(frame), false),
    no: [],
  }
  return [{ k: 'var', kind: 'let', name, value: { k: 'bool', value: false } }, made, no]
}

/**
 * Handles `run_time = self.get_run_time()` in a shape. The translated function already has an argument with this value, so uses of the variable read
 * the argument.
 */
function isAlias(targets: readonly Py[], value: Py, frame: Frame): boolean {
  const [target] = targets
  const isTime =
    value.t === 'call' && value.of.t === 'attr' && value.of.name === 'get_run_time' && frame.self?.kind === 'shape'
  if (!isTime || target?.t !== 'name' || frame.plan.variables.get(target.id)?.writes !== 1) return false
  frame.scope.set(target.id, { name: 'second', type: { kind: 'num' } })
  return true
}

/** Returns true if a value is a call of a context manager of the file. */
function isManaged(value: Py, { module }: Frame): boolean {
  const name = value.t === 'call' && (value.of.t === 'name' ? value.of.id : value.of.t === 'attr' ? value.of.name : '')
  const methods = [...module.classes.values()].flatMap(({ body }) =>
    body.flatMap((one) => (one.t === 'def' ? [one.fn] : [])),
  )
  return [...module.functions.values(), ...methods].some((fn) => fn.name === name && isContextManager(fn.decorators))
}

/** Returns true if a value is a lock. Locks are left out, because the code of a user is not interrupted between two `await`. */
function isLock(value: Py, frame: Frame): boolean {
  const path = value.t === 'call' ? pathOf(frame, value.of) : null
  const { locks } = frame.module
  if (value.t === 'attr' && locks.has(`.${value.name}`)) return true
  return (value.t === 'name' && locks.has(value.id)) || (path !== null && isLockPath(path))
}

/** Returns true for an assignment that is left out. Such an assignment sets a lock, a setting of the client, or the run time of a shape. */
function isLeftOut(targets: readonly Py[], value: Py, frame: Frame): boolean {
  const isLockSet = value.t === 'call' && isLock(value, frame) && targets.every(({ t }) => t === 'attr')
  return isLockSet || isAlias(targets, value, frame) || isConnection(targets, value, frame)
}

/** Returns true for `self.client.verify = False` and similar assignments. */
function isConnection([target]: readonly Py[], value: Py, frame: Frame): boolean {
  return target?.t === 'attr' && httpOf(target.of, frame) !== null && setConnection(target.name, value, frame)
}

/** Returns an `if` statement without its empty branches. */
function branch(test: Expr, yes: readonly Stmt[], no: readonly Stmt[], isFirst: boolean): Stmt[] {
  if (yes.length === 0 && no.length === 0) return []
  if (yes.length === 0) return [notThen(opposite(test), no)]
  return isFirst && endsIn(yes) && no.length > 0
    ? [{ k: 'if', test, yes, no: [] }, ...no]
    : [{ k: 'if', test, yes, no }]
}

function notThen(test: Expr, no: readonly Stmt[]): Stmt {
  const [only] = no
  if (no.length === 1 && only?.k === 'if' && only.no.length === 0)
    return { ...only, test: { k: 'binary', op: '&&', left: test, right: only.test } }
  return { k: 'if', test, yes: no, no: [] }
}
