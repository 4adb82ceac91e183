import { type Expr, binary, bool, call, id, member, method, not, num, str } from '../../scenario/code.ts'
import { isNumeric, numberOf as asNumber } from '../numbers.ts'
import type { Plan } from '../plan.ts'
import { openExpr } from '../texts.ts'
import { lastOk } from './step.ts'
import { type Tokens, taken, tokensIn } from './tokens.ts'

/**
 * Returns the condition of an If Controller, in the common subset of JEXL, Groovy and JavaScript: strings, numbers, `${variables}`, `vars.get("x")`,
 * arithmetic, comparisons, methods of strings, `&&`, `||`, `!` and parentheses. Null if it contains anything else.
 */
export function conditionOf(plan: Plan, text: string): Expr | null {
  const found = operandOf(plan, text)
  return found && booleanOf(found)
}

/** Returns the condition of a While Controller. Any text other than `false` continues the loop. */
export function whileCondition(plan: Plan, text: string): Expr | null {
  const found = operandOf(plan, text)
  if (found?.kind !== 'text') return found && booleanOf(found)
  return found.expr.k === 'str' ? bool(found.expr.value !== 'false') : binary(found.expr, '!==', str('false'))
}

/** Returns the value of an expression; null if the expression contains anything else. */
export function valueOf(plan: Plan, text: string): Expr | null {
  return operandOf(plan, text)?.expr ?? null
}

function operandOf(plan: Plan, text: string): Operand | null {
  const [, inner] = /^\s*\$\{__(?:jexl[23]?|groovy|javaScript)\(([\s\S]*?),?\)\}\s*$/.exec(text) ?? []
  const tokens = tokensIn((inner ?? text).replaceAll('\\,', ','))
  if (!tokens) return null
  const reading: Reading = { plan, tokens, at: 0 }
  const found = either(reading)
  return found && reading.at === tokens.length ? found : null
}

interface Reading extends Tokens {
  plan: Plan
}

/** A part of a condition: one side of a comparison, or a whole comparison. */
interface Operand {
  expr: Expr
  kind: 'text' | 'number' | 'boolean' | 'null'
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
    found = { expr: logical(booleanOf(found), op, booleanOf(next)), kind: 'boolean' }
  }
  return found
}

/**
 * Returns `left && right` or `left || right`, without a side that is constant, because TypeScript refuses comparisons that are always true or always
 * false.
 */
function logical(left: Expr, op: string, right: Expr): Expr {
  const isAnd = op === '&&'
  if (left.k === 'bool') return left.value === isAnd ? right : left
  if (right.k === 'bool') return right.value === isAnd ? left : right
  return binary(left, op, right)
}

const equalities: Readonly<Record<string, string>> = { '==': '===', '!=': '!==' }

function comparison(reading: Reading): Operand | null {
  const left = sum(reading)
  const op = left && taken(reading, '==', '!=', '<', '>', '<=', '>=')
  if (!left || op === null) return left
  const right = sum(reading)
  return right && { expr: compared(left, op, right, reading.plan), kind: 'boolean' }
}

function compared(left: Operand, op: string, right: Operand, plan: Plan): Expr {
  const sign = equalities[op]
  if (sign !== undefined && (left.kind === 'null' || right.kind === 'null'))
    // A variable without a value is an empty string in the scenario.
    return binary(textOf(left.kind === 'null' ? right : left, plan), sign, str(''))
  const isOfNumbers = sign === undefined || (left.kind === 'number' && right.kind === 'number')
  const side = (one: Operand): Expr => (isOfNumbers ? asNumber(plan, one.expr) : textOf(one, plan))
  return folded(side(left), sign ?? op, side(right))
}

/** Returns `true` or `false` for a comparison of two constants, and the comparison itself for all other values. */
function folded(left: Expr, op: string, right: Expr): Expr {
  const isConstant = (one: Expr): one is Extract<Expr, { k: 'num' | 'str' }> => one.k === 'num' || one.k === 'str'
  if (!isConstant(left) || !isConstant(right)) return binary(left, op, right)
  if (op === '===' || op === '!==') return bool((left.value === right.value) === (op === '==='))
  const [one, two] = [Number(left.value), Number(right.value)]
  return bool({ '<': one < two, '>': one > two, '<=': one <= two }[op] ?? one >= two)
}

function sum(reading: Reading): Operand | null {
  return computed(reading, ['+', '-'], product)
}

function product(reading: Reading): Operand | null {
  return computed(reading, ['*', '/', '%'], operand)
}

function computed(
  reading: Reading,
  ops: readonly string[],
  part: (reading: Reading) => Operand | null,
): Operand | null {
  let found = part(reading)
  for (let op = found && taken(reading, ...ops); found && op !== null; op = taken(reading, ...ops)) {
    const next = part(reading)
    if (!next) return null
    const isText = op === '+' && (found.kind === 'text' || next.kind === 'text')
    const side = ({ expr }: Operand): Expr => (isText ? expr : asNumber(reading.plan, expr))
    found = { expr: binary(side(found), op, side(next)), kind: isText ? 'text' : 'number' }
  }
  return found
}

function operand(reading: Reading): Operand | null {
  if (taken(reading, '!')) {
    const of = operand(reading)
    return of && { expr: negated(booleanOf(of)), kind: 'boolean' }
  }
  if (taken(reading, '-')) {
    const of = operand(reading)
    return of && { expr: { k: 'unary', op: '-', of: asNumber(reading.plan, of.expr) }, kind: 'number' }
  }
  let found = taken(reading, '(') ? closed(either(reading), reading) : primary(reading)
  while (found && taken(reading, '.')) found = called(found, reading)
  return found
}

function negated(of: Expr): Expr {
  return of.k === 'bool' ? bool(!of.value) : not(of)
}

function closed(found: Operand | null, reading: Reading): Operand | null {
  return found && taken(reading, ')') ? found : null
}

const constants: Readonly<Record<string, Operand>> = {
  true: { expr: bool(true), kind: 'boolean' },
  false: { expr: bool(false), kind: 'boolean' },
  null: { expr: str(''), kind: 'null' },
  'prev.isSuccessful()': { expr: lastOk, kind: 'boolean' },
  'prev.successful': { expr: lastOk, kind: 'boolean' },
}

function primary(reading: Reading): Operand | null {
  const one = reading.tokens[reading.at++]
  if (one === undefined) return null
  if (Object.hasOwn(constants, one)) return constants[one] ?? null
  if (/^\d/.test(one)) return { expr: num(Number(one)), kind: 'number' }
  if (/^["']/.test(one)) return textOperand(reading.plan, one.slice(1, -1))
  const name = /^(?:vars|props)(?:\.get\(|\[)\s*["']([^"']+)/.exec(one)?.[1] ?? /^\$\{(.+)\}$/s.exec(one)?.[1]
  if (name !== undefined) return textOperand(reading.plan, `\${${name}}`)
  return functionOperand(one, reading)
}

function textOperand(plan: Plan, text: string): Operand {
  const expr = openExpr(plan, text)
  if (expr === lastOk) return { expr, kind: 'boolean' }
  return { expr, kind: isNumeric(plan, expr) ? 'number' : 'text' }
}

/** Translates a call of a known function: `Integer.parseInt(x)`, `parseInt(x)`, `Number(x)`, `empty(x)` or `size(x)`. */
function functionOperand(name: string, reading: Reading): Operand | null {
  const isMethod = /^(?:Integer|Long|Double|Float)$/.test(name) && taken(reading, '.') !== null
  const fn = isMethod ? reading.tokens[reading.at++] : name
  if (!taken(reading, '(')) return null
  const of = closed(either(reading), reading)
  if (!of) return null
  if (fn !== undefined && /^(?:parseInt|parseLong|parseDouble|parseFloat|valueOf|Number)$/.test(fn))
    return { expr: asNumber(reading.plan, of.expr), kind: 'number' }
  if (fn === 'empty') return { expr: binary(textOf(of, reading.plan), '===', str('')), kind: 'boolean' }
  return fn === 'size' ? { expr: member(textOf(of, reading.plan), 'length'), kind: 'number' } : null
}

/** The JavaScript names of string methods without arguments, by their names in the plan. */
const readers: Readonly<Record<string, string>> = {
  trim: 'trim',
  toLowerCase: 'toLowerCase',
  toUpperCase: 'toUpperCase',
  toString: '',
}
/** The JavaScript names of string methods with one argument, by their names in the plan. */
const tests: Readonly<Record<string, string>> = {
  contains: 'includes',
  includes: 'includes',
  startsWith: 'startsWith',
  endsWith: 'endsWith',
}

/** Translates a method of a string, such as `.toInteger()` and `.equals("x")`; null for any other method. */
function called(of: Operand, reading: Reading): Operand | null {
  const name = reading.tokens[reading.at++] ?? ''
  if (name === 'length' && reading.tokens[reading.at] !== '(') return lengthOf(of, reading.plan)
  if (!taken(reading, '(')) return null
  if (taken(reading, ')')) return readBy(name, of, reading.plan)
  const args = closed(either(reading), reading)
  return args && testedBy(name, of, args, reading.plan)
}

function readBy(name: string, of: Operand, plan: Plan): Operand | null {
  const text = textOf(of, plan)
  if (/^to(?:Integer|Long|Double|Float|BigDecimal)$/.test(name))
    return { expr: asNumber(plan, of.expr), kind: 'number' }
  if (name === 'length' || name === 'size') return lengthOf(of, plan)
  if (name === 'isEmpty') return { expr: binary(text, '===', str('')), kind: 'boolean' }
  if (name === 'toBoolean') return { expr: booleanOf({ expr: text, kind: 'text' }), kind: 'boolean' }
  const own = Object.hasOwn(readers, name) ? readers[name] : undefined
  return own === undefined ? null : { expr: own === '' ? text : method(text, own), kind: 'text' }
}

function testedBy(name: string, of: Operand, arg: Operand, plan: Plan): Operand | null {
  const [text, value] = [textOf(of, plan), textOf(arg, plan)]
  if (name === 'equals') return { expr: folded(text, '===', value), kind: 'boolean' }
  if (name === 'equalsIgnoreCase')
    return { expr: binary(method(text, 'toLowerCase'), '===', method(value, 'toLowerCase')), kind: 'boolean' }
  return Object.hasOwn(tests, name) ? { expr: method(text, tests[name] ?? '', value), kind: 'boolean' } : null
}

function lengthOf(of: Operand, plan: Plan): Operand {
  return { expr: member(textOf(of, plan), 'length'), kind: 'number' }
}

function textOf({ expr, kind }: Operand, plan: Plan): Expr {
  if (expr.k === 'num' || expr.k === 'bool') return str(String(expr.value))
  return kind === 'boolean' || isNumeric(plan, expr) ? call(id('String'), expr) : expr
}

/** Converts a value to a boolean. A string is true only if its text is `true`. */
function booleanOf({ expr, kind }: Operand): Expr {
  if (kind === 'boolean') return expr
  if (expr.k === 'str') return bool(expr.value === 'true')
  return kind === 'number' ? binary(expr, '!==', num(0)) : binary(expr, '===', str('true'))
}
