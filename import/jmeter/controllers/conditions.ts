import { type Expr, binary, bool, str } from '../../scenario/code.ts'
import { type Operand, type Scope, booleanOf } from '../expressions/operands.ts'
import { operandIn } from '../expressions/parse.ts'
import type { Plan } from '../plan.ts'

const scope: Scope = { isScript: false, locals: new Map(), response: null }

/**
 * Returns the condition of an If Controller, in the common subset of JEXL, Groovy and JavaScript: strings, numbers, `${variables}`, `vars.get("x")`,
 * arithmetic, comparisons, methods of strings, `&&`, `||`, `!` and parentheses. Null if it contains anything else.
 */
export function conditionOf(plan: Plan, text: string): Expr | null {
  const found = operandOf(plan, text)
  return found && booleanOf(found, scope)
}

/** Returns the condition of a While Controller. Any text other than `false` continues the loop. */
export function whileCondition(plan: Plan, text: string): Expr | null {
  const found = operandOf(plan, text)
  if (found?.kind !== 'text') return found && booleanOf(found, scope)
  return found.expr.k === 'str' ? bool(found.expr.value !== 'false') : binary(found.expr, '!==', str('false'))
}

/** Returns the value of an expression; null if the expression contains anything else. */
export function valueOf(plan: Plan, text: string): Expr | null {
  return operandOf(plan, text)?.expr ?? null
}

function operandOf(plan: Plan, text: string): Operand | null {
  const [, inner] = /^\s*\$\{__(?:jexl[23]?|groovy|javaScript)\(([\s\S]*?),?\)\}\s*$/.exec(text) ?? []
  return operandIn(plan, (inner ?? text).replaceAll('\\,', ','), scope)
}
