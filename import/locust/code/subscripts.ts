import {
  type Expr,
  array,
  arrow,
  assign,
  at,
  binary,
  call,
  id,
  member,
  method,
  num,
  snippet,
  spread,
  str,
} from '../../scenario/code.ts'
import type { Frame, Value } from '../frame.ts'
import { attributeAt } from '../library/pages.ts'
import type { Py } from '../python/syntax.ts'
import { Lost, pathOf } from './context.ts'
import { variableOf } from './options.ts'
import { translate } from './translator.ts'
import { type Type, any, optionKey, text } from './value-types.ts'

export function subscript(py: Subscript, frame: Frame): Value {
  if (pathOf(frame, py.of) === 'os.environ') return variableOf(py.index, frame)
  const owner = translate(py.of, frame)
  if (owner.type.kind === 'lost') throw new Lost(py)
  return attributeAt(py, py.index, owner, frame) ?? ofKind(py, owner, frame) ?? itemAt(py, owner, frame)
}

type Subscript = Extract<Py, { t: 'sub' }>

/** Translates an item of headers, cookies and other values that TypeScript cannot read by index. Returns null for all other items. */
function ofKind(py: Subscript, { expr, type }: Value, frame: Frame): Value | null {
  if (type.kind === 'headers')
    return { expr: binary(method(expr, 'get', translate(py.index, frame).expr), '??', str('')), type: text }
  if (type.kind === 'cookies')
    return {
      expr: binary(call(snippet('cookieOf'), expr, translate(py.index, frame).expr), '??', str('')),
      type: text,
    }
  if (type.kind === 'match') return { expr: at({ ...at(expr, num(0)), of: expr } as Expr, num(0)), type: text }
  if (type.kind === 'values') {
    const column = py.index.t === 'num' ? type.columns?.[py.index.value] : undefined
    if (column === undefined) throw new Lost(py)
    return { expr: at(expr, str(column)), type: text }
  }
  if (py.index.t === 'slice') return { expr: sliced({ expr, isText: type.kind === 'str' }, py.index, frame), type }
  const first = py.index.t === 'num' && py.index.value === 0 ? onlyItem(expr) : null
  return first && { expr: first, type: type.of ?? any }
}

/** Translates an item of a list, of a dictionary or of a string. */
function itemAt({ index: py }: Subscript, { expr, type }: Value, frame: Frame): Value {
  const given = translate(py, frame).expr
  const index = type.isRequest && given.k === 'str' ? str(optionKey(given.value)) : given
  const of = itemType(type)
  if (type.standard && type.kind === 'dict') return { expr: withStandard(at(expr, index), type.standard), type: of }
  if (py.t === 'unary' && py.op === '-' && py.of.t === 'num') return { expr: fromEnd(expr, index), type: of }
  const isText = type.kind === 'list' && ['str', 'element'].includes(type.of?.kind ?? '') && index.k === 'num'
  return { expr: isText ? { k: 'present', of: at(expr, index) } : at(expr, index), type: of }
}

function itemType(type: Type): Type {
  if (type.kind === 'str') return text
  return type.of ?? (type.kind === 'row' ? text : any)
}

/** `items[-1]` */
function fromEnd(expr: Expr, index: Expr): Expr {
  const isPlain = expr.k === 'id' || (expr.k === 'member' && expr.of.k !== 'call')
  if (!isPlain) return { k: 'present', of: method(expr, 'at', index) }
  return at(expr, binary(member(expr, 'length'), '-', index.k === 'num' ? num(-index.value) : index))
}

/**
 * Translates a read of a dictionary that has a default value, such as a `defaultdict`. If the default is a list or a dictionary, the scenario also
 * stores the default under the key, because later code may change the stored value.
 */
function withStandard(value: Expr, standard: Expr): Expr {
  return ['array', 'object'].includes(standard.k) ? assign(value, standard, '??=') : binary(value, '??', standard)
}

function sliced(
  { expr, isText }: { expr: Expr; isText: boolean },
  { start, end, step }: Extract<Py, { t: 'slice' }>,
  frame: Frame,
): Expr {
  if (step && isMinusOne(step) && !start && !end) return reversed(expr, isText)
  const from = start ? translate(start, frame).expr : num(0)
  const part = method(expr, 'slice', ...(end ? [from, translate(end, frame).expr] : start ? [from] : []))
  if (!step) return part
  if (step.t !== 'num' || isText || step.value < 1) throw new Lost(step, 'a slice with this step is not translated')
  const isNth = binary(binary(id('index'), '%', num(step.value)), '===', num(0))
  return method(start || end ? part : expr, 'filter', arrow(['_', 'index'], isNth))
}

function isMinusOne(py: Py): boolean {
  return py.t === 'unary' && py.op === '-' && py.of.t === 'num' && py.of.value === 1
}

function reversed(expr: Expr, isText: boolean): Expr {
  if (!isText) return method(expr, 'toReversed')
  return method(method(array([spread(expr)]), 'toReversed'), 'join', str(''))
}

/** Returns the item of a list that has exactly one item, as in `random.choices(…)[0]`. Returns null for any other list. */
function onlyItem(expr: Expr): Expr | null {
  const [length, make] = expr.k === 'call' && expr.of.k === 'member' && expr.of.name === 'from' ? expr.args : []
  const [entry] = length?.k === 'object' ? length.entries : []
  const isOne = entry && 'key' in entry && entry.value.k === 'num' && entry.value.value === 1
  return isOne && make?.k === 'arrow' && 'k' in make.body ? make.body : null
}
