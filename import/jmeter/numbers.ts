import { type Expr, call, id, num } from '../scenario/code.ts'
import type { Plan } from './plan.ts'

const ofNumbers = new Set(['int', 'next', 'now', 'floor', 'max', 'min', 'trunc', 'round'])
const arithmetic = new Set(['-', '*', '/', '%'])

/** Returns true if an expression of the scenario is a number. */
export function isNumeric(plan: Pick<Plan, 'numeric'>, expr: Expr): boolean {
  if (expr.k === 'num') return true
  if (expr.k === 'id') return plan.numeric.has(expr.name)
  if (expr.k === 'member') {
    if (expr.of.k !== 'this') return expr.name === 'length'
    return ['iteration', 'index'].includes(expr.name) || plan.numeric.has(expr.name)
  }
  if (expr.k === 'binary')
    return arithmetic.has(expr.op) || (expr.op === '+' && isNumeric(plan, expr.left) && isNumeric(plan, expr.right))
  if (expr.k !== 'call') return false
  return expr.of.k === 'member' ? ofNumbers.has(expr.of.name) : expr.of.k === 'id' && expr.of.name === 'Number'
}

/** Returns a value as a number. */
export function numberOf(plan: Pick<Plan, 'numeric'>, expr: Expr): Expr {
  if (isNumeric(plan, expr)) return expr
  const value = expr.k === 'str' && expr.value.trim() !== '' ? Number(expr.value) : Number.NaN
  return Number.isFinite(value) ? num(value) : call(id('Number'), expr)
}
