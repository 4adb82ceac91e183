import { type Expr, at, binary, bool, call, id, member, not, num, self, str, template } from '../../scenario/code.ts'
import { isNumeric, numberOf as asNumber } from '../numbers.ts'
import type { Plan } from '../plan.ts'
import type { Tokens } from './tokens.ts'

/**
 * A translated part of an expression, such as one side of a comparison. The whole expression can also be an operand. The kind `any` stands for JSON
 * from a response. The kind `pattern` stands for a date format.
 */
export interface Operand {
  expr: Expr
  kind: 'text' | 'number' | 'boolean' | 'null' | 'any' | 'list' | 'date' | 'pattern'
  /** `true` if the plan converts the value to a whole number. */
  isWhole?: true
}

/** The code that contains an expression: a condition of a controller, or a script. */
export interface Scope {
  isScript: boolean
  /** The variables that the script declares. */
  locals: ReadonlyMap<string, Operand>
  /** The variables that the untranslated statements of a script declare or assign. */
  lost?: ReadonlySet<string>
  /** The response that `prev` contains; null if the code does not run after a request. */
  response: Expr | null
}

export interface Reading extends Tokens {
  plan: Plan
  scope: Scope
}

/** Returns an expression as an operand. The kind of the operand is `boolean` for `plan.lastOk`, and `number` or `text` for any other expression. */
export function operandFor(plan: Plan, expr: Expr): Operand {
  if (expr === plan.lastOk) return { expr, kind: 'boolean' }
  return { expr, kind: isNumeric(plan, expr) ? 'number' : 'text' }
}

export function textOf({ expr, kind }: Operand, plan: Plan): Expr {
  if (expr.k === 'num' || expr.k === 'bool') return str(String(expr.value))
  if (kind === 'any' || kind === 'list') return call(id('String'), expr)
  return kind === 'boolean' || isNumeric(plan, expr) || kind === 'number' ? call(id('String'), expr) : expr
}

export function numberFrom(one: Operand, plan: Plan): Expr {
  return one.kind === 'number' ? one.expr : asNumber(plan, one.expr)
}

const wholeCalls = new Set(['int', 'now', 'getTime', 'floor', 'ceil', 'round', 'trunc', 'indexOf'])

/** Returns true if a number has no decimal places. Variables of the plan count as whole, because most of them are counters and ids. */
export function isWhole({ expr, isWhole: isKnown }: Pick<Operand, 'expr' | 'isWhole'>): boolean {
  if (isKnown || expr.k === 'num') return isKnown ?? (expr.k === 'num' && Number.isInteger(expr.value))
  if (expr.k === 'member') return expr.of.k === 'this' || expr.name === 'length' || expr.name === 'status'
  if (expr.k === 'unary') return expr.op === '-' && isWhole({ expr: expr.of })
  if (expr.k === 'binary')
    return ['+', '-', '*', '%'].includes(expr.op) && isWhole({ expr: expr.left }) && isWhole({ expr: expr.right })
  return expr.k === 'call' && expr.of.k === 'member' && wholeCalls.has(expr.of.name)
}

/** Returns a condition. In a script, every string except the empty string is true. In a condition of a controller, only the string `true` is true. */
export function booleanOf({ expr, kind }: Operand, { isScript }: Scope): Expr {
  if (kind === 'boolean' || kind === 'any') return expr
  if (kind === 'list') return binary(member(expr, 'length'), '>', num(0))
  if (kind === 'number') return expr.k === 'num' ? bool(expr.value !== 0) : binary(expr, '!==', num(0))
  if (isScript) return expr.k === 'str' ? bool(expr.value !== '') : binary(expr, '!==', str(''))
  if (expr.k === 'str') return bool(expr.value === 'true')
  return binary(expr, '===', str('true'))
}

const opposites: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>': '<=',
  '<=': '>',
  '>=': '<',
}

export function negated(of: Expr): Expr {
  if (of.k === 'bool') return bool(!of.value)
  if (of.k === 'unary' && of.op === '!') return of.of
  if (of.k === 'binary' && (of.op === '&&' || of.op === '||'))
    return binary(negated(of.left), of.op === '&&' ? '||' : '&&', negated(of.right))
  const opposite = of.k === 'binary' && Object.hasOwn(opposites, of.op) ? opposites[of.op] : undefined
  return of.k === 'binary' && opposite !== undefined ? binary(of.left, opposite, of.right) : not(of)
}

/** Returns `left && right` or `left || right`. If one side is the constant `true` or `false`, returns one side without the operator. */
export function logical(left: Expr, op: string, right: Expr): Expr {
  const isAnd = op === '&&'
  if (left.k === 'bool') return left.value === isAnd ? right : left
  if (right.k === 'bool') return right.value === isAnd ? left : right
  return binary(left, op, right)
}

const equalities: Readonly<Record<string, string>> = { '==': '===', '!=': '!==' }

export function compared(left: Operand, op: string, right: Operand, plan: Plan): Expr {
  const sign = equalities[op]
  const isOfNull = left.kind === 'null' || right.kind === 'null'
  if (sign !== undefined && isOfNull) return comparedToNull(left.kind === 'null' ? right : left, sign, plan)
  if (sign !== undefined && (left.kind === 'any' || right.kind === 'any')) return binary(left.expr, sign, right.expr)
  const isOfNumbers = sign === undefined || (isNumberLike(left, right) && isNumberLike(right, left))
  const side = (one: Operand): Expr => (isOfNumbers ? numberFrom(one, plan) : textOf(one, plan))
  return folded(side(left), sign ?? op, side(right))
}

/** A variable without a value is an empty string in the scenario. */
function comparedToNull(of: Operand, sign: string, plan: Plan): Expr {
  if (of.kind === 'any') return binary(of.expr, sign === '===' ? '==' : '!=', { k: 'null' })
  if (of.expr.k === 'member') plan.scripts.nullable.add(of.expr.name)
  return binary(textOf(of, plan), sign, str(''))
}

/** A string of digits is compared as a number if the other side is a number. */
function isNumberLike(one: Operand, other: Operand): boolean {
  const isDigits = one.expr.k === 'str' && /^(?:0|[1-9]\d{0,8})$/.test(one.expr.value)
  return one.kind === 'number' || (isDigits && other.kind === 'number')
}

/** Returns a comparison of two values. The comparison of two constants becomes `true` or `false`. */
export function folded(left: Expr, op: string, right: Expr): Expr {
  const isConstant = (one: Expr): one is Extract<Expr, { k: 'num' | 'str' }> => one.k === 'num' || one.k === 'str'
  if (!isConstant(left) || !isConstant(right)) return binary(left, op, right)
  if (op === '===' || op === '!==') return bool((left.value === right.value) === (op === '==='))
  const [one, two] = [Number(left.value), Number(right.value)]
  return bool({ '<': one < two, '>': one > two, '<=': one <= two }[op] ?? one >= two)
}

/** Adds, subtracts, multiplies or divides two operands. If one operand of `+` is a string, joins the two operands. */
export function combined(left: Operand, op: string, right: Operand, plan: Plan): Operand {
  if (op === '+' && (left.kind === 'text' || right.kind === 'text')) return joined([left, right], plan)
  const isAny = op === '+' && (left.kind === 'any' || right.kind === 'any')
  const expr = isAny ? binary(left.expr, op, right.expr) : binary(numberFrom(left, plan), op, numberFrom(right, plan))
  if (isAny) return { expr, kind: 'any' }
  return { expr, kind: 'number', ...(op !== '/' && isWhole(left) && isWhole(right) && { isWhole: true }) }
}

/** Joins several operands into one string. */
export function joined(operands: readonly Operand[], plan: Plan): Operand {
  const used = operands.filter(({ expr }) => !(expr.k === 'str' && expr.value === ''))
  const [only] = used
  if (used.length === 1 && only) return { expr: textOf(only, plan), kind: 'text' }
  const parts = used.flatMap(({ expr }): readonly (string | Expr)[] => {
    if (expr.k === 'num' || expr.k === 'bool') return [String(expr.value)]
    if (expr.k === 'template') return expr.parts
    // A template converts its values to strings.
    return [expr.k === 'call' && expr.of.k === 'id' && expr.of.name === 'String' ? (expr.args[0] ?? expr) : expr]
  })
  return { expr: template(parts), kind: 'text' }
}

/** Translates `a ?: b`. */
export function orElse(found: Operand, otherwise: Operand, plan: Plan): Operand {
  const isAny = found.kind === 'any'
  const right = isAny ? otherwise.expr : textOf(otherwise, plan)
  const left = isAny ? found.expr : textOf(found, plan)
  return { expr: { k: 'binary', op: '||', left, right }, kind: isAny ? 'any' : 'text' }
}

/** Returns an item of a list. `list[random.nextInt(list.size())]` becomes `this.random.pick(list)`. */
export function itemAt(list: Expr, index: Expr, isAny = false): Expr {
  const [low, high] = index.k === 'call' && index.of.k === 'member' && index.of.name === 'int' ? index.args : []
  const last = binary(member(list, 'length'), '-', num(1))
  const isDrawn = low?.k === 'num' && low.value === 0 && JSON.stringify(high) === JSON.stringify(last)
  if (isDrawn)
    return { k: 'call', of: member(member(self, 'random'), 'pick'), args: [list], ...(isAny && { types: 'any' }) }
  return isAny ? at(list, index) : { k: 'present', of: at(list, index) }
}
