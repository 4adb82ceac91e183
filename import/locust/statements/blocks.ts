import { type Expr, type Stmt, str } from '../../scenario/code.ts'
import { Lost, declare, lostWithRequests } from '../code/context.ts'
import { blocksOf, namesOf } from '../code/declarations.ts'
import { block, requestIn } from '../code/translator.ts'
import { type Type, any, unified } from '../code/value-types.ts'
import type { Frame } from '../frame.ts'
import { fold, foldJudged } from '../http/fold.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { endsIn, lostVariables } from './endings.ts'
import { statement } from './statements.ts'

/**
 * Translates the statements of a block. A statement without a counterpart becomes a TODO comment.
 * @param isTail `true` if the block ends its function
 */
export function blockOf(stmts: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[] {
  const found: Stmt[] = []
  for (const [index, stmt] of stmts.entries()) {
    const rest = stmts.slice(index + 1)
    found.push(...declaredBefore(stmt, frame))
    const sent = requestStatement(stmt, rest, frame, isTail)
    if (sent) return [...found, ...sent]
    found.push(...statement(stmt, frame, isTail && rest.length === 0))
    const last = found.at(-1)
    if (last?.k === 'return' || last?.k === 'throw') break
  }
  return found
}

/** Declares the variables that are used outside the block of their first assignment. */
function declaredBefore(stmt: PyStmt, frame: Frame): Stmt[] {
  const found: Stmt[] = []
  for (const [name, { before, inline }] of frame.plan.variables) {
    if (inline || before !== stmt || frame.scope.has(name)) continue
    const type = writtenType(name, stmt, frame)
    const variable = declare(frame, name, type)
    const initial = initials[type.kind]
    found.push({ k: 'var', kind: 'let', name: variable.name, ...(initial ? { value: initial } : { type: 'any' }) })
  }
  return found
}

const initials: Partial<Record<Type['kind'], Expr>> = {
  str: str(''),
  num: { k: 'num', value: 0 },
  bool: { k: 'bool', value: false },
}

const response: Type = { kind: 'response' }
const verbs = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'request'])

/** Returns true for `self.client.get(…)` and `user.client.post(…)`. */
function isClientCall(py: Py): boolean {
  if (py.t !== 'call' || py.of.t !== 'attr' || !verbs.has(py.of.name)) return false
  return py.of.of.t === 'attr' && py.of.of.name === 'client'
}

/**
 * Returns the type of the values that the statement `stmt` assigns to a variable. If `stmt` is not in an inner block, considers all values that the
 * function assigns to the variable. Only literals and responses to requests have a known type. All other values have the type `any`.
 */
function writtenType(name: string, stmt: PyStmt, frame: Frame): Type {
  let found: Type | undefined
  const look = (one: PyStmt): void => {
    if (one.t === 'assign' && one.value && one.targets.some((target) => namesOf(target).includes(name))) {
      const kinds: Partial<Record<Py['t'], Type>> = {
        str: { kind: 'str' },
        fstr: { kind: 'str' },
        num: { kind: 'num' },
        bool: { kind: 'bool' },
      }
      const type = isClientCall(one.value) ? response : kinds[one.value.t]
      found = unified(found, (one.targets.every((target) => target.t === 'name') ? type : undefined) ?? any)
    }
    if (one.t === 'with')
      for (const { name: target, value } of one.items)
        if (target && namesOf(target).includes(name)) found = unified(found, isClientCall(value) ? response : any)
    for (const inside of blocksOf(one)) for (const deep of inside) look(deep)
  }
  for (const one of frame.plan.body.includes(stmt) ? frame.plan.body : [stmt]) look(one)
  return found ?? any
}

/**
 * Translates a statement that sends a request. Also translates the statements after this statement, because they may use the response. Returns null
 * if the statement does not send a request.
 */
function requestStatement(stmt: PyStmt, rest: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[] | null {
  const py = stmt.t === 'expr' ? stmt.of : stmt.t === 'assign' && stmt.targets.length === 1 ? stmt.value : null
  try {
    if (stmt.t === 'with') return requestWith(stmt, rest, frame, isTail)
    const target = stmt.t === 'assign' ? stmt.targets[0] : null
    if (py?.t !== 'call' || (target && target.t !== 'name')) return null
    const request = requestIn(py, frame)
    return request && fold({ request, name: target?.t === 'name' ? target.id : null, isTail }, rest, frame)
  } catch (error) {
    return lostStatement(error, stmt, rest, frame, isTail)
  }
}

// oxlint-disable-next-line max-params -- it needs the error, its statement, the statements after it, and the frame
function lostStatement(error: unknown, stmt: PyStmt, rest: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[] {
  if (!(error instanceof Lost)) throw error
  frame.before = []
  return [...lostWithRequests(frame, stmt, error.why), ...lostVariables(stmt, frame), ...block(rest, frame, isTail)]
}

type With = Extract<PyStmt, { t: 'with' }>

function requestWith(stmt: With, rest: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[] | null {
  const [item, ...others] = stmt.items
  const request = item?.value.t === 'call' && others.length === 0 ? requestIn(item.value, frame) : null
  if (!request || item?.value.t !== 'call') return null
  const isCaught =
    item.value.named.some(({ name }) => name === 'catch_response') ||
    (item.value.of.t === 'attr' && item.value.of.name.startsWith('rest'))
  const name = item.name?.t === 'name' ? item.name.id : null
  const tail = isTail && rest.length === 0
  const inside =
    name !== null && isCaught
      ? foldJudged({ request, name, isTail: tail }, stmt.body, frame)
      : fold({ request, name, isTail: tail }, stmt.body, frame)
  return [...inside, ...(endsIn(inside) ? [] : block(rest, frame, isTail))]
}
