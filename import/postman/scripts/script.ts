import { type Frame, isLost, translate } from '../../k6/frame.ts'
import { ownName } from '../../k6/code/names.ts'
import { type Node, isFn } from '../../k6/syntax.ts'
import type { Check, Place, RequestScript } from '../../requests/request.ts'
import { valueExpr } from '../../requests/flow.ts'

import { type Expr, type Stmt, at, id, str } from '../../scenario/code.ts'
import { namesIn, some } from '../../scenario/walk.ts'
import { isAssertion, looseCheck } from './chai/chains.ts'
import { simpleSettings, withoutConditions } from './extractions.ts'
import { type ScriptPlace, frameOf } from './frame.ts'
import { headerIn, preparedStmts, withoutHeaders } from './prepared.ts'
import { type Guarded, declaredIn, fixedName, legacyTest, settingNodes, splitTests, testIn } from './parts.ts'
import { apisOf } from './pm/pm.ts'
import type { Source, Sources } from './reading.ts'
import { type SendPlace, waitingStmts } from './sending.ts'
import { type Shared, checkOf, plainCheck } from './chai/tests.ts'

/** Translates the scripts of a request. */
export function requestScript({ before, tests }: Sources, owner: ScriptPlace, place: Place): RequestScript {
  const send: SendPlace = { ...owner, host: place.host, base: place.base ?? '' }
  const prepared = before.flatMap((source) => preparedStmts(source, send))
  const judged = tests.map((source) => checksOf(source, send))
  const light = tests.flatMap((source) => afterStmts(source, send, { response: id('response'), isWhole: false }))
  const needsResponse = light.some(hasEffect)
  const { variables } = owner
  const extractions = tests.flatMap((source) => [...simpleSettings(source).values()])
  return {
    before: withoutHeaders(prepared),
    headers: prepared.flatMap((stmt) => headerIn(stmt) ?? []),
    comments: [...judged.flatMap(({ notes }) => notes), ...(needsResponse ? [] : light.flatMap(textOf))],
    checks: judged.flatMap(({ checks }) => checks),
    common: [],
    extractions: needsResponse
      ? []
      : extractions.map(({ name, found }) => ({
          to: valueExpr(variables.set.get(name) ?? name, variables.members),
          found,
        })),
    ...(needsResponse && {
      after: (response: Expr) => tests.flatMap((source) => afterStmts(source, send, { response, isWhole: true })),
    }),
  }
}

export function hasEffect({ k }: Stmt): boolean {
  return k !== 'comment' && k !== 'var' && k !== 'blank'
}

function textOf(stmt: Stmt): string[] {
  return stmt.k === 'comment' && stmt.text.startsWith('TODO ') ? [stmt.text] : []
}

interface AfterPlace {
  response: Expr
  /** `false` leaves out the variables whose values come from the response. */
  isWhole: boolean
}

/** Returns the statements of a script without the checks. These statements run after the request. */
export function afterStmts(source: Source, place: SendPlace, { response, isWhole }: AfterPlace): Stmt[] {
  const nodes = withoutConditions(source.program.body)
  const simple = isWhole ? new Map<Node, unknown>() : simpleSettings(source)
  const declared = declaredIn(nodes)
  const frame = frameOf(
    source,
    { ...apisOf(place), stmts: (node, inner) => waitingStmts(node, place, inner) ?? looseCheck(node, inner) },
    response,
  )
  const { others } = splitTests(nodes, {
    isCheck: (node) => isCheck(node, frame),
    restOf: (node) => settingNodes(withoutConditions(testIn(node)?.body ?? []), declared),
  })
  const kept = others.filter((node) => !simple.has(node))
  return withoutUnusedVars(frame.module.translator.block(kept, frame, source.program))
}

/** Removes variables that only checks use, because the checks already contain the values of these variables. */
function withoutUnusedVars(stmts: readonly Stmt[]): Stmt[] {
  const kept = stmts.filter(
    (stmt) =>
      stmt.k !== 'var' || typeof stmt.name !== 'string' || namesIn(stmts.filter((one) => one !== stmt)).has(stmt.name),
  )
  return kept.length === stmts.length ? kept : withoutUnusedVars(kept)
}

function isCheck(node: Node, frame: Frame): boolean {
  if (node.type !== 'ExpressionStatement') return false
  return testIn(node) !== null || legacyTest(node) !== null || isAssertion(node, frame)
}

/** Returns the checks of a script, and comments about checks that are left out. */
export function checksOf(source: Source, place: SendPlace): { checks: Check[]; notes: string[] } {
  const nodes = withoutConditions(source.program.body)
  const known = sharedIn(source, nodes, place)
  const isOwn = (node: Node): boolean => isCheck(node, known.frame)
  const { tests } = splitTests(nodes, { isCheck: isOwn, restOf: () => [] })
  const checks = tests.flatMap((test) => checkIn(test, source, known) ?? [])
  return { checks, notes: known.frame.before.flatMap(textOf) }
}

interface Known {
  frame: Frame
  shared: Shared[]
}

/** Declares the variables of the script, so that its checks can use these variables. */
function sharedIn(source: Source, nodes: readonly Node[], place: SendPlace): Known {
  const frame = frameOf(source, apisOf(place), id('response'))
  const silent: Frame = { ...frame, before: [] }
  const shared: Shared[] = []
  const declare = (given: string, value: Expr, init: Node): void => {
    const name = ownName(given)
    const isUnknown = some(value, isLost)
    frame.scope.set(given, { expr: id(name), kind: isUnknown ? 'lost' : isFn(init) ? 'plain' : 'any', init })
    if (!isUnknown) shared.push({ name, value })
  }
  const declarators = nodes.flatMap((node) => (node.type === 'VariableDeclaration' ? node.declarations : []))
  for (const { id: target, init } of declarators) {
    if (!init) continue
    const value = translate(init, silent)
    if (target.type === 'Identifier') declare(target.name, value, init)
    else for (const [name, key] of membersIn(target)) declare(name, at(value, str(key)), init)
  }
  return { frame, shared }
}

/** Returns the names that a pattern such as `{ id, user: owner }` declares, and the member that each name holds. */
function membersIn(pattern: Node): [name: string, key: string][] {
  if (pattern.type !== 'ObjectPattern') return []
  return pattern.properties.flatMap((one): [string, string][] =>
    one.type === 'Property' && one.key.type === 'Identifier' && one.value.type === 'Identifier'
      ? [[one.value.name, one.key.name]]
      : [],
  )
}

/** Declares the variables of the loops around a test. Each use of a constant is replaced with the value of the constant. */
function inLoops(frame: Frame, around: Guarded['around']): Frame {
  const scope = new Map(frame.scope)
  const inner: Frame = { ...frame, scope }
  for (const one of around) {
    const names = one.kind === 'each' ? [one.item, one.index].filter((name) => name !== null) : []
    for (const name of names) scope.set(name, { expr: id(ownName(name)), kind: 'any' })
    if (one.kind === 'constant') scope.set(one.name, { expr: translate(one.init, inner), kind: 'any', init: one.init })
  }
  return inner
}

function checkIn({ node, around }: Guarded, { text }: Source, known: Known): Check | null {
  const { frame } = known
  const test = testIn(node)
  const isInLoop = around.some(({ kind }) => kind === 'each')
  const given = { ...known, frame: inLoops(frame, around), around }
  if (test) return checkOf(isInLoop ? str(fixedName(test.name)) : translate(test.name, frame), test.body, given)
  const legacy = legacyTest(node)
  if (legacy) return plainCheck(str(legacy.name), legacy.value, given)
  return checkOf(str(text.slice(node.start, node.end).replace(/;$/, '').slice(0, 100)), [node], given)
}
