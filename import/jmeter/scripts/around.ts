import type { Extraction, ImportedRequest } from '../../requests/request.ts'
import { type Expr, type Stmt, awaited, expression, id, method, self } from '../../scenario/code.ts'
import { memberName } from '../../scenario/names.ts'
import { awaits, namesIn, namesOf, withNames } from '../../scenario/walk.ts'
import type { Plan } from '../plan.ts'
import type { Element } from '../xml.ts'
import { isScript, scriptOf } from './script.ts'
import { responseName } from './statements.ts'

/** Translates the scripts that run before and after a request. */
export function scriptsAround(
  plan: Plan,
  elements: readonly Element[],
  common: ReadonlySet<Element>,
): Pick<ImportedRequest, 'script'> & { expectations: Expr[][]; comments: string[] } {
  const scripts = elements.filter(isScript).map((element) => ({ element, ...toldOnce(plan, element) }))
  const before = scripts
    .filter(({ element }) => element.name.endsWith('PreProcessor'))
    .flatMap(({ element, stmts }) => (common.has(element) ? sharedStmts(plan, element, stmts) : stmts))
  const after = scripts.filter(({ element }) => !element.name.endsWith('PreProcessor')).flatMap(({ stmts }) => stmts)
  const expectations = scripts.flatMap(({ expectations: own }) => own)
  const comments = after.every(({ k }) => k === 'comment') ? after.flatMap(textOf) : []
  const later = comments.length > 0 ? [] : after
  if (before.length + later.length === 0) return { expectations, comments }
  const { extractions, rest } = jsonFirst(later)
  const script = {
    before,
    headers: [],
    comments: [],
    checks: [],
    common: [],
    extractions,
    ...(rest.length > 0 && {
      after: (response: Expr): Stmt[] =>
        withNames([...rest], new Map(response.k === 'id' ? [[responseName, response.name]] : [])),
    }),
  }
  return { script: () => script, expectations, comments }
}

/**
 * A script that applies to several requests becomes a method, unless it has only one statement, uses variables of the surrounding block, or runs in a
 * hook.
 */
function sharedStmts(plan: Plan, element: Element, stmts: readonly Stmt[]): readonly Stmt[] {
  const known = plan.scripts.methods.get(element)
  const own = new Set(stmts.flatMap((stmt) => (stmt.k === 'var' ? namesOf(stmt.name) : [])))
  const isLocal = [...namesIn(stmts)].some(
    (name) => !own.has(name) && (plan.localNames.has(name) || name.endsWith('Row')),
  )
  if (plan.hook || isLocal || (!known && stmts.filter(({ k }) => k !== 'comment').length < 2)) return stmts
  const isAsync = awaits(known?.body ?? stmts)
  const wanted = memberName(element.attributes['testname'] ?? '', 'Script')
  const isPlain = plan.memberNames.has(wanted) || /^visit$|jsr223|beanshell|processor/i.test(wanted)
  const name = known?.name ?? plan.memberNames.take(isPlain ? 'beforeRequest' : wanted)
  if (!known) plan.scripts.methods.set(element, { name, params: [], async: isAsync, private: true, body: [...stmts] })
  const called = method(self, name)
  return [expression(isAsync ? awaited(called) : called)]
}

/** Translates a script. If the script applies to several requests, only the first request gets the TODO comments of the script. */
function toldOnce(plan: Plan, element: Element): { stmts: Stmt[]; expectations: Expr[][] } {
  const isTold = plan.told.has(element)
  plan.told.add(element)
  const { stmts, expectations } = scriptOf(plan, element)
  return { stmts: isTold ? stmts.filter(({ k }) => k !== 'comment') : stmts, expectations }
}

function textOf(stmt: Stmt): string[] {
  return stmt.k === 'comment' ? [stmt.text] : []
}

/**
 * If a script begins with `const json = response.json()`, and does not use the response elsewhere, removes this statement. The statement of the
 * request then reads the JSON.
 */
function jsonFirst(stmts: readonly Stmt[]): { extractions: Extraction[]; rest: readonly Stmt[] } {
  const [first, ...rest] = stmts
  const isJson =
    first?.k === 'var' &&
    first.kind === 'const' &&
    typeof first.name === 'string' &&
    first.value?.k === 'call' &&
    first.value.of.k === 'member' &&
    first.value.of.name === 'json' &&
    first.value.of.of.k === 'id'
  if (!isJson || namesIn(rest).has(responseName)) return { extractions: [], rest: stmts }
  return { extractions: [{ to: id(first.name as string), found: { json: [] } }], rest }
}
