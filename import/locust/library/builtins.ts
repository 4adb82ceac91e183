import {
  type Expr,
  array,
  arrow,
  binary,
  call,
  id,
  method,
  num,
  snippet,
  spread,
  str,
  template,
} from '../../scenario/code.ts'
import { condition } from '../code/conditions.ts'
import { Lost, inner } from '../code/context.ts'
import { collected } from '../code/generators.ts'
import { iterated, iteratedOrGenerator, lengthOf, targetOf, total } from '../code/loops.ts'
import { translate, translateOr } from '../code/translator.ts'
import { any, boolean, listOf, none, number, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import { dataPath } from '../module.ts'
import type { Call, Py } from '../python/syntax.ts'
import { iteratorOf, methodItems, nextValue } from './iterating.ts'
import { argumentsOf, listed, only, positional } from './lists.ts'
import { filePath } from './paths.ts'
import { extreme, numbered, sorted } from './ordering.ts'

export type Builtin = (py: Call, frame: Frame) => Value

function first(py: Call, frame: Frame): Value {
  return argumentsOf(py, frame, 1)[0] as Value
}

const math = (name: string, ...args: readonly Expr[]): Expr => method(id('Math'), name, ...args)

/** The functions that convert values in the scenario. The keys are the names of the corresponding Python functions. */
const converters: Readonly<Record<string, Expr>> = {
  str: id('String'),
  int: snippet('wholeNumber'),
  float: snippet('decimalNumber'),
}

/** The translations of Python's built-in functions. */
export const builtins: Readonly<Record<string, Builtin>> = {
  len: (py, frame) => ({ expr: lengthOf(first(py, frame)), type: number }),
  str: (py, frame) => {
    if (py.args.length === 0) return { expr: str(''), type: text }
    const value = first(py, frame)
    return value.type.kind === 'str' || frame.isText
      ? { ...value, type: text }
      : { expr: call(id('String'), value.expr), type: text }
  },
  repr: (py, frame) => ({ expr: method(id('JSON'), 'stringify', first(py, frame).expr), type: text }),
  int: (py, frame) => wholeNumber(py, frame),
  float: (py, frame) => {
    const { expr, type } = first(py, frame)
    return { expr: type.kind === 'num' ? expr : call(snippet('decimalNumber'), expr), type: number }
  },
  bool: (py, frame) => ({ expr: call(id('Boolean'), condition(only(py), frame)), type: boolean }),
  round: (py, frame) => {
    const [value, places] = argumentsOf(py, frame, 1)
    if (!places) return { expr: math('round', value?.expr as Expr), type: number }
    return { expr: call(id('Number'), method(value?.expr as Expr, 'toFixed', places.expr)), type: number }
  },
  abs: (py, frame) => ({ expr: math('abs', first(py, frame).expr), type: number }),
  min: (py, frame) => extreme('min', py, frame),
  max: (py, frame) => extreme('max', py, frame),
  sum: (py, frame) => {
    const list = first(py, frame)
    return { expr: total(listed(list), list.type.of?.kind === 'num'), type: number }
  },
  pow: (py, frame) => ({ expr: math('pow', ...argumentsOf(py, frame, 2).map(({ expr }) => expr)), type: number }),
  any: (py, frame) => ({ expr: tested(py, 'some', frame), type: boolean }),
  all: (py, frame) => ({ expr: tested(py, 'every', frame), type: boolean }),
  list: (py, frame) => {
    if (py.args.length === 0) return { expr: array([]), type: listOf(any) }
    const value = iteratedOrGenerator(only(py), frame)
    if (value.type.isAsync) return collected(value, frame)
    return { expr: array([spread(value.expr)]), type: listOf(value.type.of ?? any) }
  },
  tuple: (py, frame) => (builtins['list'] as Builtin)(py, frame),
  set: (py, frame) => {
    const list = py.args.length === 0 ? null : iterated(only(py), frame)
    // Without the type argument, TypeScript would infer a set of `unknown` for items of type `any`.
    const isAny = list === null || list.type.of === undefined || list.type.of.kind === 'any'
    const made: Expr = { k: 'new', of: id('Set'), args: list ? [list.expr] : [], ...(isAny && { types: 'any' }) }
    return { expr: made, type: { kind: 'set', of: list?.type.of ?? any } }
  },
  dict: (py, frame) => dictionary(py, frame),
  sorted: (py, frame) => sorted(py, frame),
  reversed: (py, frame) => {
    const value = iterated(only(py), frame)
    return { expr: method(listed(value), 'toReversed'), type: value.type }
  },
  enumerate: (py, frame) => {
    const value = iterated(py.args[0] as Py, frame)
    const start = py.args[1] ?? py.named.find(({ name }) => name === 'start')?.value
    if (start) return numbered(value, translate(start, frame).expr)
    return { expr: method(listed(value), 'entries'), type: listOf({ kind: 'dict', of: value.type.of ?? any }) }
  },
  zip: (py, frame) => {
    const [first, ...others] = py.args
    if (!first || others.length === 0) throw new Lost(py)
    const one = iterated(first, frame)
    const isAny = one.type.kind === 'any'
    const params = ['one', 'index'].map((name) => ({ name, ...(isAny && { type: 'any' }) }))
    const [end, ...more] = others.flatMap(countOf)
    if (more.length > 0) throw new Lost(py, 'zip() of several ranges is not translated')
    const list = end ? method(listed(one), 'slice', num(0), translate(end, frame).expr) : listed(one)
    const items = others.map((other): Expr => {
      if (countOf(other).length > 0) return id('index')
      const two = iterated(other, frame)
      const item: Expr = { k: 'index', of: listed(two), at: id('index') }
      return ['str', 'num'].includes(two.type.of?.kind ?? '') ? { k: 'present', of: item } : item
    })
    const tuple = array([id('one'), ...items])
    const pair: Expr = isAny ? tuple : { k: 'as', of: tuple, type: 'const' }
    return { expr: method(list, 'map', arrow(params, pair)), type: isAny ? any : listOf(any) }
  },
  map: (py, frame) => {
    const [first, second] = py.args
    const converter = first?.t === 'name' && !frame.scope.has(first.id) ? converters[first.id] : undefined
    if (converter && second) {
      const over = iterated(second, frame)
      if (converter.k === 'id') return { expr: method(listed(over), 'map', converter), type: listOf(text) }
      // In JavaScript, `map` also passes the index, and `wholeNumber` would use the index as the base. This arrow function passes only the item.
      const one = { name: 'one', ...(over.type.kind === 'any' && { type: 'any' }) }
      return { expr: method(listed(over), 'map', arrow([one], call(converter, id('one')))), type: listOf(number) }
    }
    const each = first?.t === 'attr' && first.of.t === 'name' && first.of.id === 'str' ? methodItems(py, first) : null
    if (each) return translate(each, frame)
    const [fn, list] = argumentsOf(py, frame, 2)
    return { expr: method(listed(list as Value), 'map', fn?.expr as Expr), type: listOf(fn?.type.of ?? any) }
  },
  filter: (py, frame) => {
    const [fn, list] = argumentsOf(py, frame, 2)
    const test = fn?.type.kind === 'none' ? id('Boolean') : (fn?.expr as Expr)
    return { expr: method(listed(list as Value), 'filter', test), type: list?.type ?? any }
  },
  range: (py, frame) => {
    const value = iterated(py, frame)
    return {
      expr: value.expr.k === 'call' && value.expr.of.k === 'snippet' ? value.expr : array([spread(value.expr)]),
      type: listOf(number),
    }
  },
  open: (py, frame) => {
    const path = filePath(only(py), frame)
    if (path !== null) return { expr: str(dataPath(frame.module, path)), type: { kind: 'file' } }
    return { expr: translate(only(py), frame).expr, type: { kind: 'file' } }
  },
  print: (py, frame) => printed('log', py, frame),
  isinstance: (py, frame) => isInstance(py, frame),
  next: nextValue,
  iter: iteratorOf,
  chr: (py, frame) => ({ expr: method(id('String'), 'fromCharCode', first(py, frame).expr), type: text }),
  ord: (py, frame) => ({ expr: method(first(py, frame).expr, 'charCodeAt', num(0)), type: number }),
  getattr: (py, frame) => {
    const [of, name, otherwise] = py.args
    if (!of || name?.t !== 'str') throw new Lost(py)
    const { at, from, to } = py
    const value = translate({ at, from, to, t: 'attr', of, name: name.value }, frame)
    const isKnown = !['any', 'lost'].includes(value.type.kind)
    if (!otherwise || (otherwise.t === 'none' && isKnown)) return value
    return { expr: binary(value.expr, '??', translate(otherwise, frame).expr), type: any }
  },
  divmod: (py, frame) => {
    const [left, right] = argumentsOf(py, frame, 2) as [Value, Value]
    return { expr: { k: 'call', of: snippet('dividedBy'), args: [left.expr, right.expr] }, type: listOf(number) }
  },
  hasattr: (py, frame) => {
    const [of, name] = argumentsOf(py, frame, 2)
    return { expr: binary(name?.expr as Expr, 'in', of?.expr as Expr), type: boolean }
  },
}

/** Translates `int(…)`. `int(time.time() * 1000)` becomes `Date.now()`, which is already a whole number. */
function wholeNumber(py: Call, frame: Frame): Value {
  const values = argumentsOf(positional(py, ['x', 'base']), frame, 1)
  const [value] = values as [Value]
  if (value.type.kind !== 'num')
    return { expr: call(snippet('wholeNumber'), ...values.map(({ expr }) => expr)), type: number }
  const of = inMilliseconds(value.expr)
  const isClock = of.k === 'call' && of.of.k === 'member' && of.of.of.k === 'id' && of.of.of.name === 'Date'
  return { expr: isClock ? of : math('trunc', of), type: number }
}

/** Returns `a` for `a / 1000 * 1000`, and any other expression unchanged. */
function inMilliseconds(expr: Expr): Expr {
  if (expr.k !== 'binary' || expr.op !== '*' || !isThousand(expr.right)) return expr
  const { left } = expr
  return left.k === 'binary' && left.op === '/' && isThousand(left.right) ? left.left : expr
}

function isThousand(expr: Expr): boolean {
  return expr.k === 'num' && expr.value === 1000
}

function tested(py: Call, name: 'some' | 'every', frame: Frame): Expr {
  const arg = only(py)
  const loop = arg.t === 'each' ? arg.loops[0] : undefined
  if (arg.t !== 'each' || !loop || arg.loops.length > 1 || loop.tests.length > 0) {
    return method(listed(translate(arg, frame)), name, id('Boolean'))
  }
  const own = inner(frame)
  const over = iterated(loop.of, own)
  const target = targetOf(loop.target, over.type.of, own)
  const param = { name: target, ...(over.type.kind === 'any' && { type: 'any' }) }
  return method(listed(over), name, arrow([param], condition(arg.item, own)))
}

function dictionary(py: Call, frame: Frame): Value {
  const [from] = py.args
  const entries = py.named.map(({ name, value }) => {
    const { expr } = translateOr(value, frame)
    return name === null ? { spread: expr } : { key: name, value: expr }
  })
  const value = from && translate(from, frame)
  // A list of key-value pairs becomes an object.
  const isPairs =
    value && (value.type.kind === 'list' || (from.t === 'call' && from.of.t === 'name' && from.of.id === 'zip'))
  const spreaded = value && (isPairs ? method(id('Object'), 'fromEntries', value.expr) : value.expr)
  if (spreaded && isPairs && entries.length === 0) return { expr: spreaded, type: { kind: 'dict', of: any } }
  const own = spreaded ? [{ spread: spreaded }] : []
  return { expr: { k: 'object', entries: [...own, ...entries] }, type: { kind: 'dict', of: any } }
}

/** Returns `[end]` for `range(end)`, because each item of this range equals its index. Returns an empty list for any other value. */
function countOf(py: Py): Py[] {
  const isRange = py.t === 'call' && py.of.t === 'name' && py.of.id === 'range'
  return isRange && py.args.length === 1 ? [...py.args] : []
}

const checks: Readonly<Record<string, (of: Expr) => Expr>> = {
  str: (of) => binary({ k: 'unary', op: 'typeof', of }, '===', str('string')),
  int: (of) => binary({ k: 'unary', op: 'typeof', of }, '===', str('number')),
  float: (of) => binary({ k: 'unary', op: 'typeof', of }, '===', str('number')),
  bool: (of) => binary({ k: 'unary', op: 'typeof', of }, '===', str('boolean')),
  list: (of) => method(id('Array'), 'isArray', of),
  dict: (of) => binary({ k: 'unary', op: 'typeof', of }, '===', str('object')),
}

function isInstance(py: Call, frame: Frame): Value {
  const [value, type] = py.args
  const check = type?.t === 'name' && Object.hasOwn(checks, type.id) ? checks[type.id] : undefined
  if (!value || !check) throw new Lost(py)
  return { expr: check(translate(value, frame).expr), type: boolean }
}

/** Translates `print(…)` and `logging.info(…)` to a method of `console`. */
export function printed(level: 'log' | 'warn' | 'error', py: Call, frame: Frame): Value {
  const [format, ...values] = py.args
  const isFormat = level !== 'log' || py.of.t === 'attr'
  const found = isFormat && format?.t === 'str' && values.length > 0 ? filled(format.value, values, frame) : null
  const args = found ? [found] : py.args.map((arg) => translateOr(arg, frame).expr)
  return { expr: method(id('console'), level, ...args), type: none }
}

/** Translates `"%s is %s", a, b`. */
function filled(format: string, values: readonly Py[], frame: Frame): Expr | null {
  const pieces = format.split(/%[-\d.]*[sdifrx]/)
  if (pieces.length !== values.length + 1) return null
  return template(
    pieces.flatMap((piece, index) =>
      index === 0 ? [piece] : [translateOr(values[index - 1] as Py, frame).expr, piece],
    ),
  )
}
