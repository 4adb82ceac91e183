import { type Expr, binary, call, method, num } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { nextOf } from '../code/generators.ts'
import { iterated } from '../code/loops.ts'
import { translate } from '../code/translator.ts'
import { any } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import { listed, only } from './lists.ts'

/** Translates `next(values)` and `next(values, None)`. */
export function nextValue(py: Call, frame: Frame): Value {
  const value = translate(only(py), frame)
  const otherwise = py.args[1] ? translate(py.args[1], frame).expr : null
  if (value.type.kind === 'cycle') return { expr: call(value.expr), type: value.type.of ?? any }
  if (value.type.kind === 'generator') return nextOf(value, otherwise)
  if (only(py).t !== 'each') throw new Lost(py)
  return firstOf(value, otherwise)
}

/** `iter(values)` */
export function iteratorOf(py: Call, frame: Frame): Value {
  const value = iterated(only(py), frame)
  return {
    expr: method(listed(value), 'values'),
    type: { kind: 'generator', of: value.type.of ?? any, isAsync: false },
  }
}

/** Rewrites `map(str.lower, names)` as `[one.lower() for one in names]`. Returns null if the call has no second argument. */
export function methodItems(py: Call, { name }: Extract<Py, { t: 'attr' }>): Py | null {
  const { at, from, to } = py
  const [, of] = py.args
  const target: Py = { at, from, to, t: 'name', id: 'one' }
  const item: Py = { at, from, to, t: 'call', of: { at, from, to, t: 'attr', of: target, name }, args: [], named: [] }
  return of ? { at, from, to, t: 'each', kind: 'list', key: null, item, loops: [{ target, of, tests: [] }] } : null
}

/** Translates `next(one for one in list if …)`, which is the first item that passes the test. */
function firstOf({ expr, type }: Value, otherwise: Expr | null): Value {
  const isFiltered = expr.k === 'call' && expr.of.k === 'member' && expr.of.name === 'filter'
  const found: Expr = isFiltered
    ? { ...expr, of: { ...expr.of, name: 'find' } as Expr }
    : { k: 'index', of: expr, at: num(0) }
  if (!otherwise) return nextOf({ expr: method(expr, 'values'), type }, null)
  return { expr: binary(found, '??', otherwise), type: any }
}
