import type { Expr, Stmt } from '../../scenario/code.ts'
import type { Frame, Value } from '../frame.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { orPlaceholder } from './context.ts'

/**
 * Translates a Python expression to TypeScript.
 * @throws Lost when the expression has no counterpart
 */
export function translate(py: Py, frame: Frame): Value {
  return frame.module.translator.expression(py, frame)
}

/** Translates an expression. Parts without a counterpart become `'TODO'` with a comment. */
export function translateOr(py: Py, frame: Frame): Value {
  return orPlaceholder(frame, py, () => translate(py, frame))
}

/** Translates the statements of a block. @param isTail `true` if the block ends its function */
export function block(stmts: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[] {
  return frame.module.translator.block(stmts, frame, isTail)
}

/** Translates an assignment of a value to a target. */
export function assigned(target: Py, value: Value, frame: Frame): Stmt[] {
  return frame.module.translator.assigned(target, value, frame)
}

/** Translates a call of the client to a request of burst. Returns null for any other call. */
export function requestIn(py: Extract<Py, { t: 'call' }>, frame: Frame): Expr | null {
  return frame.module.translator.request(py, frame)
}
