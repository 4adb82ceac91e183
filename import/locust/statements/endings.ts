import { type Stmt, at, expression, id, make, method, nil, num, str } from '../../scenario/code.ts'
import { awaits } from '../../scenario/walk.ts'
import { declare, inner, todoFor } from '../code/context.ts'
import { blocksOf, namesOf, planOf } from '../code/declarations.ts'
import { generatorType } from '../code/generators.ts'
import { isGenerator } from '../code/yields.ts'
import { block, translate, translateOr } from '../code/translator.ts'
import { any, unified } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { expressionStatement } from './special-calls.ts'

export function inside(frame: Frame): Frame {
  return { ...frame, before: [] }
}

export function returned(of: Py | null, frame: Frame, isTail: boolean): Stmt[] {
  if (frame.self?.kind === 'shape' && (!of || of.t === 'none')) return [{ k: 'return', of: nil }]
  if (!of || of.t === 'none' || frame.isTask) {
    const value = of && of.t === 'call' ? expressionStatement(of, frame) : []
    return [...value, ...(isTail ? [] : [{ k: 'return' } as const])]
  }
  const value = frame.self?.kind === 'shape' ? usersOf(of, frame) : translate(of, frame)
  frame.returns = unified(frame.returns, value.type)
  const isPromise = value.expr.k === 'await'
  return [{ k: 'return', of: isPromise && value.expr.k === 'await' ? value.expr.of : value.expr }]
}

/** Translates the users and the spawn rate that `tick` returns, directly or through a variable. The scenario needs only the number of users. */
function usersOf(of: Py, frame: Frame): Value {
  if (of.t === 'tuple' && of.items[0]) return translate(of.items[0], frame)
  const value = translate(of, frame)
  const isPair = of.t === 'name' && somePair(frame.plan.body, of.id)
  return isPair ? { expr: at(value.expr, num(0)), type: any } : value
}

/** Returns true if statements assign a tuple to the name. */
function somePair(stmts: readonly PyStmt[], name: string): boolean {
  return stmts.some(
    (stmt) =>
      (stmt.t === 'assign' &&
        stmt.value?.t === 'tuple' &&
        stmt.targets.some((one) => one.t === 'name' && one.id === name)) ||
      blocksOf(stmt).some((block) => somePair(block, name)),
  )
}

export function raised(of: Py | null, frame: Frame): Stmt[] {
  if (!of) return [{ k: 'throw', of: id(frame.caught ?? 'error') }]
  const name = dottedName(of.t === 'call' ? of.of : of) ?? ''
  if (name.endsWith('StopUser') && frame.self) return [expression(method(frame.self.expr, 'stop'))]
  if (/RescheduleTask(?:Immediately)?$/.test(name)) return [{ k: 'return' }]
  if (name.endsWith('InterruptTaskSet') && frame.self) return [...frame.self.leave]
  if (of.t === 'name' && frame.scope.has(of.id)) return [{ k: 'throw', of: translate(of, frame).expr }]
  const message = of.t === 'call' ? of.args[0] : undefined
  return [{ k: 'throw', of: make('Error', message ? translateOr(message, frame).expr : str(name)) }]
}

/**
 * Translates `try … except …`. Python's exception types have no counterpart, so one `catch` with the code of the first `except` handles all
 * exceptions. Each further `except` becomes a TODO comment.
 */
export function attempt(
  { body, arms, otherwise, last }: Extract<PyStmt, { t: 'try' }>,
  frame: Frame,
  isTail: boolean,
): Stmt[] {
  const isJudging =
    frame.judged !== null && arms.length > 0 && arms.every((arm) => arm.body.every((stmt) => onlyFails(stmt, frame)))
  if (isJudging && last.length === 0) return block([...body, ...otherwise], frame, isTail)
  const tried = block([...body, ...otherwise], inside(frame), false)
  const [arm] = arms
  const error = arm?.name ?? null
  const own = inner(frame)
  own.returns = frame.returns
  const named = error === null ? null : declare(own, error, { kind: 'error' }).name
  const caught = arm ? block(arm.body, { ...own, caught: named ?? 'error' }, isTail) : null
  const needsName = named ?? (arm?.body.some((stmt) => stmt.t === 'raise' && !stmt.of) ? 'error' : null)
  const others = arms
    .slice(1)
    .map((other) =>
      todoFor(
        frame,
        (other.body[0] ?? body[0]) as PyStmt,
        `except ${other.types.map((type) => dottedName(type) ?? '').join(', ')}`,
      ),
    )
  return [
    {
      k: 'try',
      body: tried,
      caught: caught && [...caught, ...others],
      last: last.length > 0 ? block(last, inside(frame), false) : null,
      ...(needsName !== null && { error: needsName }),
    },
  ]
}

function onlyFails(stmt: PyStmt, frame: Frame): boolean {
  const py = stmt.t === 'expr' ? stmt.of : null
  if (py?.t !== 'call') return stmt.t === 'pass' || stmt.t === 'return' || stmt.t === 'comment'
  const of = py.of.t === 'attr' ? py.of.of : null
  return (
    (of?.t === 'name' && of.id === frame.judged) ||
    dottedName(py.of) === 'print' ||
    (dottedName(py.of) ?? '').startsWith('logg')
  )
}

/** Translates a function inside another function. */
export function innerFunction(
  fn: Extract<PyStmt, { t: 'def' }>['fn'],
  frame: Frame,
): Extract<Stmt, { k: 'function' }>['fn'] {
  const generator = isGenerator(fn)
  const of = generator ? { of: generatorType(frame.module.asynchronous.has(fn.name)) } : {}
  const name = declare(frame, fn.name, { kind: 'function', ...of }).name
  const own = inner(frame, planOf(fn.body))
  const params = fn.params.map((param) => ({ name: declare(own, param.name, any).name, type: 'any' }))
  const body = block(fn.body, { ...own, isTask: generator }, true)
  const isAsync = awaits(body)
  if (generator) return { name, params, async: isAsync, generator, body }
  return { name, params, async: isAsync, body, ...(isAsync && { returns: 'Promise<any>' }) }
}

export function endsIn(stmts: readonly Stmt[]): boolean {
  return stmts.at(-1)?.k === 'return' || stmts.at(-1)?.k === 'throw'
}

/** Handles a statement that could not be translated. Declares the variables of this statement, and gives each variable a placeholder as its value. */
export function lostVariables(stmt: PyStmt, frame: Frame): Stmt[] {
  for (const name of blocksOf(stmt).flatMap((inside) => writtenIn(inside))) {
    const known = frame.scope.get(name)
    if (known) frame.scope.set(name, { ...known, type: { kind: 'lost' } })
  }
  const names =
    stmt.t === 'assign'
      ? stmt.targets.flatMap(namesOf)
      : stmt.t === 'with'
        ? stmt.body.flatMap((one) => (one.t === 'assign' ? one.targets.flatMap(namesOf) : []))
        : []
  return names
    .filter((name) => !frame.scope.has(name))
    .map((name): Stmt => {
      const variable = declare(frame, name, { kind: 'lost' })
      return { k: 'var', kind: 'let', name: variable.name, value: str('TODO') }
    })
}

/** Returns the names that statements assign, including the assignments in inner blocks. */
function writtenIn(stmts: readonly PyStmt[]): string[] {
  return stmts.flatMap((stmt) => {
    const targets = stmt.t === 'assign' ? stmt.targets : stmt.t === 'update' ? [stmt.target] : []
    return [...targets.flatMap(namesOf), ...blocksOf(stmt).flatMap(writtenIn)]
  })
}
