import {
  type Entry,
  type Expr,
  array,
  arrow,
  binary,
  bool,
  id,
  method,
  nil,
  num,
  object,
  spread,
  str,
  template,
} from '../../scenario/code.ts'
import { awaits } from '../../scenario/walk.ts'
import type { Frame, Value } from '../frame.ts'
import { openedUpload, uploadOf } from '../http/uploads.ts'
import { objectType } from '../objects.ts'
import type { Py } from '../python/syntax.ts'
import { attribute } from './attributes.ts'
import { callOf } from './calls.ts'
import { compared, condition, opposite } from './conditions.ts'
import { Lost, declare, inner, pathOf } from './context.ts'
import { each } from './loops.ts'
import { subscript } from './subscripts.ts'
import { textOf, textParts } from './text.ts'
import { translate, translateOr } from './translator.ts'
import { type Type, any, boolean, listOf, none, number, text, unified } from './value-types.ts'

type Translators = { [T in Py['t']]?: (py: Extract<Py, { t: T }>, frame: Frame) => Value }

const translators: Translators = {
  name: (py, frame) => nameOf(py, frame),
  str: ({ value }) => ({ expr: str(value), type: text }),
  fstr: (py, frame) => ({ expr: textOf(py.parts, frame), type: text }),
  num: ({ value }) => ({ expr: num(value), type: number }),
  bool: ({ value }) => ({ expr: bool(value), type: boolean }),
  none: () => ({ expr: nil, type: none }),
  list: (py, frame) => {
    const { expr, type } = listValue(py.items, frame)
    return { expr, type: listOf(type.of ?? any) }
  },
  tuple: (py, frame) => {
    const { expr, type } = listValue(py.items, frame)
    const hasRest = py.items.some(({ t }) => t === 'star')
    return { expr, type: hasRest ? { kind: 'list', of: type.of ?? any } : type }
  },
  set: (py, frame) => {
    const { expr, type } = listValue(py.items, frame)
    return { expr: { k: 'new', of: id('Set'), args: [expr] }, type: { kind: 'set', of: type.of ?? any } }
  },
  dict: (py, frame) => dictValue(py, frame),
  attr: (py, frame) => attribute(py, frame),
  sub: (py, frame) => subscript(py, frame),
  call: (py, frame) => callOf(py, frame),
  binary: (py, frame) => binaryValue(py, frame),
  compare: (py, frame) => ({ expr: compared(py, frame), type: boolean }),
  logic: (py, frame) => {
    const [left, right] = [translate(py.left, frame), translate(py.right, frame)]
    // An empty list is false in Python, but true in JavaScript.
    const isList = ['list', 'set', 'dict'].includes(left.type.kind) && left.expr.k !== 'call'
    if (isList && py.op === 'or') {
      const test = condition(py.left, frame)
      return { expr: { k: 'cond', test, yes: left.expr, no: right.expr }, type: unified(left.type, right.type) }
    }
    return { expr: binary(left.expr, py.op === 'and' ? '&&' : '||', right.expr), type: unified(left.type, right.type) }
  },
  unary: (py, frame) => {
    if (py.op === 'not') return { expr: opposite(condition(py.of, frame)), type: boolean }
    const { expr } = translate(py.of, frame)
    if (py.op === '-' && expr.k === 'num') return { expr: num(-expr.value), type: number }
    return { expr: { k: 'unary', op: py.op, of: expr }, type: number }
  },
  cond: (py, frame) => {
    const [yes, no] = [translate(py.yes, frame), translate(py.no, frame)]
    return {
      expr: { k: 'cond', test: condition(py.test, frame), yes: yes.expr, no: no.expr },
      type: unified(yes.type, no.type),
    }
  },
  lambda: (py, frame) => {
    if (py.params.some(({ kind }) => kind !== 'plain')) throw new Lost(py)
    const own = inner(frame)
    const params = py.params.map((param) => ({ name: declare(own, param.name, any).name, type: 'any' }))
    const body = translate(py.body, own)
    return {
      expr: arrow(params, body.expr, awaits(body.expr)),
      type: { kind: 'function', of: body.type, isAsync: awaits(body.expr) },
    }
  },
  each: (py, frame) => each(py, frame),
  star: (py, frame) => ({ expr: spread(translate(py.of, frame).expr), type: any }),
}

/**
 * Translates a Python expression to TypeScript.
 * @throws Lost when the expression has no counterpart
 */
export function expressionOf(py: Py, frame: Frame): Value {
  const parts = py.t === 'binary' || py.t === 'call' ? textParts(withFormat(py, frame)) : null
  if (parts) return { expr: textOf(parts, frame), type: text }
  const translator = translators[py.t] as ((py: Py, frame: Frame) => Value) | undefined
  if (!translator) throw new Lost(py)
  return translator(py, frame)
}

/** In `TEXT.format(…)` and `TEXT % …`, replaces a constant of the file with its value. */
function withFormat(py: Py, { module, scope }: Frame): Py {
  const written = (of: Py): Py => {
    const value = of.t === 'name' && !scope.has(of.id) ? module.values.get(of.id) : undefined
    return value?.k === 'str' ? { at: of.at, from: of.from, to: of.to, t: 'str', value: value.value, bytes: false } : of
  }
  if (py.t === 'binary' && py.op === '%') return { ...py, left: written(py.left) }
  if (py.t !== 'call' || py.of.t !== 'attr' || py.of.name !== 'format') return py
  return { ...py, of: { ...py.of, of: written(py.of.of) } }
}

function nameOf(py: Extract<Py, { t: 'name' }>, frame: Frame): Value {
  const local = frame.scope.get(py.id)
  if (local?.file) return { expr: local.file, type: local.type }
  if (local) return { expr: id(local.name), type: local.type }
  if (frame.self && py.id === frame.self.name) return { expr: frame.self.expr, type: { kind: 'user' } }
  const constant = frame.module.constants.get(py.id)
  if (constant) return { expr: id(constant.name), type: constant.type }
  const fn = frame.module.functionNames.get(py.id)
  if (fn !== undefined) return { expr: id(fn), type: { kind: 'function' } }
  const cls = frame.module.objects.get(py.id)
  if (cls) return { expr: id(cls.name), type: objectType(frame.module.objects, py.id) }
  const path = pathOf(frame, py)
  if (path !== null) return attribute(py, frame)
  throw new Lost(py)
}

function listValue(items: readonly Py[], frame: Frame): Value {
  const values = items.map((item) => translateOr(item, frame))
  const type = values.reduce<Type | undefined>((all, { type }) => unified(all, type), undefined)
  const types = values.map((value) => value.type)
  return { expr: array(values.map(({ expr }) => expr)), type: { ...listOf(type ?? any), items: types } }
}

function dictValue({ entries }: Extract<Py, { t: 'dict' }>, frame: Frame): Value {
  let of: Type | undefined
  const isUpload = entries.some(({ value }) => openedUpload(value, frame) !== null)
  const own = entries.flatMap(({ key, value }): Entry[] => {
    const upload = isUpload ? uploadOf(value, frame) : null
    const one = upload ? { expr: upload, type: any } : translateOr(value, frame)
    of = unified(of, key ? one.type : any)
    // A `**values` entry without a counterpart is left out. The comment above the statement names this entry.
    if (!key) return one.type.kind === 'lost' ? [] : [{ spread: one.expr }]
    if (key.t === 'str' || key.t === 'num') return [{ key: String(key.value), value: one.expr }]
    return [{ computed: translate(key, frame).expr, value: one.expr }]
  })
  return { expr: object(own), type: { kind: 'dict', of: of ?? any } }
}

function binaryValue(py: Extract<Py, { t: 'binary' }>, frame: Frame): Value {
  const [left, right] = [translate(py.left, frame), translate(py.right, frame)]
  const special = sums(py, left, right) ?? dates(py.op, left, right)
  if (special) return special
  if (py.op === '//') return { expr: method(id('Math'), 'floor', binary(left.expr, '/', right.expr)), type: number }
  if (py.op === '@' || left.type.kind === 'lost' || right.type.kind === 'lost') throw new Lost(py)
  // In Python, `text % values` formats the text. In JavaScript, the result would be NaN.
  const isFormat = py.op === '%' && (left.type.kind === 'str' || ['str', 'list', 'dict'].includes(right.type.kind))
  if (isFormat) throw new Lost(py, 'this format is not translated')
  return { expr: binary(left.expr, py.op, right.expr), type: py.op === '+' ? unified(left.type, right.type) : number }
}

function sums(py: Extract<Py, { t: 'binary' }>, left: Value, right: Value): Value | null {
  const { op } = py
  if (op === '+' && (left.type.kind === 'str' || right.type.kind === 'str')) {
    return {
      expr: template([left.expr, right.expr]),
      type: text,
    }
  }
  if (left.type.kind === 'set') return setValue(py, left, right)
  if (op === '|' && left.type.kind === 'dict')
    return { expr: object([{ spread: left.expr }, { spread: right.expr }]), type: left.type }
  if (op === '+' && left.type.kind === 'list')
    return { expr: array([spread(left.expr), spread(right.expr)]), type: unified(left.type, right.type) }
  if (op === '*' && left.type.kind === 'str') return { expr: method(left.expr, 'repeat', right.expr), type: text }
  if (op === '*' && left.type.kind === 'list') {
    const copies = method(id('Array'), 'from', object([{ key: 'length', value: right.expr }]), arrow([], left.expr))
    return { expr: method(copies, 'flat'), type: left.type }
  }
  return null
}

/** Translates the operators of sets: union, intersection and difference. */
function setValue(py: Extract<Py, { t: 'binary' }>, left: Value, right: Value): Value {
  const names: Record<string, string> = {
    '|': 'union',
    '&': 'intersection',
    '-': 'difference',
    '^': 'symmetricDifference',
  }
  const name = names[py.op]
  if (name === undefined || right.type.kind !== 'set') throw new Lost(py)
  const all = array([spread(left.expr), spread(right.expr)])
  if (name === 'union') return { expr: { k: 'new', of: id('Set'), args: [all] }, type: left.type }
  const has = method(right.expr, 'has', id('one'))
  if (name === 'symmetricDifference') throw new Lost(py)
  const test = arrow(['one'], name === 'difference' ? { k: 'unary', op: '!', of: has } : has)
  return {
    expr: { k: 'new', of: id('Set'), args: [method(array([spread(left.expr)]), 'filter', test)] },
    type: left.type,
  }
}

/** Translates the addition and subtraction of dates and durations. Returns null for other values. A duration is a number of milliseconds. */
function dates(op: string, left: Value, right: Value): Value | null {
  if (left.type.kind !== 'date') return null
  if (right.type.kind === 'date') return { expr: binary(time(left.expr), op, time(right.expr)), type: { kind: 'span' } }
  return { expr: { k: 'new', of: id('Date'), args: [binary(time(left.expr), op, right.expr)] }, type: left.type }
}

function time(date: Expr): Expr {
  return date.k === 'new' && date.args.length === 0 ? method(id('Date'), 'now') : method(date, 'getTime')
}
