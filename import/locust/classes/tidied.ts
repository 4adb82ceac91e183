import type { Stmt } from '../../scenario/code.ts'
import { namesIn, some, walk, namesOf } from '../../scenario/walk.ts'

/** Declares a variable with `let` if later code assigns it and with `const` otherwise, and removes a bare `return` at the end. */
export function tidied(body: readonly Stmt[]): Stmt[] {
  const changed = new Set<string>()
  walk(body, (node) => {
    // `a.b = …` and `a[b] = …` change the object in the variable, not the variable.
    if (node.k === 'assign')
      walk(
        node.to.k === 'id' || node.to.k === 'array' ? node.to : [],
        (inner) => inner.k === 'id' && changed.add(inner.name),
      )
  })
  const constants = JSON.parse(JSON.stringify(body)) as Stmt[]
  walk(constants, (node) => {
    if (node.k !== 'var' || node.kind !== 'let' || !node.value) return
    if (!namesOf(node.name).some((name) => changed.has(name.replace('...', '')))) node.kind = 'const'
  })
  while (isBareEnd(constants.at(-1))) constants.pop()
  return withoutUnused(constants)
}

/** Returns true if the last statement is `return` without a value, or `if (…) return`, and therefore has no effect. */
function isBareEnd(stmt: Stmt | undefined): boolean {
  if (stmt?.k === 'return') return !stmt.of
  return (
    stmt?.k === 'if' &&
    stmt.no.length === 0 &&
    stmt.yes.length === 1 &&
    isBareEnd(stmt.yes[0]) &&
    !some(stmt.test, (node) => node.k === 'call' || node.k === 'await')
  )
}

/** Removes placeholders that are never read. */
function withoutUnused(body: readonly Stmt[]): Stmt[] {
  const used = namesIn(body)
  const isUnused = (stmt: Stmt): boolean =>
    stmt.k === 'var' &&
    typeof stmt.name === 'string' &&
    stmt.value?.k === 'str' &&
    stmt.value.value === 'TODO' &&
    !used.has(stmt.name)
  const clean = (stmts: readonly Stmt[]): Stmt[] => stmts.filter((stmt) => !isUnused(stmt)).map(deep)
  const deep = (stmt: Stmt): Stmt => {
    if (stmt.k === 'for' || stmt.k === 'while') return { ...stmt, body: clean(stmt.body) }
    if (stmt.k === 'if') return { ...stmt, yes: clean(stmt.yes), no: clean(stmt.no) }
    return stmt.k === 'try' ? { ...stmt, body: clean(stmt.body), caught: stmt.caught && clean(stmt.caught) } : stmt
  }
  return clean(body)
}
