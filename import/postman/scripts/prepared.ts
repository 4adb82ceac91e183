import { type Frame, isLost, translate } from '../../k6/frame.ts'
import { type Node, dotted, propertyOf, stringOf } from '../../k6/syntax.ts'
import type { Pair } from '../../requests/request.ts'
import { type Expr, type Stmt, call, expression, id, str } from '../../scenario/code.ts'
import { looseCheck } from './chai/chains.ts'
import { frameOf } from './frame.ts'
import { apisOf } from './pm/pm.ts'
import type { Source } from './reading.ts'
import { type SendPlace, waitingStmts } from './sending.ts'

/**
 * The name of a function that does not exist. A call of this function marks a statement that sets an HTTP header. Marked statements are removed
 * before the scenario is written.
 */
const headerMark = '\u0000header'

/** Translates a script that runs before the request. A header that the script adds becomes a marked statement. */
export function preparedStmts(source: Source, place: SendPlace): Stmt[] {
  const apis = { ...apisOf(place), stmts: (node: Node, frame: Frame) => specialStmts(node, place, frame) }
  const frame = frameOf(source, apis, null)
  return frame.module.translator.block(source.program.body, frame, source.program)
}

function specialStmts(node: Node, place: SendPlace, frame: Frame): Stmt[] | null {
  if (
    node.type === 'CallExpression' &&
    /^pm\.request\.(?:headers\.(?:add|upsert)|addHeader)$/.test(dotted(node.callee))
  ) {
    const [given] = node.arguments
    const name = stringOf(propertyOf(given, 'key'))
    const value = propertyOf(given, 'value')
    if (name !== null && value) return [headerStmt(name, translate(value, frame))]
  }
  return waitingStmts(node, place, frame) ?? looseCheck(node, frame)
}

function headerStmt(name: string, value: Expr): Stmt {
  return expression(call(id(headerMark), str(name), isLost(value) ? str('TODO') : value))
}

/** Returns the header that a marked statement adds; null for any other statement. */
export function headerIn(stmt: Stmt): Pair | null {
  if (stmt.k !== 'expr' || stmt.of.k !== 'call' || stmt.of.of.k !== 'id' || stmt.of.of.name !== headerMark) return null
  const [name, value] = stmt.of.args
  return name?.k === 'str' && value ? { name: name.value, value: [value] } : null
}

/** Removes the marked statements. A marked statement inside a condition becomes a TODO comment. */
export function withoutHeaders(stmts: readonly Stmt[]): Stmt[] {
  return stmts.filter((stmt) => !headerIn(stmt)).map(withComments)
}

function withComments<T>(piece: T): T {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) return piece.map((one: unknown) => withComments(one)) as T
  const header = 'k' in piece ? headerIn(piece as unknown as Stmt) : null
  if (header) return { k: 'comment', text: `TODO add the header ${header.name} only in this case` } as T
  return Object.fromEntries(Object.entries(piece).map(([key, one]: [string, unknown]) => [key, withComments(one)])) as T
}
