import { declarationOf, declareNames } from '../../../k6/code/statements/declarations.ts'
import { type Frame, isLost, note, translate } from '../../../k6/frame.ts'
import { booleanOf } from '../../../k6/http/checks.ts'
import { ownName, patternOf } from '../../../k6/code/names.ts'
import { type Node, dotted, isFn, keyOf } from '../../../k6/syntax.ts'
import type { Check } from '../../../requests/request.ts'
import { type Expr, type Stmt, arrow, binary, bool, constant, method, not } from '../../../scenario/code.ts'
import { namesIn, namesOf, some, walk } from '../../../scenario/walk.ts'
import { assertionExpr } from './assertions.ts'
import type { Guarded } from '../parts.ts'
import { settingIn } from '../reading.ts'

/** The translation of a part of a test: its declarations, and the conditions that must hold. */
interface Holds {
  stmts: Stmt[]
  tests: Expr[]
}

/** A variable that a script declares outside its tests, so that several tests can use it. */
export interface Shared {
  name: string
  value: Expr
}

interface Given {
  frame: Frame
  shared: readonly Shared[]
  around: Guarded['around']
}

/**
 * Returns the check for the code of a test. Returns null in two cases: the translated test does not contain a condition, or burst cannot translate a
 * condition or a loop that surrounds the test.
 */
export function checkOf(name: Expr, nodes: readonly Node[], { frame: outer, shared, around }: Given): Check | null {
  const frame: Frame = { ...outer, scope: new Map(outer.scope) }
  const [first] = nodes
  const parent = { start: first?.start ?? 0, end: nodes.at(-1)?.end ?? 0 }
  declareNames(nodes, frame, parent)
  const { stmts, tests } = holdsOf(nodes, frame, true)
  const held = joined(tests)
  const test = held && guarded(held, outer, around)
  if (!test) return null
  const used = stmts.filter(
    (stmt) => stmt.k !== 'var' || typeof stmt.name !== 'string' || usesIn([stmts, test], stmt.name) > 0,
  )
  return { name, passes: withShared(used, test, shared) }
}

/** Returns the check for a plain condition, as in `tests['name'] = responseCode.code === 200`. */
export function plainCheck(name: Expr, value: Node, { frame, shared, around }: Given): Check | null {
  const test = guarded(translate(value, frame), frame, around)
  return test && { name, passes: withShared([], test, shared) }
}

/**
 * Wraps a test in the conditions and loops that surround the test in the script. Returns null if a part has no counterpart.
 */
function guarded(test: Expr, frame: Frame, around: Given['around']): Expr | null {
  const whole = around.reduceRight((then, one) => {
    if (one.kind === 'if') return unless(translate(one.test, frame), one.isTrue, then)
    if (one.kind === 'constant') return then
    const used = namesIn(then)
    const index = one.index !== null && used.has(ownName(one.index)) ? [one.index] : []
    const params = [one.item ?? '_', ...index].map((name) => ({ name: ownName(name), type: 'any' }))
    return method(translate(one.list, frame), 'every', arrow(params, booleanOf(then)))
  }, test)
  return some(whole, isLost) ? null : whole
}

/** Returns the function of a check. A shared variable that the check uses once is replaced by its value. */
function withShared(own: readonly Stmt[], condition: Expr, shared: readonly Shared[]): Expr {
  let code = { stmts: own, test: condition }
  const declared: Stmt[] = []
  const hidden = new Set(own.flatMap((stmt) => (stmt.k === 'var' ? namesOf(stmt.name) : [])))
  for (const { name, value } of shared.toReversed()) {
    const uses = hidden.has(name) ? 0 : usesIn([declared, code], name)
    if (uses > 1) declared.unshift(constant(name, value))
    if (uses === 1) code = replaced(code, name, value)
  }
  const stmts = [...declared, ...code.stmts]
  const body =
    stmts.length === 0 ? booleanOf(code.test) : [...stmts, { k: 'return' as const, of: booleanOf(code.test) }]
  return arrow(['response'], body)
}

function usesIn(code: unknown, name: string): number {
  let count = 0
  walk(code, (node) => {
    if (node.k === 'id' && node.name === name) count++
  })
  return count
}

function replaced<T>(piece: T, name: string, value: Expr): T {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) return piece.map((one: unknown) => replaced(one, name, value)) as T
  if ('k' in piece && piece.k === 'id' && 'name' in piece && piece.name === name) return value as T
  return Object.fromEntries(
    Object.entries(piece).map(([key, one]: [string, unknown]) => [key, replaced(one, name, value)]),
  ) as T
}

function joined(tests: readonly Expr[]): Expr | null {
  const [first, ...rest] = tests
  return first ? rest.reduce((all, one) => binary(all, '&&', one), first) : null
}

/** Translates the statements of a test to declarations and conditions. A statement without a counterpart becomes a TODO comment. */
function holdsOf(nodes: readonly Node[], frame: Frame, isOuter: boolean): Holds {
  const found: Holds = { stmts: [], tests: [] }
  for (const node of nodes) {
    const one = holdOf(node, frame, isOuter)
    if (!one) note(node, frame, 'this part of the test is left out')
    found.stmts.push(...(one?.stmts ?? []))
    found.tests.push(...(one?.tests ?? []))
  }
  return found
}

const none: Holds = { stmts: [], tests: [] }

function holdOf(node: Node, frame: Frame, isOuter: boolean): Holds | null {
  if (node.type === 'EmptyStatement') return none
  if (node.type === 'VariableDeclaration') return declarations(node, frame, isOuter)
  if (node.type === 'BlockStatement') return holdsOf(node.body, frame, false)
  if (node.type === 'ReturnStatement') return node.argument ? heldBy(node.argument, frame) : none
  if (node.type === 'IfStatement') return conditional(node, frame)
  if (node.type === 'ForOfStatement') {
    const target = node.left.type === 'VariableDeclaration' ? node.left.declarations[0]?.id : null
    return target?.type === 'Identifier' ? everyItem(node.right, { param: target, body: node.body }, frame) : null
  }
  return node.type === 'ExpressionStatement' ? heldBy(node.expression, frame) : null
}

/**
 * Translates declarations. Constants at the beginning of a test stay constants. Inside a block, each use of a constant is replaced with the value of
 * the constant.
 */
function declarations(node: Extract<Node, { type: 'VariableDeclaration' }>, frame: Frame, isOuter: boolean): Holds {
  if (isOuter) {
    const stmts = node.declarations.flatMap((one) => declarationOf(one, node.kind, frame))
    return { stmts: stmts.filter((stmt) => !some(stmt, isLost)), tests: [] }
  }
  for (const { id: target, init } of node.declarations)
    if (target.type === 'Identifier' && init)
      frame.scope.set(target.name, { expr: translate(init, frame), kind: 'any', init })
  return none
}

function heldBy(node: Node, frame: Frame): Holds | null {
  const assertion = assertionExpr(node, frame)
  if (assertion) return { stmts: [], tests: assertion.test ? [assertion.test] : [] }
  if (node.type !== 'CallExpression') return null
  // A call that sets a variable is not part of the check, because the scenario sets variables after the request.
  if (settingIn(node) || dotted(node.callee).startsWith('console.')) return none
  if (/^(?:pm\.)?expect\.fail$/.test(dotted(node.callee))) return { stmts: [], tests: [bool(false)] }
  const { callee } = node
  const [fn] = node.arguments
  const isEach = callee.type === 'MemberExpression' && keyOf(callee) === 'forEach' && callee.object.type !== 'Super'
  if (!isEach || !isFn(fn)) return null
  const [param] = fn.params
  if (param && param.type !== 'Identifier') return null
  const list = dotted(callee.object) === '_' ? null : callee.object
  return list && param ? everyItem(list, { param, body: fn.body }, frame) : null
}

/** Returns a condition that holds in two cases: the result of `test` differs from `isTrue`, or `then` holds. */
function unless(test: Expr, isTrue: boolean, then: Expr): Expr {
  // If the branch always calls `pm.expect.fail()`, `then` is the literal `false`. In this case, the condition contains only the test.
  const isFailing = then.k === 'bool' && !then.value
  const isComparison = test.k === 'binary' && ['===', '!=='].includes(test.op)
  const opposite = isComparison ? { ...test, op: test.op === '===' ? '!==' : '===' } : not(test)
  const other = isTrue ? opposite : booleanOf(test)
  return isFailing ? other : binary(other, '||', then)
}

/** Translates `if (found) { … }` to `(!found || …)`. */
function conditional(
  { test, consequent, alternate }: Extract<Node, { type: 'IfStatement' }>,
  frame: Frame,
): Holds | null {
  const inner = (): Frame => ({ ...frame, scope: new Map(frame.scope) })
  const yes = joined(holdsOf([consequent], inner(), false).tests)
  const no = alternate ? joined(holdsOf([alternate], inner(), false).tests) : null
  if (!yes && !no) return none
  const when = translate(test, frame)
  if (some(when, isLost)) return null
  if (yes && no) return { stmts: [], tests: [{ k: 'cond', test: when, yes, no }] }
  return { stmts: [], tests: [unless(when, yes !== null, (yes ?? no) as Expr)] }
}

/** Translates a loop over a list to `list.every(…)`. */
function everyItem(
  list: Node,
  { param, body }: { param: Extract<Node, { type: 'Identifier' }>; body: Node },
  frame: Frame,
): Holds | null {
  const scope = new Map(frame.scope)
  const name = patternOf(param)
  if (typeof name !== 'string') return null
  scope.set(param.name, { expr: { k: 'id', name }, kind: 'any' })
  const inner: Frame = { ...frame, scope }
  const nodes = body.type === 'BlockStatement' ? body.body : [expressionStatement(body)]
  const test = joined(holdsOf(nodes, inner, false).tests)
  const of = translate(list, frame)
  if (!test) return none
  if (some(of, isLost)) return null
  return { stmts: [], tests: [method(of, 'every', arrow([{ name, type: 'any' }], booleanOf(test)))] }
}

/** Converts an expression to a statement, and returns a statement unchanged. If an arrow function has no braces, its body is an expression. */
function expressionStatement(body: Node): Node {
  const isStatement = body.type.endsWith('Statement')
  return isStatement
    ? body
    : ({ type: 'ExpressionStatement', expression: body, start: body.start, end: body.end } as Node)
}
