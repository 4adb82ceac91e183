import { Lost } from '../code/context.ts'
import { namesOf, somePy } from '../code/declarations.ts'
import { dottedName } from '../python/names.ts'
import type { PyStmt } from '../python/syntax.ts'
import { calledOn } from './expectations.ts'

/** A block `with …, catch_response=True`, whose statements judge the response. */
export interface Judged {
  /** The Python name of the response. */
  name: string
  /** `true` if no code follows the block in its function. */
  isLast: boolean
  /** `true` if the result of the function is not used. */
  isTask: boolean
}

/**
 * Returns true if a block contains `return`, `break` or another statement that leaves the surrounding code without a failure. Such a block cannot
 * become a function that judges the response, because a `return` would leave only the new function. A `return` or `raise` at the end of the
 * surrounding function does not count, unless other code uses the returned value.
 */
export function leavesEarly(stmts: readonly PyStmt[], { name, isLast, isTask }: Judged): boolean {
  for (const [index, stmt] of stmts.entries()) {
    if (fails(stmt, name)) return false
    const own = { name, isTask, isLast: isLast && index === stmts.length - 1 }
    if (leaves(stmt)) return !own.isLast || stmt.t === 'break' || stmt.t === 'continue' || (hasValue(stmt) && !isTask)
    if (blocksIn(stmt).some((block) => leavesEarly(block, own))) return true
  }
  return false
}

/**
 * Returns the blocks inside a statement, except `finally` and the `else` of a loop. Removes `break` and `continue` from the body of a loop, because
 * they leave only this loop and not the block around it.
 */
function blocksIn(stmt: PyStmt): (readonly PyStmt[])[] {
  if (stmt.t === 'if') return [...stmt.arms.map(({ body }) => body), stmt.otherwise]
  if (stmt.t === 'try') return [stmt.body, ...stmt.arms.map(({ body }) => body), stmt.otherwise]
  if (stmt.t === 'with') return [stmt.body]
  return stmt.t === 'for' || stmt.t === 'while' ? [withoutJumps(stmt.body)] : []
}

function withoutJumps(body: readonly PyStmt[]): PyStmt[] {
  return body.flatMap((stmt): PyStmt[] => {
    if (stmt.t === 'break' || stmt.t === 'continue') return []
    if (stmt.t !== 'if') return [stmt]
    const arms = stmt.arms.map((arm) => ({ ...arm, body: withoutJumps(arm.body) }))
    return [{ ...stmt, arms, otherwise: withoutJumps(stmt.otherwise) }]
  })
}

const hasValue = (stmt: PyStmt): boolean => stmt.t === 'return' && stmt.of !== null && stmt.of.t !== 'none'

/** Returns true for a statement that leaves the surrounding code without a failure. */
function leaves(stmt: PyStmt): boolean {
  if (stmt.t === 'raise') return isFlow(stmt)
  if (stmt.t === 'expr' && stmt.of.t === 'call') return dottedName(stmt.of.of) === 'self.interrupt'
  return stmt.t === 'return' || stmt.t === 'break' || stmt.t === 'continue'
}

function isFlow({ of }: Extract<PyStmt, { t: 'raise' }>): boolean {
  const name = of && dottedName(of.t === 'call' ? of.of : of)
  return /(?:StopUser|InterruptTaskSet|RescheduleTask(?:Immediately)?)$/.test(name ?? '')
}

/**
 * Returns true for `response.failure(…)` and for most exceptions. Returns false for an exception such as `StopUser`, because such an exception leaves
 * the code without a failure.
 */
function fails(stmt: PyStmt, name: string): boolean {
  if (stmt.t === 'raise') return !isFlow(stmt)
  return calledOn(stmt, name, 'failure') !== null
}

function mayFail(stmt: PyStmt, name: string): boolean {
  return fails(stmt, name) || blocksIn(stmt).some((block) => block.some((one) => mayFail(one, name)))
}

/** Returns true if a block always ends in a failure. */
function alwaysFails(body: readonly PyStmt[], name: string): boolean {
  const end = body.find((stmt) => fails(stmt, name) || leaves(stmt))
  return end !== undefined && fails(end, name) && !leavesEarly(body, { name, isLast: false, isTask: false })
}

/** Returns the statements that judge the response. If the response does not fail, these statements have no effect. */
export function judgingPart(stmts: readonly PyStmt[], name: string): PyStmt[] {
  const [first, ...rest] = stmts
  if (!first || leaves(first)) return []
  if (fails(first, name)) return [first]
  if (first.t === 'if') return judgingIf(first, rest, name)
  const later = judgingPart(rest, name)
  if (first.t === 'try' && mayFail(first, name)) return [judgingTry(first, name), ...later]
  if (mayFail(first, name)) {
    if (leavesEarly([first], { name, isLast: false, isTask: false })) throw new Lost(first)
    return [first, ...later]
  }
  return isNeeded(first, later) || alwaysFails(rest, name) ? [first, ...later] : later
}

/** Returns true if later conditions read a name that the statement assigns. */
function isNeeded(stmt: PyStmt, later: readonly PyStmt[]): boolean {
  const targets = stmt.t === 'assign' ? stmt.targets : stmt.t === 'update' ? [stmt.target] : []
  const isRead = targets.some((target) =>
    target.t === 'attr'
      ? somePy(later, (py) => py.t === 'attr' && py.name === target.name)
      : namesOf(target).some((name) => somePy(later, (py) => py.t === 'name' && py.id === name)),
  )
  if (isRead && (stmt.t === 'update' || targets.some(({ t }) => t === 'attr'))) throw new Lost(stmt)
  return isRead
}

type If = Extract<PyStmt, { t: 'if' }>

/**
 * Returns the part of an `if` that judges the response. If a branch leaves the surrounding code, the statements after the `if` become an `else`
 * branch.
 */
function judgingIf(stmt: If, rest: readonly PyStmt[], name: string): PyStmt[] {
  const later = judgingPart(rest, name)
  const arms = stmt.arms.map(({ test, body }) => ({ test, body: judgingPart(body, name) }))
  const isLeft = leavesEarly([stmt], { name, isLast: false, isTask: false })
  const isEnded = stmt.arms.every(({ body }) => body.some((one) => leaves(one) || fails(one, name)))
  if (!isLeft || later.length === 0)
    return [...plainIf({ ...stmt, arms, otherwise: judgingPart(stmt.otherwise, name) }, stmt, name), ...later]
  if (!isEnded || stmt.otherwise.length > 0) throw new Lost(stmt)
  const [only, ...more] = later
  const isChain = only?.t === 'if' && more.length === 0
  const chain = { ...stmt, arms: [...arms, ...(isChain ? only.arms : [])], otherwise: isChain ? only.otherwise : later }
  return plainIf(chain, stmt, name)
}

/** Omits a condition if its branches do not judge the response. */
function plainIf(stmt: If, source: If, name: string): PyStmt[] {
  const isAccepted = source.arms.some(({ body }) => body.some((one) => calledOn(one, name, 'success') !== null))
  return mayFail(stmt, name) || isAccepted ? [stmt] : []
}

type Try = Extract<PyStmt, { t: 'try' }>

function judgingTry(stmt: Try, name: string): PyStmt {
  if (stmt.last.length > 0 || leavesEarly(stmt.body, { name, isLast: false, isTask: false })) throw new Lost(stmt)
  return { ...stmt, arms: stmt.arms.map((arm) => ({ ...arm, body: judgingPart(arm.body, name) })) }
}

/** Returns the statements that a block runs after the response was judged successful. */
export function remaining(stmts: readonly PyStmt[], name: string): PyStmt[] {
  const found: PyStmt[] = []
  for (const [index, stmt] of stmts.entries()) {
    if (alwaysFails(stmts.slice(index), name)) return found
    if (calledOn(stmt, name, 'success') !== null) continue
    found.push(...(mayFail(stmt, name) || stmt.t === 'if' ? remainingOf(stmt, name) : [stmt]))
  }
  return found
}

function remainingOf(stmt: PyStmt, name: string): readonly PyStmt[] {
  if (stmt.t === 'if') return remainingIf(stmt, name)
  if (stmt.t === 'for' || stmt.t === 'while') {
    const body = remaining(stmt.body, name)
    return body.length > 0 ? [{ ...stmt, body }] : []
  }
  if (stmt.t !== 'try') return [stmt]
  const arms = stmt.arms.filter(({ body }) => !alwaysFails(body, name))
  const body = remaining([...stmt.body, ...stmt.otherwise], name)
  return arms.length > 0 ? [{ ...stmt, arms, body, otherwise: [] }] : body
}

function remainingIf({ arms, otherwise, ...stmt }: If, name: string): readonly PyStmt[] {
  const left = arms
    .filter(({ body }) => !alwaysFails(body, name))
    .map(({ test, body }) => ({ test, body: remaining(body, name) }))
  const [only, ...more] = left
  const isElseLeft = !alwaysFails(otherwise, name)
  const last = isElseLeft ? remaining(otherwise, name) : []
  if (!only) return last
  if (!isElseLeft && more.length === 0) return only.body
  const isEmpty = last.length === 0 && left.every(({ body }) => body.length === 0)
  return isEmpty ? [] : [{ ...stmt, arms: left, otherwise: last }]
}
