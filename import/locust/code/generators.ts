import { type Expr, type Stmt, array, call, expression, id, method, snippet } from '../../scenario/code.ts'
import type { Frame, Value } from '../frame.ts'
import type { PyStmt } from '../python/syntax.ts'
import { Lost } from './context.ts'
import { type Type, any, listOf } from './value-types.ts'

/** Returns the result type of a function that yields. */
export function generatorType(isAsync: boolean): Type {
  return { kind: 'generator', of: any, isAsync }
}

/**
 * Returns a list of the values of an async generator. Adds a loop to `frame.before`. This loop fills the list before the current statement runs.
 * Returns any other value unchanged.
 */
export function collected(value: Value, frame: Frame): Value {
  if (value.type.kind !== 'generator' || !value.type.isAsync) return value
  const name = (frame.outer ?? frame).names.take('results')
  frame.before.push(
    { k: 'var', kind: 'const', name, type: 'any[]', value: array([]) },
    {
      k: 'for',
      name: 'one',
      of: value.expr,
      body: [expression(method(id(name), 'push', id('one')))],
      isAwaited: true,
    },
  )
  return { expr: id(name), type: listOf(any) }
}

/** Translates `next(numbers)` and `next(numbers, None)` for a generator. */
export function nextOf({ expr, type }: Value, otherwise: Expr | null): Value {
  const name = type.isAsync ? 'nextAwaited' : 'nextOf'
  const next = call(snippet(name), expr, ...(otherwise ? [otherwise] : []))
  return { expr: type.isAsync ? { k: 'await', of: next } : next, type: any }
}

/** Translates `yield value` and `yield from values`. */
export function yielded(of: Value | null, all: boolean, py: PyStmt): Stmt[] {
  if (of?.type.kind === 'lost') throw new Lost(py)
  return [{ k: 'yield', of: of?.expr ?? { k: 'undefined' }, ...(all && { all }) }]
}
