import type { Expr } from '../code.ts'
import { type Doc, group, indent, line } from './doc.ts'
import { printExpr } from './printer.ts'

const levels: Record<string, number> = {
  '??': 5,
  '||': 5,
  '&&': 6,
  '|': 7,
  '^': 8,
  '&': 9,
  '===': 10,
  '!==': 10,
  '==': 10,
  '!=': 10,
  '<': 11,
  '>': 11,
  '<=': 11,
  '>=': 11,
  in: 11,
  instanceof: 11,
  '<<': 12,
  '>>': 12,
  '>>>': 12,
  '+': 13,
  '-': 13,
  '*': 14,
  '/': 14,
  '%': 14,
  '**': 16,
}
const ofKinds: Partial<Record<Expr['k'], number>> = {
  spread: 1,
  assign: 2,
  arrow: 2,
  cond: 3,
  as: 11,
  unary: 15,
  await: 15,
  postfix: 17,
  new: 18,
}

function level(expr: Expr): number {
  if (expr.k === 'binary') return levels[expr.op] ?? 0
  return ofKinds[expr.k] ?? 19
}

/** Prints an expression. Adds parentheses if the precedence of the expression is lower than `least`. */
export function within(expr: Expr, least: number): Doc {
  return level(expr) < least ? ['(', printExpr(expr), ')'] : printExpr(expr)
}

export type Binary = Extract<Expr, { k: 'binary' }>

/** Returns the parts of a binary expression. A chain in which all operators are the same, such as `a + b + c`, forms one group. */
export function binaryParts(expr: Binary): Doc[] {
  const { op, left, right } = expr
  // `a && (b && c)` means the same as `a && b && c`, so the parentheses are left out.
  if ((op === '&&' || op === '||') && right.k === 'binary' && right.op === op)
    return binaryParts({ ...right, left: { ...expr, right: right.left } })
  const own = level(expr)
  const isSame = left.k === 'binary' && level(left) === own && left.op === op && !separate.has(op)
  const first = isSame ? binaryParts(left) : [side(left, op, own)]
  return [...first, [` ${op}`, line, side(right, op, own + 1)]]
}

function side(operand: Expr, op: string, least: number): Doc {
  const isMixed = operand.k === 'binary' && mixed(operand.op, op)
  return isMixed
    ? ['(', printExpr(operand), ')']
    : within(operand, op === '**' && least === 16 ? 17 : op === '**' ? 15 : least)
}

const logical = new Set(['??', '||', '&&'])
export const equality: ReadonlySet<string> = new Set(['===', '!==', '==', '!='])
/** A chain of one of these operators, such as `a % b % c`, does not form one group. */
const separate = new Set(['%', '**', '??', ...equality])

/** Returns true if an operand with the operator `inner` needs parentheses inside an operation with the operator `outer`, as in prettier. */
function mixed(inner: string, outer: string): boolean {
  if (equality.has(outer)) return equality.has(inner)
  if (inner === outer) return false
  if (logical.has(outer)) return logical.has(inner)
  if (inner === '%' || outer === '%') return ['*', '/', '%'].includes(inner) && ['*', '/', '%'].includes(outer)
  return ['*', '/'].includes(outer) && ['*', '/'].includes(inner)
}

/**
 * Prints `left = value`. A string, a regular expression, an operation or a condition begins on the next line if it does not fit after `left`. All
 * other values begin on the line of `left`.
 */
export function printAssignment(left: Doc, operator: string, value: Expr): Doc {
  const printed = value.k === 'binary' ? group(binaryParts(value)) : within(value, 2)
  // A string stays on the line of a key with at most four characters, because a separate line would hardly be shorter.
  const isShortKey = operator === ':' && typeof left === 'string' && left.length <= 4
  const breaksAfter =
    (value.k === 'str' && !isShortKey) ||
    (value.k === 'binary' && !isShortLogical(value)) ||
    value.k === 'regex' ||
    (value.k === 'cond' && value.test.k === 'binary')
  return breaksAfter ? group(left, operator, group(indent(line, printed))) : group(left, operator, ' ', printed)
}

function isShortLogical(value: Binary): boolean {
  if (!['??', '||', '&&'].includes(value.op)) return false
  return (
    (value.right.k === 'object' && value.right.entries.length > 0) ||
    (value.right.k === 'array' && value.right.items.length > 0)
  )
}
