import { type Expr, type Stmt, binary, id } from '../../scenario/code.ts'
import { declare } from '../code/context.ts'
import { blocksOf } from '../code/declarations.ts'
import { any } from '../code/value-types.ts'
import type { Frame } from '../frame.ts'
import type { Py, PyStmt } from '../python/syntax.ts'

/** The Python name of the variable that contains the returned value. The name ends with a space, so no variable of a locustfile has this name. */
const result = 'result '

interface Returning {
  /** The statements of the changed block. Before each `return`, these statements assign the returned value to a variable. */
  stmts: readonly PyStmt[]
  /** The statements that return the value after the request. */
  after: Stmt[]
}

/**
 * Changes a block that judges a response. The block becomes a function, so a `return` in the block cannot end the surrounding function. Before each
 * `return`, the changed block therefore assigns the returned value to a variable. Returns null if no `return` of the block has to be changed.
 * @param isEnd `true` if the block ends its function
 */
export function withoutReturns(stmts: readonly PyStmt[], isEnd: boolean, frame: Frame): Returning | null {
  const isNeeded = (of: Py | null): boolean => (isEnd ? !frame.isTask && of !== null && of.t !== 'none' : true)
  if (!returnsIn(stmts).some(isNeeded)) return null
  const { name } = declare(frame, result, any)
  frame.before.push({ k: 'var', kind: 'let', name, type: 'any' })
  const value: Expr = id(name)
  const returned: Stmt = { k: 'return', ...(!frame.isTask && { of: value }) }
  const isSet = binary(value, '!==', { k: 'undefined' })
  const after: Stmt[] = isEnd ? [returned] : [{ k: 'if', test: isSet, yes: [returned], no: [] }]
  return { stmts: assigning(stmts), after }
}

/**
 * Returns the values of all `return` statements. Skips a `return` directly after `response.failure(…)`, because the failure already ends the task.
 */
function returnsIn(stmts: readonly PyStmt[]): (Py | null)[] {
  return stmts.flatMap((stmt, index) => {
    if (stmt.t === 'return') return isFailure(stmts[index - 1]) ? [] : [stmt.of]
    return blocksOf(stmt).flatMap(returnsIn)
  })
}

function isFailure(stmt: PyStmt | undefined): boolean {
  const py = stmt?.t === 'expr' ? stmt.of : null
  return py?.t === 'call' && py.of.t === 'attr' && py.of.name === 'failure'
}

function assigning(stmts: readonly PyStmt[]): PyStmt[] {
  return stmts.flatMap((stmt, index): PyStmt[] => {
    if (stmt.t === 'return') return isFailure(stmts[index - 1]) ? [stmt] : assigned(stmt)
    if (stmt.t === 'if')
      return [
        {
          ...stmt,
          arms: stmt.arms.map((arm) => ({ ...arm, body: assigning(arm.body) })),
          otherwise: assigning(stmt.otherwise),
        },
      ]
    if (stmt.t === 'for' || stmt.t === 'while') return [{ ...stmt, body: assigning(stmt.body) }]
    if (stmt.t === 'with') return [{ ...stmt, body: assigning(stmt.body) }]
    if (stmt.t !== 'try') return [stmt]
    const arms = stmt.arms.map((arm) => ({ ...arm, body: assigning(arm.body) }))
    return [{ ...stmt, arms, body: assigning(stmt.body), otherwise: assigning(stmt.otherwise) }]
  })
}

function assigned(stmt: Extract<PyStmt, { t: 'return' }>): PyStmt[] {
  const { at, from, to } = stmt
  const target: Py = { at, from, to, t: 'name', id: result }
  const value: Py = stmt.of ?? { at, from, to, t: 'none' }
  return [
    { at, from, to, t: 'assign', targets: [target], value },
    { at, from, to, t: 'return', of: null },
  ]
}
