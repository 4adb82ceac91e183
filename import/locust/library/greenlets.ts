import { type Expr, array, awaited, id, method } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { requestIn, translate } from '../code/translator.ts'
import { any, listOf, none } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'
import { listed } from './lists.ts'

/** Returns an expression that awaits all promises of a list. */
function allOf(list: Expr): Expr {
  return awaited(method(id('Promise'), 'all', list))
}

/** Translates `gevent.spawn(f, 1)` to the promise of the call `f(1)`. */
function started(py: Call, frame: Frame): Expr {
  const [of, ...args] = py.args
  if (!of) throw new Lost(py)
  const call: Call = { at: py.at, from: py.from, to: py.to, t: 'call', of, args, named: py.named }
  const request = requestIn(call, frame)
  if (request) return request
  const { expr } = translate(call, frame)
  return expr.k === 'await' ? expr.of : method(id('Promise'), 'resolve', expr)
}

/** Translates `pool.map(f, items)`. */
function mapped(py: Call, frame: Frame): Expr {
  const [of, items, ...more] = py.args
  if (!of || !items || more.length > 0) throw new Lost(py)
  const { at, from, to } = py
  const item: Py = { at, from, to, t: 'name', id: 'item' }
  const params = [{ name: 'item', kind: 'plain' as const, type: null, value: null }]
  const body: Py = { at, from, to, t: 'call', of, args: [item], named: [] }
  const each: Py = of.t === 'lambda' ? of : { at, from, to, t: 'lambda', params, body }
  const { expr } = translate(each, frame)
  const made = expr.k === 'arrow' && 'k' in expr.body ? expr.body : null
  const one: Expr = expr.k === 'arrow' && made?.k === 'await' ? { ...expr, async: false, body: made.of } : expr
  return allOf(method(listed(translate(items, frame)), 'map', one))
}

const pool: Builtin = () => ({ expr: array([]), type: { kind: 'pool' } })

export const greenletFunctions: Readonly<Record<string, Builtin>> = {
  'gevent.spawn': (py, frame) => ({ expr: started(py, frame), type: { kind: 'greenlet' } }),
  'gevent.joinall': (py, frame) => ({ expr: allOf(translate(only(py), frame).expr), type: none }),
  'gevent.wait': (py, frame) => ({ expr: allOf(translate(only(py), frame).expr), type: none }),
  'gevent.pool.Pool': pool,
  'gevent.pool.Group': pool,
}

function only(py: Call): Py {
  const [first] = py.args
  if (!first) throw new Lost(py)
  return first
}

/** Translates the methods of pools and of the objects that `gevent.spawn` returns. */
export function greenletCall(py: Call, name: string, owner: Value, frame: Frame): Value | null {
  if (owner.type.kind === 'greenlet' && ['get', 'join', 'wait'].includes(name))
    return { expr: awaited(owner.expr), type: any }
  if (owner.type.kind !== 'pool') return null
  if (['spawn', 'apply_async'].includes(name))
    return { expr: method(owner.expr, 'push', started(py, frame)), type: none }
  if (name === 'join') return { expr: allOf(owner.expr), type: none }
  if (['map', 'imap', 'imap_unordered'].includes(name)) return { expr: mapped(py, frame), type: listOf(any) }
  throw new Lost(py)
}
