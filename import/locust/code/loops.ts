import {
  type Expr,
  type Param,
  type Pattern,
  type Stmt,
  array,
  arrow,
  binary,
  id,
  member,
  method,
  num,
  object,
  snippet,
  spread,
  str,
} from '../../scenario/code.ts'
import { awaits } from '../../scenario/walk.ts'
import type { Frame, Value } from '../frame.ts'
import { readText } from '../library/files.ts'
import type { Loop, Py, PyStmt } from '../python/syntax.ts'
import { condition } from './conditions.ts'
import { Lost, declare, inner } from './context.ts'
import { namesOf } from './declarations.ts'
import { collected } from './generators.ts'
import { translate } from './translator.ts'
import { type Type, any, listOf, number, text } from './value-types.ts'

/** Returns the value over which a loop iterates, for use in `for … of`. */
export function iterated(py: Py, frame: Frame): Value {
  return collected(iteratedOrGenerator(py, frame), frame)
}

/** Returns the value over which a loop iterates. Returns an async generator unchanged, because a loop can await the values of the generator. */
export function iteratedOrGenerator(py: Py, frame: Frame): Value {
  const range = rangeOf(py)
  if (range) return { expr: rangeValue(range, frame), type: listOf(number) }
  const { expr, type } = translate(py, frame)
  if (type.kind === 'lost') throw new Lost(py)
  if (py.t === 'name' && frame.module.enums.has(py.id) && !frame.scope.has(py.id))
    return { expr: method(id('Object'), 'values', expr), type: listOf(any) }
  if (type.kind === 'file')
    return { expr: method(method(readText(expr), 'trim'), 'split', str('\n')), type: listOf(text) }
  if (type.kind === 'dict') return { expr: method(id('Object'), 'keys', expr), type: listOf(text) }
  if (type.kind === 'str') return { expr, type: listOf(text) }
  return { expr, type }
}

function rangeOf(py: Py): Py[] | null {
  return py.t === 'call' && py.of.t === 'name' && py.of.id === 'range' && py.args.length > 0 ? py.args : null
}

function rangeValue(args: readonly Py[], frame: Frame): Expr {
  const [first, second, step] = args.map((arg) => translate(arg, frame).expr)
  if (!first) throw new Error('range() without an argument is not translated')
  if (!second) return method(method(id('Array'), 'from', object([{ key: 'length', value: first }])), 'keys')
  return { k: 'call', of: snippet('numbersFrom'), args: step ? [first, second, step] : [first, second] }
}

/** Returns the variables of a loop: a name, or a pattern of names. */
export function targetOf(target: Py, of: Type | undefined, frame: Frame): string | Pattern {
  if (target.t === 'name') return target.id === '_' ? '_' : declaredAs(frame, target.id, of ?? any)
  if (target.t !== 'tuple' && target.t !== 'list') throw new Lost(target)
  return { array: target.items.map((item, index) => patternItem(item, itemType(of, index), frame)) }
}

function itemType(of: Type | undefined, index: number): Type {
  if (of?.kind === 'list') return of.of ?? any
  return index === 0 && of?.kind === 'dict' ? text : any
}

/** Translates an item of a pattern to a name, to `...rest` at the end, or to an inner pattern. Returns null for a value that is not used. */
function patternItem(item: Py, type: Type, frame: Frame): string | Pattern | null {
  if (item.t === 'tuple' || item.t === 'list') return targetOf(item, any, frame)
  if (item.t === 'star' && item.of.t === 'name')
    return item.of.id === '_' ? null : `...${declare(frame, item.of.id, listOf(any)).name}`
  if (item.t !== 'name') throw new Lost(item)
  return item.id === '_' ? null : declare(frame, item.id, type).name
}

/** Changes a loop such as `for *_, last in rows` to a loop over the rows. The first statement of the new loop assigns the names. */
export function withoutEarlyRest(stmt: Extract<PyStmt, { t: 'for' }>, frame: Frame): Extract<PyStmt, { t: 'for' }> {
  const { target, at, from, to } = stmt
  if (!hasEarlyRest(target)) return stmt
  const row: Py = { at, from, to, t: 'name', id: 'row ' }
  for (const name of namesOf(target)) frame.plan.variables.delete(name)
  return { ...stmt, target: row, body: [{ at, from, to, t: 'assign', targets: [target], value: row }, ...stmt.body] }
}

/** Returns true if names follow the `*rest` of a pattern, which TypeScript does not allow. */
function hasEarlyRest(target: Py): boolean {
  return (
    (target.t === 'tuple' || target.t === 'list') &&
    target.items.slice(0, -1).some((item) => item.t === 'star' || hasEarlyRest(item))
  )
}

/** Declares the variable of a loop. If the variable already exists, replaces its type. */
function declaredAs(frame: Frame, name: string, type: Type): string {
  const variable = declare(frame, name, type)
  variable.type = type
  return variable.name
}

/** Translates a comprehension, such as `[item["id"] for item in items]`. */
export function each(py: Extract<Py, { t: 'each' }>, frame: Frame): Value {
  const own = inner(frame)
  own.before = frame.before
  own.outer = frame
  const key = py.key
  const item = key
    ? (): Value => {
        const [name, value] = [translate(key, own), translate(py.item, own)]
        return { expr: array([name.expr, value.expr]), type: value.type }
      }
    : (): Value => translate(py.item, own)
  const list = looped(py.loops, item, own)
  if (py.kind === 'dict')
    return { expr: method(id('Object'), 'fromEntries', list.expr), type: { kind: 'dict', of: list.type.of ?? any } }
  if (py.kind === 'set')
    return {
      expr: { k: 'new', of: id('Set'), args: [list.expr], ...(list.type.of?.kind === 'any' && { types: 'any' }) },
      type: { ...list.type, kind: 'set' },
    }
  return list
}

function looped(loops: readonly Loop[], item: () => Value, frame: Frame): Value {
  const [loop, ...rest] = loops
  if (!loop) throw new Error('a comprehension without a loop is not translated')
  const range = rangeOf(loop.of)
  if (range?.length === 1 && range[0] && rest.length === 0 && loop.tests.length === 0)
    return counted(loop, range[0], item, frame)
  const { expr, param } = filtered(loop, frame)
  const found = rest.length > 0 ? looped(rest, item, frame) : item()
  const isSame = rest.length === 0 && found.expr.k === 'id' && found.expr.name === param.name
  if (isSame) return { expr, type: listOf(found.type) }
  if (awaits(found.expr)) return { expr: gathered(expr, param, found.expr, frame), type: listOf(found.type) }
  return {
    expr: method(expr, rest.length > 0 ? 'flatMap' : 'map', arrow([param], found.expr)),
    type: rest.length > 0 ? found.type : listOf(found.type),
  }
}

/** Returns the list over which a loop iterates, with only the items that pass the loop's tests. Also returns the loop's variable. */
function filtered(loop: Loop, frame: Frame): { expr: Expr; param: Param } {
  const over = iterated(loop.of, frame)
  const param: Param = { name: targetOf(loop.target, over.type.of, frame) }
  const isList = ['list', 'any'].includes(over.type.kind)
  let expr = isList && !rangeOf(loop.of) ? over.expr : array([spread(over.expr)])
  if (over.type.kind === 'any') param.type = 'any'
  for (const test of loop.tests) expr = method(expr, 'filter', arrow([param], condition(test, frame)))
  return { expr, param }
}

/** Translates `[item for _ in range(n)]`. */
function counted(loop: Loop, end: Py, item: () => Value, frame: Frame): Value {
  const length = object([{ key: 'length', value: translate(end, frame).expr }])
  const name = targetOf(loop.target, number, frame)
  const found = item()
  if (awaits(found.expr)) {
    const numbers = method(method(id('Array'), 'from', length), 'keys')
    return { expr: gathered(numbers, { name }, found.expr, frame), type: listOf(found.type) }
  }
  const params = name === '_' ? [] : ['_', name as string]
  return { expr: method(id('Array'), 'from', length, arrow(params, found.expr)), type: listOf(found.type) }
}

/**
 * Converts a comprehension with requests to a loop in `frame.before`. This loop runs before the current statement, and sends the requests one after
 * another, as Python does. Returns the list that the loop fills.
 */
function gathered(over: Expr, param: Param, item: Expr, frame: Frame): Expr {
  const outer = frame.outer ?? frame
  const wanted = frame.wanted ? declare(outer, frame.wanted, any).name : undefined
  const name = wanted ?? outer.names.take('results')
  const push: Stmt = { k: 'expr', of: method(id(name), 'push', item) }
  frame.before.push(
    { k: 'var', kind: 'const', name, type: 'any[]', value: array([]) },
    { k: 'for', name: param.name, of: over, body: [push] },
  )
  return id(name)
}

/** Translates `sum(…)` of a list. */
export function total(list: Expr, isOfNumbers: boolean): Expr {
  const params = ['sum', 'one'].map((name) => ({ name, type: isOfNumbers ? 'number' : 'any' }))
  const add = arrow(params, binary(id('sum'), '+', id('one')))
  return method(list, 'reduce', add, num(0))
}

/** Translates `len(…)`, depending on the type of its argument. */
export function lengthOf({ expr, type }: Value): Expr {
  if (type.kind === 'dict' || type.kind === 'row') return member(method(id('Object'), 'keys', expr), 'length')
  return member(expr, type.kind === 'set' ? 'size' : 'length')
}
