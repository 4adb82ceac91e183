import {
  type Expr,
  array,
  arrow,
  assign,
  at,
  binary,
  id,
  member,
  method,
  num,
  spread,
  str,
} from '../../scenario/code.ts'
import type { Frame, Value } from '../frame.ts'
import { attributeAt } from '../library/pages.ts'
import type { Py } from '../python/syntax.ts'
import { Lost, pathOf } from './context.ts'
import { variableOf } from './options.ts'
import { translate } from './translator.ts'
import { any, optionKey, text } from './types.ts'

// oxlint-disable-next-line complexity -- one condition for each form of the syntax
export function subscript(py: Extract<Py, { t: 'sub' }>, frame: Frame): Value {
  if (pathOf(frame, py.of) === 'os.environ') return variableOf(py.index, frame)
  const { expr, type } = translate(py.of, frame)
  if (type.kind === 'lost') throw new Lost(py)
  const attribute = attributeAt(py, py.index, { expr, type }, frame)
  if (attribute) return attribute
  if (type.kind === 'headers')
    return { expr: binary(method(expr, 'get', translate(py.index, frame).expr), '??', str('')), type: text }
  if (type.kind === 'match') return { expr: at({ ...at(expr, num(0)), of: expr } as Expr, num(0)), type: text }
  const column = type.kind === 'values' && py.index.t === 'num' ? type.columns?.[py.index.value] : undefined
  if (column !== undefined) return { expr: at(expr, str(column)), type: text }
  if (type.kind === 'values') throw new Lost(py)
  if (py.index.t === 'slice') return { expr: sliced({ expr, isText: type.kind === 'str' }, py.index, frame), type }
  const isLast = py.index.t === 'unary' && py.index.op === '-' && py.index.of.t === 'num'
  const first = py.index.t === 'num' && py.index.value === 0 ? onlyItem(expr) : null
  if (first) return { expr: first, type: type.of ?? any }
  const given = translate(py.index, frame).expr
  const index = type.isRequest && given.k === 'str' ? str(optionKey(given.value)) : given
  const of = type.kind === 'str' ? text : (type.of ?? (type.kind === 'row' ? text : any))
  const isText = type.kind === 'list' && ['str', 'element'].includes(type.of?.kind ?? '') && index.k === 'num'
  if (type.standard && type.kind === 'dict') return { expr: withStandard(at(expr, index), type.standard), type: of }
  if (!isLast) return { expr: isText ? { k: 'present', of: at(expr, index) } : at(expr, index), type: of }
  const isPlain = expr.k === 'id' || (expr.k === 'member' && expr.of.k !== 'call')
  const back = index.k === 'num' ? num(-index.value) : index
  return {
    expr: isPlain
      ? at(expr, binary(member(expr, 'length'), '-', back))
      : { k: 'present', of: method(expr, 'at', index) },
    type: of,
  }
}

/** A value of a dictionary, or its default. A list or a dictionary is stored, because code changes it. */
function withStandard(value: Expr, standard: Expr): Expr {
  return ['array', 'object'].includes(standard.k) ? assign(value, standard, '??=') : binary(value, '??', standard)
}

// oxlint-disable-next-line complexity, max-params -- it needs the list or text, the slice, and the frame
function sliced(
  { expr, isText }: { expr: Expr; isText: boolean },
  { start, end, step }: Extract<Py, { t: 'slice' }>,
  frame: Frame,
): Expr {
  const isReversed = step?.t === 'unary' && step.op === '-' && step.of.t === 'num' && step.of.value === 1
  if (step && isReversed && !start && !end) return reversed(expr, isText)
  const from = start ? translate(start, frame).expr : num(0)
  const part = method(expr, 'slice', ...(end ? [from, translate(end, frame).expr] : start ? [from] : []))
  if (!step) return part
  if (step.t !== 'num' || isText || step.value < 1) throw new Lost(step, 'a slice with a step')
  const isNth = binary(binary(id('index'), '%', num(step.value)), '===', num(0))
  return method(start || end ? part : expr, 'filter', arrow(['_', 'index'], isNth))
}

function reversed(expr: Expr, isText: boolean): Expr {
  if (!isText) return method(expr, 'toReversed')
  return method(method(array([spread(expr)]), 'toReversed'), 'join', str(''))
}

/** `random.choices(…)[0]` is one item. */
function onlyItem(expr: Expr): Expr | null {
  const [length, make] = expr.k === 'call' && expr.of.k === 'member' && expr.of.name === 'from' ? expr.args : []
  const [entry] = length?.k === 'object' ? length.entries : []
  const isOne = entry && 'key' in entry && entry.value.k === 'num' && entry.value.value === 1
  return isOne && make?.k === 'arrow' && 'k' in make.body ? make.body : null
}
