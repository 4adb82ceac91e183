import { type Expr, call, id, method, num, str, template } from '../../scenario/code.ts'
import type { Frame, Value } from '../frame.ts'
import type { FormatPart, Py } from '../python/syntax.ts'
import { dateText } from '../library/dates.ts'
import { Lost, orPlaceholder } from './context.ts'
import { translate } from './translator.ts'
import { text as textType } from './value-types.ts'

/**
 * Returns the parts of an expression that builds a string. The parts are constant strings and inner expressions, in order. The expression is a
 * string, an f-string, a sum with a string, or a format such as `"%s" % x` or `"{}".format(x)`. Returns null for any other expression.
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

/** Translates `"%s is %d" % (a, b)`. Returns null if the format is unknown, or if values are missing or left over. */
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
      parts.push({ value: withoutStr(value), spec: percentSpec(width, kind) })
    }
  }
  const rest = format.replaceAll(/%(?:\(\w+\))?[-+ 0#]*\d*(?:\.\d+)?[sdifrxXeg%]/g, '')
  if (rest.includes('%') || (byName === null && values.length > 0)) return null
  return [...parts, { text: format.slice(end) }].filter(({ text }) => text !== '')
}

/**
 * Converts the format of `%5s` or `%05d` to the format of an f-string. `%5s` becomes `>5s`, because the operator `%` aligns strings to the right, and
 * an f-string aligns strings to the left.
 */
function percentSpec(width: string, kind: string): string {
  if (width === '') return ['s', 'd', 'i'].includes(kind) ? '' : kind
  if (kind === 'd' || kind === 'i') return `${width}d`
  if (kind !== 's') return width + kind
  return width.startsWith('-') ? `<${width.slice(1)}s` : `>${width}s`
}

/** Translates `"{} is {b}".format(a, b=b)`. Returns null if a field of the format is unknown, or if a value is missing. */
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
      parts.push({ value: spec === '' ? withoutStr(value) : value, spec })
    }
  }
  if (hasUnknownField(format)) return null
  return [...parts, { text: format.slice(end) }].filter(({ text }) => text !== '')
}

/** Returns true if a format contains a field such as `{0.name}`, `{a[1]}`, `{x!r}` or `{x:{width}}`. */
function hasUnknownField(format: string): boolean {
  return /[{}]/.test(format.replaceAll(/\{\{|\}\}|\{\w*(?::[^{}]*)?\}/g, ''))
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
  if (/^%[A-Za-z]/.test(spec)) return dateText(found, spec, one)
  if (spec === '' || found.type.kind === 'lost') return found.expr
  return formatted(one === value ? found : { ...found, type: textType }, spec, one)
}

/**
 * Translates a value in a Python format such as `.2f`, `05d` or `,`. Without an alignment, Python aligns texts to the left and numbers to the
 * right.
 */
function formatted({ expr, type }: Value, spec: string, py: Py): Expr {
  const format = formatOf(spec, type)
  if (!format) throw new Lost(py, `the format ${spec} is not translated`)
  const { align, width, zero, digits, kind, isText, isNumber, isGrouped } = format
  if (width !== '' && align === '' && !isText && !isNumber)
    throw new Lost(py, `the format ${spec} aligns texts and numbers differently, and the type of this value is unknown`)
  const found = isText ? cutText({ expr, type }, digits) : numberText(expr, { digits, kind, isGrouped })
  if (width === '') return found
  const asText: Expr = found === expr && expr.k !== 'str' && type.kind !== 'str' ? call(id('String'), expr) : found
  const isLeft = align === '<' || (align === '' && isText)
  return method(asText, isLeft ? 'padEnd' : 'padStart', num(Number(width)), ...(zero === '0' ? [str('0')] : []))
}

/** The parts of a Python format, such as the width and the kind. */
interface Format {
  align: string
  zero: string
  width: string
  digits: string | undefined
  kind: string
  isText: boolean
  isNumber: boolean
  isGrouped: boolean
}

/** Returns the parts of a format for a value; null if the format is not translated. */
function formatOf(spec: string, type: Value['type']): Format | null {
  const parts = /^([<>]?)(0?)(\d*)(,?)(?:\.(\d+))?([sdfxX]?)$/.exec(spec)
  if (!parts) return null
  const [, align = '', zero = '', width = '', comma = '', digits, kind = ''] = parts
  const forNumbers = zero + comma
  const isText = kind === 's' || (kind === '' && type.kind === 'str')
  const isNumber = !isText && (type.kind === 'num' || kind + forNumbers !== '')
  const isKnown = isText ? forNumbers === '' : digits === undefined || kind === 'f'
  return isKnown ? { align, zero, width, digits, kind, isText, isNumber, isGrouped: comma !== '' } : null
}

/** Translates a text with a maximum length. */
function cutText({ expr, type }: Value, digits: string | undefined): Expr {
  if (digits === undefined) return expr
  return method(type.kind === 'str' ? expr : call(id('String'), expr), 'slice', num(0), num(Number(digits)))
}

/** Translates a number with decimal places, in hexadecimal notation, or with thousands separators. */
function numberText(
  expr: Expr,
  { digits, kind, isGrouped }: { digits: string | undefined; kind: string; isGrouped: boolean },
): Expr {
  const found = kind === 'f' ? method(expr, 'toFixed', num(Number(digits ?? 6))) : expr
  if (isGrouped) {
    const between: Expr = { k: 'regex', source: String.raw`\B(?<!\.\d*)(?=(\d{3})+(?!\d))`, flags: 'g' }
    return method(found === expr ? call(id('String'), expr) : found, 'replaceAll', between, str(','))
  }
  if (kind === 'x') return method(expr, 'toString', num(16))
  return kind === 'X' ? method(method(expr, 'toString', num(16)), 'toUpperCase') : found
}
