import { type Expr, arrow, id, member } from '../../scenario/code.ts'
import type { Frame } from '../frame.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { isLog } from './expectations.ts'
import { expected, statusTest } from './responses.ts'

interface Guarded {
  expectations: Expr[]
  rest: readonly PyStmt[]
}

/**
 * Converts guards at the beginning of a block to expectations. A guard leaves the block if the response does not have one of the wanted statuses.
 * Returns the expectations and the remaining statements.
 */
export function guards(name: string, after: readonly PyStmt[], frame: Frame, isTail: boolean): Guarded {
  const expectations: Expr[] = []
  let rest = after
  for (;;) {
    const [first, ...others] = rest
    const found = first ? guard(first, others, { name, isTail }, frame) : null
    if (!found) return { expectations, rest }
    expectations.push(found.expectation)
    rest = found.rest
  }
}

interface Guarding {
  name: string
  isTail: boolean
}

interface Guard {
  expectation: Expr
  rest: readonly PyStmt[]
}

function guard(stmt: PyStmt, others: readonly PyStmt[], guarding: Guarding, frame: Frame): Guard | null {
  if (stmt.t === 'assert') {
    const test = statusTest(stmt.test, guarding.name, frame)
    return test?.positive ? { expectation: expected(test), rest: others } : null
  }
  if (stmt.t === 'expr')
    return isRaise(stmt.of, guarding.name)
      ? { expectation: arrow(['response'], member(id('response'), 'ok')), rest: others }
      : null
  return stmt.t === 'if' ? guardIf(stmt, others, guarding, frame) : null
}

function guardIf(
  { arms, otherwise }: Extract<PyStmt, { t: 'if' }>,
  others: readonly PyStmt[],
  { name, isTail }: Guarding,
  frame: Frame,
): Guard | null {
  const [arm, ...more] = arms
  const test = arm && more.length === 0 ? statusTest(arm.test, name, frame) : null
  if (!arm || !test || (test.statuses !== 'ok' && test.statuses.some((status) => status >= 400))) return null
  const isQuietAfter = others.every(isQuiet)
  if (!test.positive) {
    const leaves = otherwise.length === 0 && onlyLeaves(arm.body) && (isQuietAfter || isEnd(arm.body.at(-1)))
    return leaves ? { expectation: expected(test), rest: others } : null
  }
  const ends = (isTail && isQuietAfter) || isEnd(otherwise.at(-1))
  return ends && onlyLeaves(otherwise) ? { expectation: expected(test), rest: [...arm.body, ...others] } : null
}

function isRaise(py: Py, name: string): boolean {
  return (
    py.t === 'call' &&
    py.of.t === 'attr' &&
    py.of.name === 'raise_for_status' &&
    py.of.of.t === 'name' &&
    py.of.of.id === name
  )
}

/** Returns true if the statements only report the failure and return. */
function onlyLeaves(body: readonly PyStmt[]): boolean {
  return body.every((stmt) => isQuiet(stmt) || isEnd(stmt))
}

function isEnd(stmt: PyStmt | undefined): boolean {
  if (stmt?.t === 'raise') return !/Stop|Interrupt/.test(JSON.stringify(stmt.of ?? ''))
  return stmt?.t === 'return' && (stmt.of === null || stmt.of.t === 'none' || stmt.of.t === 'bool')
}

function isQuiet(stmt: PyStmt): boolean {
  return stmt.t === 'pass' || stmt.t === 'comment' || isLog(stmt)
}
