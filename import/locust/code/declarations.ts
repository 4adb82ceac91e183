import type { Py, PyStmt } from '../python/syntax.ts'

/** How and where a variable of a function is declared. */
interface Declaration {
  writes: number
  /** `true` if the first assignment declares the variable. Otherwise a separate declaration precedes the statement `before`. */
  inline: boolean
  before: PyStmt | null
}

export interface Plan {
  variables: Map<string, Declaration>
  /** The statements of the function that declares the variables. */
  readonly body: readonly PyStmt[]
}

type Step = { block: readonly PyStmt[]; stmt: PyStmt }

interface Seen {
  name: string
  write: boolean
  path: readonly Step[]
}

/**
 * Finds, for each variable, the block that contains all of its uses. In Python a variable belongs to a function, but in TypeScript it belongs to a
 * block.
 */
export function planOf(body: readonly PyStmt[]): Plan {
  const seen: Seen[] = []
  look(body, [], seen)
  const variables = new Map<string, Declaration>()
  for (const name of new Set(seen.filter(({ write }) => write).map(({ name }) => name))) {
    variables.set(name, declarationOf(seen.filter((one) => one.name === name)))
  }
  return { variables, body }
}

function declarationOf(uses: readonly Seen[]): Declaration {
  const writes = uses.filter(({ write }) => write)
  const [first] = uses
  if (!first) return { writes: 0, inline: true, before: null }
  const depth = Math.min(...uses.map(({ path }) => sharedDepth(first.path, path)))
  const home = first.path[depth - 1]
  const inline = first.write && first.path.length === depth
  return { writes: writes.length, inline, before: inline ? null : (home?.stmt ?? null) }
}

/** Returns the number of blocks that contain both positions. */
function sharedDepth(a: readonly Step[], b: readonly Step[]): number {
  let depth = 0
  while (depth < a.length && depth < b.length && a[depth]?.block === b[depth]?.block) depth++
  return depth
}

function look(block: readonly PyStmt[], path: readonly Step[], seen: Seen[]): void {
  for (const stmt of block) {
    const here = [...path, { block, stmt }]
    for (const name of namesWritten(stmt)) if (!declaredByLoop(stmt)) seen.push({ name, write: true, path: here })
    for (const name of namesRead(stmt)) seen.push({ name, write: false, path: here })
    for (const inside of blocksOf(stmt)) look(inside, here, seen)
  }
}

function declaredByLoop(stmt: PyStmt): boolean {
  return stmt.t === 'for' || stmt.t === 'with'
}

/** Returns true if a function uses a loop variable after the loop, and the first such use is a read, not an assignment. */
export function isReadAfter(name: string, loop: PyStmt, body: readonly PyStmt[]): boolean {
  const events: { at: number; isRead: boolean }[] = []
  const look = (stmts: readonly PyStmt[]): void => {
    for (const stmt of stmts) {
      if (namesWritten(stmt).includes(name)) events.push({ at: stmt.t === 'for' ? stmt.from : stmt.to, isRead: false })
      everyPy(ownParts(stmt), (py) => {
        if (py.t === 'name' && py.id === name) events.push({ at: py.from, isRead: true })
      })
      for (const block of blocksOf(stmt)) look(block)
    }
  }
  look(body)
  const [next] = events.filter(({ at }) => at >= loop.to).toSorted((a, b) => a.at - b.at)
  return next?.isRead ?? false
}

/** Returns the blocks directly inside a statement. Returns an empty list for a function, a class or a statement without blocks. */
export function blocksOf(stmt: PyStmt): (readonly PyStmt[])[] {
  if (stmt.t === 'if') return [...stmt.arms.map(({ body }) => body), stmt.otherwise]
  if (stmt.t === 'for' || stmt.t === 'while') return [stmt.body, stmt.otherwise]
  if (stmt.t === 'with') return [stmt.body]
  if (stmt.t === 'try') return [stmt.body, ...stmt.arms.map(({ body }) => body), stmt.otherwise, stmt.last]
  return []
}

function namesWritten(stmt: PyStmt): string[] {
  if (stmt.t === 'assign') return stmt.targets.flatMap(namesOf)
  if (stmt.t === 'update') return namesOf(stmt.target)
  if (stmt.t === 'for') return namesOf(stmt.target)
  return []
}

/** Returns the names that a target binds. */
export function namesOf(target: Py): string[] {
  if (target.t === 'name') return [target.id]
  if (target.t === 'tuple' || target.t === 'list') return target.items.flatMap(namesOf)
  return target.t === 'star' ? namesOf(target.of) : []
}

function namesRead(stmt: PyStmt): string[] {
  const own = ownParts(stmt)
  const found: string[] = []
  everyPy(own, (py) => {
    if (py.t === 'name') found.push(py.id)
  })
  return found
}

/**
 * Returns the expressions of a statement that are outside its blocks, such as the condition of an `if`. For an assignment, leaves out targets that
 * are names or tuples. Returns a nested function, a nested class and any other statement without blocks as a whole.
 */
export function ownParts(stmt: PyStmt): unknown {
  if (stmt.t === 'if') return stmt.arms.map(({ test }) => test)
  if (stmt.t === 'for') return stmt.of
  if (stmt.t === 'while') return stmt.test
  if (stmt.t === 'try') return stmt.arms.map(({ types }) => types)
  if (stmt.t === 'with') return stmt.items.map(({ value }) => value)
  if (stmt.t === 'assign')
    return [stmt.value, stmt.targets.filter((target) => target.t !== 'name' && target.t !== 'tuple')]
  return stmt
}

/** Calls `visit` with each expression in a piece of syntax. */
export function everyPy(piece: unknown, visit: (py: Py) => void): void {
  if (typeof piece !== 'object' || piece === null) return
  if ('t' in piece && 'from' in piece) visit(piece as Py)
  for (const value of Object.values(piece)) if (typeof value === 'object') everyPy(value, visit)
}

/** Returns true if `holds` is true for any expression in a piece of syntax. */
export function somePy(piece: unknown, holds: (py: Py) => boolean): boolean {
  let found = false
  everyPy(piece, (py) => (found ||= holds(py)))
  return found
}
