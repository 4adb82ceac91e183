import { type Expr, type Stmt, expression as statement } from '../../../scenario/code.ts'
import { type Frame, translate } from '../../frame.ts'
import { type Node, isFn, keyOf } from '../../syntax.ts'
import { fnExpr } from '../functions.ts'
import { kindOf } from '../kinds.ts'
import { patternOf } from '../names.ts'

/** Translates `list.forEach(…)` to a loop if the callback sends requests. */
export function forEachStmts(
  { callee, arguments: args }: Extract<Node, { type: 'CallExpression' }>,
  frame: Frame,
): Stmt[] | null {
  const [fn] = args
  if (callee.type !== 'MemberExpression' || keyOf(callee) !== 'forEach' || !isFn(fn) || callee.object.type === 'Super')
    return null
  const isOfBatch = kindOf(callee.object, frame) === 'responses'
  const made = isOfBatch ? fnExpr(fn, frame, { params: ['response'] }) : translate(fn, frame)
  if (made.k !== 'arrow' || made.async !== true || fn.params.length > 2) return null
  const [item, index] = fn.params.map((one) => patternOf(one))
  if (item === null || item === undefined || (index !== undefined && typeof index !== 'string')) return null
  const body: Stmt[] = Array.isArray(made.body) ? [...(made.body as Stmt[])] : [statement(made.body as Expr)]
  const of = translate(callee.object, frame)
  const returns: Stmt[] = body.map(continued)
  if (index === undefined) return [{ k: 'for', name: item, of, body: returns }]
  if (typeof item !== 'string') return null
  const entries: Expr = { k: 'call', of: { k: 'member', of, name: 'entries' }, args: [] }
  return [{ k: 'for', name: { array: [index, item] }, of: entries, body: returns }]
}

/** Replaces `return` with `continue`, because the body of a callback has become the body of a loop. */
export function continued(stmt: Stmt): Stmt {
  if (stmt.k === 'return') return { k: 'continue' }
  return stmt.k === 'if' ? { ...stmt, yes: stmt.yes.map(continued), no: stmt.no.map(continued) } : stmt
}
