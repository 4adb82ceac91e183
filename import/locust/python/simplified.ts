import type { Py, PyStmt } from './syntax.ts'

/**
 * Splits a statement into simpler statements: `with a, b:` becomes nested blocks, and `if (x := f()) …` becomes an assignment and an `if`. Extracts a
 * `:=` only if Python always evaluates the `:=` before the rest of the statement.
 */
export function simplified(stmt: PyStmt): PyStmt[] {
  if (stmt.t === 'with' && stmt.items.length > 1) {
    const [first, ...others] = stmt.items
    if (!first) return [stmt]
    return [{ ...stmt, items: [first], body: simplified({ ...stmt, items: others }) }]
  }
  const nested = nestedIf(stmt) ?? endless(stmt)
  if (nested) return nested
  const assigns: PyStmt[] = []
  const rest = withoutWalrus(stmt, assigns)
  return [...assigns, rest]
}

/** Translates `if a and (x := f()) …` and `elif (x := f()) …` to an `if` inside another `if`. */
function nestedIf(stmt: PyStmt): PyStmt[] | null {
  const [arm, ...others] = stmt.t === 'if' ? stmt.arms : []
  if (stmt.t !== 'if' || !arm) return null
  const { at, from, to } = stmt
  if (others.some(({ test }) => hasWalrus(test)))
    return simplified({ ...stmt, arms: [arm], otherwise: simplified({ ...stmt, arms: others }) })
  const { test, body } = arm
  const isLater = test.t === 'logic' && test.op === 'and' && hasWalrus(test.right) && !hasWalrus(test.left)
  if (!isLater || stmt.otherwise.length > 0 || others.length > 0) return null
  const inner = simplified({ at, from, to, t: 'if', arms: [{ test: test.right, body }], otherwise: [] })
  return [{ ...stmt, arms: [{ test: test.left, body: inner }] }]
}

/** Translates `while (x := f()) …` to an endless loop that begins with the assignment. */
function endless(stmt: PyStmt): PyStmt[] | null {
  if (stmt.t !== 'while' || !hasWalrus(stmt.test) || stmt.otherwise.length > 0) return null
  const { at, from, to } = stmt.test
  const assigns: PyStmt[] = []
  const test = taken(stmt.test, assigns)
  if (hasWalrus(test)) return null
  const ends: PyStmt = {
    at,
    from,
    to,
    t: 'if',
    otherwise: [],
    arms: [{ test: { at, from, to, t: 'unary', op: 'not', of: test }, body: [{ at, from, to, t: 'break' }] }],
  }
  return [{ ...stmt, test: { at, from, to, t: 'bool', value: true }, body: [...assigns, ends, ...stmt.body] }]
}

function hasWalrus(py: Py): boolean {
  return JSON.stringify(py).includes('"t":"walrus"')
}

function withoutWalrus(stmt: PyStmt, assigns: PyStmt[]): PyStmt {
  if (stmt.t === 'expr') return { ...stmt, of: taken(stmt.of, assigns) }
  if (stmt.t === 'return' && stmt.of) return { ...stmt, of: taken(stmt.of, assigns) }
  if (stmt.t === 'assign' && stmt.value) return { ...stmt, value: taken(stmt.value, assigns) }
  const [arm, ...others] = stmt.t === 'if' ? stmt.arms : []
  if (stmt.t !== 'if' || !arm) return stmt
  return { ...stmt, arms: [{ ...arm, test: taken(arm.test, assigns) }, ...others] }
}

/**
 * Replaces `name := value` with `name`, and adds the assignment to `assigns`. Changes nothing unless Python evaluates the value before all other
 * parts of the expression.
 */
function taken(py: Py, assigns: PyStmt[]): Py {
  const { at, from, to } = py
  if (py.t === 'walrus') {
    assigns.push({ at, from, to, t: 'assign', targets: [py.name], value: py.value })
    return py.name
  }
  if (py.t === 'attr' || py.t === 'sub') return { ...py, of: taken(py.of, assigns) }
  if (py.t === 'unary') return { ...py, of: taken(py.of, assigns) }
  if (py.t === 'logic' || py.t === 'binary') return { ...py, left: taken(py.left, assigns) }
  if (py.t === 'compare') return { ...py, first: taken(py.first, assigns) }
  if (py.t !== 'call') return py
  const [first, ...more] = py.args
  if (py.of.t === 'name') return first ? { ...py, args: [taken(first, assigns), ...more] } : py
  return { ...py, of: taken(py.of, assigns) }
}
