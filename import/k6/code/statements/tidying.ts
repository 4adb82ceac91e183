import type { Expr, Stmt } from '../../../scenario/code.ts'
import { namesIn, some } from '../../../scenario/walk.ts'

/**
 * Removes the declarations of constants that no statement uses, and the comments above these declarations. TODO comments stay. A declaration stays if
 * its value may have an effect, for example because the value calls a function of the script.
 */
export function withoutUnused(stmts: readonly Stmt[]): Stmt[] {
  const isUnused = (stmt: Stmt): boolean =>
    stmt.k === 'var' &&
    typeof stmt.name === 'string' &&
    stmt.value !== undefined &&
    !some(stmt.value, hasEffect) &&
    !namesIn(stmts.filter((other) => other !== stmt)).has(stmt.name)
  const kept = stmts.filter((stmt) => !isUnused(stmt))
  if (kept.length === stmts.length) return kept
  const isLost = (stmt: Stmt): boolean => {
    const next = stmts.slice(stmts.indexOf(stmt) + 1).find((one) => one.k !== 'comment')
    return stmt.k === 'comment' && !stmt.text.startsWith('TODO ') && next !== undefined && !kept.includes(next)
  }
  return withoutUnused(kept.filter((stmt) => !isLost(stmt)))
}

/** String methods that only return a value. */
const pure: ReadonlySet<string> = new Set(
  'concat endsWith includes indexOf padEnd padStart repeat replace replaceAll slice split startsWith substring toLowerCase toString toUpperCase trim trimEnd trimStart'.split(
    ' ',
  ),
)

/** Returns true if an expression may have an effect. */
function hasEffect(one: Expr | Stmt): boolean {
  if (one.k !== 'call') return ['await', 'new', 'assign', 'as'].includes(one.k)
  if (one.of.k === 'id') return one.of.name !== 'encodeURIComponent'
  const name =
    one.of.k === 'member' ? one.of.name : one.of.k === 'index' && one.of.at.k === 'str' ? one.of.at.value : ''
  return !pure.has(name) || one.args.some(({ k }) => k === 'arrow')
}

/** Removes blank lines at the beginning and the end, and reduces several blank lines to one. */
export function tidied(stmts: readonly Stmt[]): Stmt[] {
  return stmts.filter((stmt, index) => {
    const next = stmts[index + 1]
    return stmt.k !== 'blank' || (index > 0 && next !== undefined && next.k !== 'blank')
  })
}

/**
 * Returns true for an expression that has no effect as a statement: `undefined`, a boolean, a string, the placeholder of a part without a
 * counterpart, or code that assigns this placeholder to a member.
 */
export function isNothing(of: Expr): boolean {
  return (
    of.k === 'as' ||
    of.k === 'undefined' ||
    of.k === 'bool' ||
    of.k === 'str' ||
    (of.k === 'assign' && of.value.k === 'as' && of.to.k !== 'id')
  )
}
