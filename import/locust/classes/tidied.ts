import { type Stmt, awaited, expression } from '../../scenario/code.ts'
import { namesIn, some, walk, namesOf } from '../../scenario/walk.ts'

/** Declares a variable with `let` if later code assigns the variable, and otherwise with `const`. Also removes a bare `return` at the end. */
export function tidied(body: readonly Stmt[]): Stmt[] {
  const changed = new Set<string>()
  walk(body, (node) => {
    // `const` is possible for `a.b = …` and `a[b] = …`, because these assignments change only the object in the variable.
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

/**
 * Returns true if the last statement has no effect. Such a statement is a bare `return`, or an `if` that contains only a bare `return`. The condition
 * of this `if` must not contain a call.
 */
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

/** Removes a variable with a literal value if no code reads the variable. A request stays, even if no code reads the response body. */
export function withoutUnused(body: readonly Stmt[]): Stmt[] {
  const used = namesIn(body)
  const isUnread = (stmt: Stmt): stmt is Extract<Stmt, { k: 'var' }> =>
    stmt.k === 'var' && typeof stmt.name === 'string' && !used.has(stmt.name)
  const isUnused = (stmt: Stmt): boolean => isUnread(stmt) && ['str', 'num', 'bool'].includes(stmt.value?.k ?? '')
  const clean = (stmts: readonly Stmt[]): Stmt[] =>
    stmts.filter((stmt) => !isUnused(stmt)).map((stmt) => deep(isUnread(stmt) ? withoutBody(stmt) : stmt))
  const deep = (stmt: Stmt): Stmt => {
    if (stmt.k === 'for' || stmt.k === 'while') return { ...stmt, body: clean(stmt.body) }
    if (stmt.k === 'if') return { ...stmt, yes: clean(stmt.yes), no: clean(stmt.no) }
    return stmt.k === 'try' ? { ...stmt, body: clean(stmt.body), caught: stmt.caught && clean(stmt.caught) } : stmt
  }
  return clean(body)
}

/** Replaces `const text = await request.text()` with `await request`, because no code reads the text. */
function withoutBody(stmt: Extract<Stmt, { k: 'var' }>): Stmt {
  const call = stmt.value?.k === 'await' ? stmt.value.of : null
  const isBody =
    call?.k === 'call' &&
    call.of.k === 'member' &&
    call.of.of.k === 'call' &&
    ['text', 'json', 'html'].includes(call.of.name)
  return isBody && call.of.k === 'member' ? expression(awaited(call.of.of)) : stmt
}
