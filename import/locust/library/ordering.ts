import { type Expr, array, arrow, at, binary, id, method, num, snippet, spread } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { iterated } from '../code/loops.ts'
import { translate } from '../code/translator.ts'
import { type Type, any, listOf, number, unified } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call } from '../python/syntax.ts'
import { argumentsOf, listed, only } from './lists.ts'

/** Translates `sorted(…)`, with or without the arguments `key` and `reverse`. */
export function sorted(py: Call, frame: Frame): Value {
  const value = iterated(only(py), frame)
  const key = keyOf(py, value, frame)
  const isReversed = py.named.some((one) => one.name === 'reverse' && one.value.t === 'bool' && one.value.value)
  const inOrder = (expr: Expr): Expr => (isReversed ? method(expr, 'toReversed') : expr)
  const type = listOf(value.type.of ?? any)
  if (key) return { expr: inOrder(sortedBy(value, key)), type }
  const kind = value.type.of?.kind
  // Without a comparison function, toSorted() compares items as strings.
  if (kind === 'str') return { expr: inOrder(method(listed(value), 'toSorted')), type }
  if (kind !== 'num') return { expr: inOrder(sortedBy(value, null)), type }
  return { expr: inOrder(method(listed(value), 'toSorted', arrow(['a', 'b'], binary(id('a'), '-', id('b'))))), type }
}

/** Returns the code that sorts items by a key. Without a key, this code compares the items themselves. */
function sortedBy(value: Value, key: Expr | null): Expr {
  const { of } = value.type
  const types = key === null && (!of || of.kind === 'any') ? { types: 'any' } : {}
  return { k: 'call', of: snippet('sortedBy'), args: [listed(value), ...(key ? [key] : [])], ...types }
}

/** Returns the function in `key=…`; null if the call does not have this argument. */
function keyOf(py: Call, value: Value, frame: Frame): Expr | null {
  const given = py.named.find(({ name }) => name === 'key')?.value
  if (!given) return null
  const isGet = given.t === 'attr' && given.name === 'get'
  if (isGet) return arrow([{ name: 'key', type: 'any' }], at(translate(given.of, frame).expr, id('key')))
  const { expr } = translate(given, frame)
  if (expr.k !== 'arrow' || value.type.of === undefined || value.type.of.kind === 'any') return expr
  return { ...expr, params: expr.params.map((param) => ({ name: param.name })) }
}

/** Translates `min(…)` and `max(…)`, with or without the arguments `key` and `default`. */
export function extreme(name: 'min' | 'max', py: Call, frame: Frame): Value {
  const otherwise = py.named.find((one) => one.name === 'default')?.value
  const isKeyed = py.named.some((one) => one.name === 'key')
  if (!isKeyed && !otherwise && areNumbers(py, frame))
    return { expr: method(id('Math'), name, ...several(py, frame)), type: number }
  if (py.args.length !== 1 && (isKeyed || otherwise)) throw new Lost(py)
  const value = py.args.length === 1 ? iterated(only(py), frame) : together(py, frame)
  const key = keyOf(py, value, frame)
  const found = method(sortedBy(value, key), 'at', num(name === 'min' ? 0 : -1))
  const expr: Expr = otherwise ? binary(found, '??', translate(otherwise, frame).expr) : { k: 'present', of: found }
  return { expr, type: value.type.of ?? any }
}

/** Translates `enumerate(items, start=1)`. */
export function numbered(value: Value, start: Expr): Value {
  const pair = array([binary(id('index'), '+', start), id('one')])
  const params = [
    { name: 'one', ...(value.type.kind === 'any' && { type: 'any' }) },
    ...(value.type.kind === 'any' ? [{ name: 'index', type: 'any' }] : [{ name: 'index' }]),
  ]
  const pairs: Expr = { k: 'as', of: pair, type: 'const' }
  return {
    expr: method(listed(value), 'map', arrow(params, pairs)),
    type: listOf({ kind: 'dict', of: value.type.of ?? any }),
  }
}

/** Returns true if the compared values are numbers. One number among the arguments is enough, because Python compares numbers only with numbers. */
function areNumbers(py: Call, frame: Frame): boolean {
  if (py.args.length === 1) return iterated(only(py), frame).type.of?.kind === 'num'
  return argumentsOf(py, frame, 1).some(({ type }) => type.kind === 'num')
}

/** Returns the arguments as a list. */
function together(py: Call, frame: Frame): Value {
  const values = argumentsOf(py, frame, 1)
  const of = values.reduce<Type | undefined>((common, { type }) => unified(common, type), undefined)
  return { expr: array(values.map(({ expr }) => expr)), type: listOf(of ?? any) }
}

function several(py: Call, frame: Frame): Expr[] {
  if (py.named.length > 0) throw new Lost(py)
  const values = argumentsOf(py, frame, 1)
  return values.length === 1 ? [spread((values[0] as Value).expr)] : values.map(({ expr }) => expr)
}
