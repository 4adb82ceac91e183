import { textExpr } from '../requests/request.ts'
import { type Expr, binary, bool, call, id, not, num, str } from '../scenario/code.ts'
import type { Plan } from './plan.ts'
import { textIn } from './texts.ts'

const mostTokens = 200

/**
 * Returns the condition of a controller, in the common subset of JEXL, Groovy and JavaScript: strings, numbers, `${variables}`, `vars.get("x")`,
 * comparisons, `&&`, `||`, `!` and parentheses. Null if it contains anything else.
 */
export function conditionOf(plan: Plan, text: string): Expr | null {
  const inner = /^\s*\$\{__(?:jexl[23]?|groovy|javaScript)\(([\s\S]*?),?\)\}\s*$/.exec(text)?.[1] ?? text
  const tokens = tokensIn(inner)
  if (!tokens) return null
  const reading: Reading = { plan, tokens, at: 0 }
  const found = either(reading)
  return found && reading.at === tokens.length ? booleanOf(found) : null
}

interface Reading {
  plan: Plan
  tokens: readonly string[]
  at: number
}

/** A side of a comparison, or a condition. */
interface Operand {
  expr: Expr
  kind: 'text' | 'number' | 'boolean'
}

const token =
  /\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d+(?:\.\d+)?|vars\.get\(\s*["'][^"']+["']\s*\)|\$\{[^{}]+\}|true\b|false\b|==|!=|<=|>=|&&|\|\||[<>!()]|(?:eq|ne|lt|gt|le|ge|and|or|not)\b)\s*/y

function tokensIn(text: string): string[] | null {
  const found: string[] = []
  for (let from = 0; from < text.length; from = token.lastIndex) {
    token.lastIndex = from
    const [, one] = token.exec(text) ?? []
    if (one === undefined || found.length >= mostTokens) return null
    found.push(words[one] ?? one)
  }
  return found
}

/** JEXL's words for the operators. */
const words: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
  and: '&&',
  or: '||',
  not: '!',
}

function taken(reading: Reading, ...wanted: readonly string[]): string | null {
  const one = reading.tokens[reading.at]
  if (one === undefined || !wanted.includes(one)) return null
  reading.at++
  return one
}

function either(reading: Reading): Operand | null {
  return joined(reading, '||', both)
}

function both(reading: Reading): Operand | null {
  return joined(reading, '&&', comparison)
}

function joined(reading: Reading, op: string, part: (reading: Reading) => Operand | null): Operand | null {
  let found = part(reading)
  while (found && taken(reading, op)) {
    const next = part(reading)
    if (!next) return null
    found = { expr: binary(booleanOf(found), op, booleanOf(next)), kind: 'boolean' }
  }
  return found
}

const equalities: Readonly<Record<string, string>> = { '==': '===', '!=': '!==' }

function comparison(reading: Reading): Operand | null {
  const left = operand(reading)
  const op = left && taken(reading, '==', '!=', '<', '>', '<=', '>=')
  if (!left || op === null) return left
  const right = operand(reading)
  if (!right) return null
  return { expr: compared(left, op, right), kind: 'boolean' }
}

function compared(left: Operand, op: string, right: Operand): Expr {
  const sign = equalities[op]
  const isOfNumbers = sign === undefined || (left.kind === 'number' && right.kind === 'number')
  const side = isOfNumbers ? numberOf : textOf
  return binary(side(left), sign ?? op, side(right))
}

function operand(reading: Reading): Operand | null {
  if (taken(reading, '!')) {
    const of = operand(reading)
    return of && { expr: not(booleanOf(of)), kind: 'boolean' }
  }
  if (taken(reading, '(')) {
    const inner = either(reading)
    return inner && taken(reading, ')') ? inner : null
  }
  const one = reading.tokens[reading.at++]
  if (one === undefined) return null
  if (one === 'true' || one === 'false') return { expr: bool(one === 'true'), kind: 'boolean' }
  if (/^\d/.test(one)) return { expr: num(Number(one)), kind: 'number' }
  if (/^["']/.test(one)) return { expr: textExpr(textIn(reading.plan, one.slice(1, -1))), kind: 'text' }
  const name = /^vars\.get\(\s*["']([^"']+)/.exec(one)?.[1] ?? /^\$\{(.+)\}$/s.exec(one)?.[1]
  return name === undefined ? null : { expr: textExpr(textIn(reading.plan, `\${${name}}`)), kind: 'text' }
}

function isOfNumber(expr: Expr): boolean {
  return expr.k === 'call' || (expr.k === 'binary' && expr.op === '+')
}

function textOf({ expr, kind }: Operand): Expr {
  if (expr.k === 'num') return str(String(expr.value))
  return kind === 'boolean' || isOfNumber(expr) ? call(id('String'), expr) : expr
}

function numberOf({ expr, kind }: Operand): Expr {
  if (kind === 'number' || isOfNumber(expr)) return expr
  const value = expr.k === 'str' ? Number(expr.value) : Number.NaN
  return Number.isFinite(value) ? num(value) : call(id('Number'), expr)
}

/** A string counts as true only if it is `true`. */
function booleanOf({ expr, kind }: Operand): Expr {
  if (kind === 'boolean') return expr
  return kind === 'number' ? binary(expr, '!==', num(0)) : binary(textOf({ expr, kind }), '===', str('true'))
}
