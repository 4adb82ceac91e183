import { dottedName } from '../python/names.ts'
import type { Py, PyFunction, PyStmt } from '../python/syntax.ts'
import { blocksOf, somePy } from './declarations.ts'

/** Returns true if a call of the function returns a generator. */
export function isGenerator({ body, decorators }: PyFunction): boolean {
  return !isContextManager(decorators) && firstYield(body) !== null
}

/** Returns true if a decorator makes the function a context manager. Python code uses such a function in a `with` statement. */
export function isContextManager(decorators: readonly Py[]): boolean {
  return decorators.some((one) => /(?:^|\.)(?:async)?contextmanager$/.test(dottedName(one) ?? ''))
}

/** Returns the first `yield` of a function; null if the function does not contain a `yield`. A `yield` in a nested function does not count. */
export function firstYield(body: readonly PyStmt[]): PyStmt | null {
  for (const stmt of body) {
    if (stmt.t === 'def' || stmt.t === 'class') continue
    if (stmt.t === 'yield') return stmt
    const inner = blocksOf(stmt).map(firstYield)
    const found = inner.find((one) => one !== null)
    if (found) return found
    if (inner.length === 0 && somePy(stmt, isYield)) return stmt
  }
  return null
}

/** Returns true for a `yield` that is part of an expression. */
function isYield(py: Py): boolean {
  return py.t === 'other' && py.what === 'YieldExpression'
}
