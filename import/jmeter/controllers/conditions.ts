import { type Expr, binary, bool, str } from '../../scenario/code.ts'
import { type Operand, type Scope, booleanOf } from '../expressions/operands.ts'
import { operandIn } from '../expressions/parse.ts'
import type { Plan } from '../plan.ts'

const scope: Scope = { isScript: false, locals: new Map(), response: null }

/**
 * Returns the condition of an If Controller; null if the condition is outside the common subset of JEXL, Groovy and JavaScript. The subset has
 * strings, numbers, `${variables}`, `vars.get("x")`, arithmetic, comparisons, methods of strings, `&&`, `||`, `!` and parentheses.
 */
export function conditionOf(plan: Plan, text: string): Expr | null {
  const found = operandOf(plan, text)
  return found && booleanOf(found, scope)
}

/** Returns the condition of a While Controller. The loop continues for any string other than `false`. */
export function whileCondition(plan: Plan, text: string): Expr | null {
  const found = operandOf(plan, text)
  if (found?.kind !== 'text') return found && booleanOf(found, scope)
  return found.expr.k === 'str' ? bool(found.expr.value !== 'false') : binary(found.expr, '!==', str('false'))
}

/** Translates a JEXL, Groovy or JavaScript expression. Returns null if a part of the expression has no counterpart. */
export function valueOf(plan: Plan, text: string): Expr | null {
  return operandOf(plan, text)?.expr ?? null
}

function operandOf(plan: Plan, text: string): Operand | null {
  const [, inner] = /^\s*\$\{__(?:jexl[23]?|groovy|javaScript)\(([\s\S]*?),?\)\}\s*$/.exec(text) ?? []
  return operandIn(plan, (inner ?? text).replaceAll('\\,', ','), scope)
}
