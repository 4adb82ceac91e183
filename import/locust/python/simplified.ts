import type { Py, PyStmt } from './syntax.ts'

/**
 * A statement in simpler ones: `with a, b:` as one block inside another, and `if (x := f()) …` as an assignment and the rest. Only a `:=` that
 * Python always evaluates first is taken out.
 */
export function simplified(stmt: PyStmt): PyStmt[] {
  if (stmt.t === 'with' && stmt.items.length > 1) {
    const [first, ...others] = stmt.items
    if (!first) return [stmt]
    return [{ ...stmt, items: [first], body: simplified({ ...stmt, items: others }) }]
  }
  const assigns: PyStmt[] = []
  const rest = withoutWalrus(stmt, assigns)
  return [...assigns, rest]
}

// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function withoutWalrus(stmt: PyStmt, assigns: PyStmt[]): PyStmt {
  if (stmt.t === 'expr') return { ...stmt, of: taken(stmt.of, assigns) }
  if (stmt.t === 'return' && stmt.of) return { ...stmt, of: taken(stmt.of, assigns) }
  if (stmt.t === 'assign' && stmt.value) return { ...stmt, value: taken(stmt.value, assigns) }
  const [arm, ...others] = stmt.t === 'if' ? stmt.arms : []
  if (stmt.t !== 'if' || !arm) return stmt
  return { ...stmt, arms: [{ ...arm, test: taken(arm.test, assigns) }, ...others] }
}

/** The expression, with the name in place of `name := value`, where that is evaluated first. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
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
