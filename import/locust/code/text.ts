import { type Expr, call, id, method, num, str, template } from '../../scenario/code.ts'
import type { Frame, Value } from '../frame.ts'
import type { FormatPart, Py } from '../python/syntax.ts'
import { dateText } from '../library/dates.ts'
import { Lost, orPlaceholder } from './context.ts'
import { translate } from './translator.ts'

/**
 * Returns the constant strings and the expressions of an f-string, `%`, `.format()`, or `+` with a string, in order. Returns null for any other
 * expression.
 */
export function textParts(py: Py): FormatPart[] | null {
  if (py.t === 'str') return [{ text: py.value }]
  if (py.t === 'fstr') return py.parts
  if (py.t === 'binary' && py.op === '%') return py.left.t === 'str' ? percentParts(py.left.value, py.right) : null
  if (py.t === 'binary' && py.op === '+') return sumParts(py)
  if (py.t === 'call' && py.of.t === 'attr' && py.of.name === 'format' && py.of.of.t === 'str')
    return formatParts(py.of.of.value, py)
  return null
}

/** Translates `"/a/" + str(id)`. Returns null if no operand is a string. */
function sumParts(py: Extract<Py, { t: 'binary' }>): FormatPart[] | null {
  const left = textParts(py.left)
  const right = textParts(py.right)
  if (!left && !right) return null
  return [...(left ?? [{ value: withoutStr(py.left) }]), ...(right ?? [{ value: withoutStr(py.right) }])]
}

/** Returns `x` for `str(x)`, because a template literal converts its values to strings. */
function withoutStr(py: Py): Py {
  const [only] = py.t === 'call' ? py.args : []
  return py.t === 'call' && py.of.t === 'name' && py.of.id === 'str' && only && py.args.length === 1 ? only : py
}

function percentParts(format: string, right: Py): FormatPart[] | null {
  const values = right.t === 'tuple' ? [...right.items] : [right]
  const byName = right.t === 'dict' ? right.entries : null
  const parts: FormatPart[] = []
  let end = 0
  for (const found of format.matchAll(/%(?:\((\w+)\))?([-+ 0#]*\d*(?:\.\d+)?)([sdifrxXeg%])/g)) {
    const [whole, name, width = '', kind = ''] = found
    parts.push({ text: format.slice(end, found.index) })
    end = found.index + whole.length
    if (kind === '%') parts.push({ text: '%' })
    else {
      const value =
        name === undefined ? values.shift() : byName?.find(({ key }) => key?.t === 'str' && key.value === name)?.value
      if (!value) return null
      parts.push({
        value: withoutStr(value),
        spec: width + (kind === 's' || kind === 'd' || kind === 'i' ? (width === '' ? '' : 'd') : kind),
      })
    }
  }
  return [...parts, { text: format.slice(end) }].filter(({ text }) => text !== '')
}

function formatParts(format: string, py: Extract<Py, { t: 'call' }>): FormatPart[] | null {
  const parts: FormatPart[] = []
  let [end, next] = [0, 0]
  for (const found of format.matchAll(/\{\{|\}\}|\{(\w*)(?::([^{}]*))?\}/g)) {
    const [whole, name = '', spec = ''] = found
    parts.push({ text: format.slice(end, found.index) })
    end = found.index + whole.length
    if (whole === '{{' || whole === '}}') parts.push({ text: whole.slice(1) })
    else {
      const value = /^\d*$/.test(name)
        ? py.args[name === '' ? next++ : Number(name)]
        : py.named.find((one) => one.name === name)?.value
      if (!value || value.t === 'star') return null
      parts.push({ value: withoutStr(value), spec })
    }
  }
  return [...parts, { text: format.slice(end) }].filter(({ text }) => text !== '')
}

/** Converts the parts of a string to a template literal. */
export function textOf(parts: readonly FormatPart[], frame: Frame): Expr {
  const outer = frame.isText
  frame.isText = true
  try {
    return template(parts.map((part) => part.text ?? piece(part, frame)))
  } finally {
    frame.isText = outer
  }
}

function piece({ value, spec = '' }: FormatPart, frame: Frame): Expr {
  if (!value) return str('')
  const one = withoutStr(value)
  const found = orPlaceholder(frame, one, () => translate(one, frame))
  const { expr } = found
  if (/^%[A-Za-z]/.test(spec)) return dateText(found, spec, one)
  return spec === '' ? expr : formatted({ expr, type: { kind: 'any' } }, spec, one)
}

/** Translates a value in a Python format such as `.2f`, `05d` or `,`. */
function formatted({ expr }: Value, spec: string, py: Py): Expr {
  const parts = /^([<>^]?)(0?)(\d*)(,?)(?:\.(\d+))?([sdfxX%]?)$/.exec(spec)
  const [, align = '', zero = '', width = '', comma = '', digits, kind = ''] = parts ?? []
  if (!parts || align === '^' || kind === '%') throw new Lost(py, `the format ${spec} is not translated`)
  const found = numberText(expr, { digits, kind, isGrouped: comma !== '' })
  if (width === '') return found
  const asText: Expr = found === expr && expr.k !== 'str' ? call(id('String'), expr) : found
  return method(asText, align === '<' ? 'padEnd' : 'padStart', num(Number(width)), ...(zero === '0' ? [str('0')] : []))
}

/** Translates a number with decimal places, in hexadecimal notation, or with thousands separators. */
function numberText(
  expr: Expr,
  { digits, kind, isGrouped }: { digits: string | undefined; kind: string; isGrouped: boolean },
): Expr {
  if (kind === 'f') return method(expr, 'toFixed', num(Number(digits ?? 6)))
  if (kind === 'x' || kind === 'X') return method(expr, 'toString', num(16))
  return isGrouped ? method(expr, 'toLocaleString', str('en')) : expr
}
