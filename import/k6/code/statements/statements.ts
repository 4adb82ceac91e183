import {
  type Expr,
  type LoopVariable,
  type Stmt,
  comment,
  id,
  method,
  expression as statement,
} from '../../../scenario/code.ts'
import { some } from '../../../scenario/walk.ts'
import { type Frame, apiOf, isLost, lost, mentionsLost, note, requestMethod, translate } from '../../frame.ts'
import { type Node, childrenOf, someNode } from '../../syntax.ts'
import { eachElementStmts } from '../../html/reads.ts'
import { isChainable, isCheck, withChecks } from '../../http/checks.ts'
import { commentsIn } from '../../source.ts'
import { type Definition, definitionsIn } from './folds.ts'
import { declarationOf, declareNames, functionStmt } from './declarations.ts'
import { failStmt } from './failing.ts'
import { forEachStmts } from './for-each.ts'
import { foldForms } from './forms.ts'
import { ownName, patternOf } from '../names.ts'
import { isCleared } from '../../sockets/handlers.ts'
import { type Session, sessionsIn } from '../../sockets/sessions.ts'
import { sessionStmts } from '../../sockets/writing.ts'
import {
  collapsed,
  discriminantOf,
  dropped,
  ifStmts,
  isAsyncGenerator,
  isBusy,
  isList,
  isOfLost,
  isOverBatch,
  isSimple,
  notSent,
  passingFrame,
  usesLost,
  variableOf,
  yieldStmt,
} from './marks.ts'
import { sendStmts } from './sends.ts'
import { isNothing, tidied, withoutUnused } from './tidying.ts'

type Of<T extends Node['type']> = Extract<Node, { type: T }>
type Printers = { [T in Node['type']]?: (node: Of<T>, frame: Frame) => Stmt[] }

const kinds: Printers = {
  ExpressionStatement: (node, frame) => expressionStmts(node.expression, frame),
  VariableDeclaration: (node, frame) => node.declarations.flatMap((one) => declarationOf(one, node.kind, frame)),
  FunctionDeclaration: (node, frame) => functionStmt(node, frame),
  ReturnStatement: (node, frame) => [{ k: 'return', ...(node.argument && { of: translate(node.argument, frame) }) }],
  ThrowStatement: (node, frame) => [{ k: 'throw', of: translate(node.argument, frame) }],
  BreakStatement: (node) => [{ k: 'break', ...(node.label && { label: node.label.name }) }],
  ContinueStatement: (node) => [{ k: 'continue', ...(node.label && { label: node.label.name }) }],
  LabeledStatement: (node, frame) => {
    const stmts = plainStmts(node.body, frame)
    const [only] = stmts
    return only && stmts.length === 1 ? [{ k: 'labelled', label: node.label.name, of: only }] : lostStmts(node, frame)
  },
  EmptyStatement: () => [],
  DebuggerStatement: () => [],
  BlockStatement: (node, frame) => nested(node, frame),
  IfStatement: (node, frame) => {
    const test = testOf(node.test, frame)
    if (some(test, isLost)) return notSent([node.consequent, node.alternate], frame)
    return ifStmts(test, nested(node.consequent, frame), node.alternate ? nested(node.alternate, frame) : [])
  },
  DoWhileStatement: (node, frame) => doStmts(node, frame),
  WhileStatement: (node, frame) => {
    if (isBusy(node, frame)) return []
    const test = testOf(node.test, frame)
    return some(test, isLost) ? notSent([node.body], frame) : [{ k: 'while', test, body: nested(node.body, frame) }]
  },
  ForStatement: (node, frame) => loopStmts(node, frame),
  ForOfStatement: (node, frame) => eachStmts(node, translate(node.right, frame), frame),
  ForInStatement: (node, frame) => {
    const of = translate(node.right, frame)
    return eachStmts(node, isList(node.right, frame) ? method(of, 'keys') : method(id('Object'), 'keys', of), frame)
  },
  SwitchStatement: (node, frame) => [
    {
      k: 'switch',
      of: discriminantOf(node.discriminant, frame),
      cases: node.cases.map((one) => ({
        test: one.test ? translate(one.test, frame) : null,
        body: block(one.consequent, frame, one),
      })),
    },
  ],
  TryStatement: (node, frame) => [tryStmt(node, frame)],
}

/** Returns the statements of a block, with the comments and blank lines between them. */
export function block(nodes: readonly Node[], outer: Frame, parent: { start: number; end: number }): Stmt[] {
  const frame: Frame = { ...outer, scope: new Map(outer.scope) }
  declareNames(nodes, frame, parent)
  foldForms(nodes, frame, parent)
  const definitions = definitionsIn(nodes, frame, parent)
  const sessions = sessionsIn(nodes, frame)
  const found: Stmt[] = []
  let from = nodes[0] ? Math.min(parent.start, nodes[0].start) : parent.start
  for (const node of nodes) {
    const session = sessions.get(node)
    const stmts = session ? socketStmts(session, frame) : stmtsOf(node, frame, definitions)
    const isFirst = from <= parent.start
    if (stmts.length > 0) {
      if (!isFirst && hasBlank(from, node, frame)) found.push({ k: 'blank' })
      found.push(...commentsIn(frame.module.script, from, node.start).map(comment), ...stmts)
    }
    from = node.end
  }
  return tidied(withoutUnused(found))
}

function socketStmts(session: Session, outer: Frame): Stmt[] {
  const frame: Frame = { ...outer, before: [] }
  const stmts = sessionStmts(session, frame)
  return [...frame.before, ...stmts]
}

function hasBlank(from: number, node: Node, { module }: Frame): boolean {
  const first = module.script.comments.find(({ start, end }) => start >= from && end <= node.start)
  return module.script.linesBetween(from, first?.start ?? node.start) > 1
}

function stmtsOf(node: Node, outer: Frame, definitions: ReadonlyMap<Node, Definition>): Stmt[] {
  const frame: Frame = { ...outer, before: [] }
  const definition = definitions.get(node)
  if (frame.folded.get(node) === 'gone') return []
  if (isCleared(node)) {
    note(node, frame, 'in burst, timers stop when the connection closes')
    return frame.before
  }
  if (node.type === 'ExpressionStatement' && frame.folded.get(node.expression) === 'gone') return []
  if (isSimple(node) ? mentionsLost(node, frame) : isOfLost(node, frame)) {
    const passing = passingFrame(node, frame)
    return passing ? [...frame.before, ...plainStmts(node, passing)] : dropped(node, frame)
  }
  const stmts = definition ? sendStmts(node, definition, { frame, definitions }) : plainStmts(node, frame)
  const isBroken = isSimple(node) && stmts.some((stmt) => some(stmt, usesLost))
  return isBroken ? dropped(node, frame) : [...frame.before, ...stmts.map(collapsed)]
}

function plainStmts(node: Node, frame: Frame): Stmt[] {
  const kind = kinds[node.type] as ((node: Node, frame: Frame) => Stmt[]) | undefined
  return kind ? kind(node, frame) : lostStmts(node, frame)
}

function lostStmts(node: Node, frame: Frame): Stmt[] {
  lost(node, frame)
  return notSent(childrenOf(node), frame)
}

function nested(node: Node, frame: Frame): Stmt[] {
  return node.type === 'BlockStatement' ? block(node.body, frame, node) : block([node], frame, node)
}

/** Translates `do … while (test)` to an endless loop. A `break` at the end of the loop body leaves the loop if the test is false. */
function doStmts(node: Of<'DoWhileStatement'>, frame: Frame): Stmt[] {
  if (someNode(node.body, ({ type }) => type === 'ContinueStatement')) return lostStmts(node, frame)
  const end: Stmt = {
    k: 'if',
    test: { k: 'unary', op: '!', of: testOf(node.test, frame) },
    yes: [{ k: 'break' }],
    no: [],
  }
  return [{ k: 'while', test: { k: 'bool', value: true }, body: [...nested(node.body, frame), end] }]
}

function testOf(node: Node, frame: Frame): Expr {
  const negated = translate({ type: 'UnaryExpression', operator: '!', prefix: true, argument: node } as Node, frame)
  return negated.k === 'unary' ? negated.of : negated
}

function expressionStmts(node: Node, frame: Frame): Stmt[] {
  return frame.module.apis?.stmts?.(node, frame) ?? ownStmts(node, frame)
}

function ownStmts(node: Node, frame: Frame): Stmt[] {
  if (node.type === 'Literal') return []
  if (node.type === 'YieldExpression') return [yieldStmt(node, frame)]
  if (node.type === 'SequenceExpression') return node.expressions.flatMap((one) => expressionStmts(one, frame))
  if (node.type === 'CallExpression') {
    const checked = checkStmts(node, frame)
    if (checked) return checked
    const api = apiOf(node.callee, frame)
    if (requestMethod(node, frame) !== null || api === 'k6/http.batch') frame.folded.set(node, 'bare')
    if (api === 'k6.fail' || api === 'k6/execution.test.abort') return [failStmt(node, frame, api)]
    const each = eachElementStmts(node, frame) ?? forEachStmts(node, frame)
    if (each) return each
  }
  const branch = node.type === 'LogicalExpression' ? branchStmts(node, frame) : null
  if (branch) return branch
  const of = translate(node, frame)
  return isNothing(of) ? [] : [statement(of)]
}

/** Translates `check(http.get(url), { … })`. Replaces any check in `setup` and `teardown` with a TODO comment. Returns null for all other calls. */
function checkStmts(node: Of<'CallExpression'>, frame: Frame): Stmt[] | null {
  if (frame.mode === 'hook' && isCheck(node, frame)) {
    note(node, frame, 'burst does not count checks in beforeRun and afterRun')
    return []
  }
  const [of] = node.arguments
  if (!isCheck(node, frame) || !isChainable(node) || !of || requestMethod(of, frame) === null || frame.mode !== 'user')
    return null
  frame.folded.set(of, 'bare')
  const sent = translate(of, frame)
  return sent.k === 'await' ? [statement({ k: 'await', of: withChecks(sent.of, [node], frame) })] : null
}

/** Translates `check(…) || errors.add(1)` to a condition. */
function branchStmts(node: Of<'LogicalExpression'>, frame: Frame): Stmt[] | null {
  if (node.operator === '??') return null
  const yes = expressionStmts(node.right, frame)
  const test = testOf(node.left, frame)
  if (yes.length === 0) return [statement(test)]
  const whole: Expr = node.operator === '||' ? { k: 'unary', op: '!', of: test } : test
  return [{ k: 'if', test: whole, yes, no: [] }]
}

function loopStmts(node: Of<'ForStatement'>, outer: Frame): Stmt[] {
  const frame: Frame = { ...outer, scope: new Map(outer.scope) }
  const { init } = node
  if (init?.type === 'VariableDeclaration') declareNames([init], frame, node)
  const first =
    init?.type === 'VariableDeclaration' ? plainStmts(init, frame) : init ? expressionStmts(init, frame) : []
  const more = first.slice(1).map((one) => variableOf(one))
  if (more.includes(null)) return lostStmts(node, outer)
  const [only = null] = first
  const isSeveral = more.length > 0 && only?.k === 'var'
  return [
    {
      k: 'loop',
      first: isSeveral ? { ...only, kind: 'let' } : only,
      ...(isSeveral && { more: more as LoopVariable[] }),
      test: node.test ? testOf(node.test, frame) : null,
      next: node.update ? translate(node.update, frame) : null,
      body: nested(node.body, frame),
    },
  ]
}

function eachStmts(node: Of<'ForOfStatement'> | Of<'ForInStatement'>, of: Expr, outer: Frame): Stmt[] {
  const { left } = node
  const target = left.type === 'VariableDeclaration' ? left.declarations[0]?.id : null
  const name = target ? patternOf(target) : null
  if (name === null || !target || some(of, isLost)) return lostStmts(node, outer)
  const frame: Frame = { ...outer, scope: new Map(outer.scope) }
  declareNames([left], frame, node)
  if (target.type === 'Identifier' && isOverBatch(node, outer))
    frame.scope.set(target.name, { expr: id(ownName(target.name)), kind: 'response' })
  const isAwaited = isAsyncGenerator(node.right, frame)
  return [{ k: 'for', name, of, body: nested(node.body, frame), ...(isAwaited && { isAwaited }) }]
}

function tryStmt(node: Of<'TryStatement'>, frame: Frame): Stmt {
  const { handler, finalizer } = node
  const name = handler?.param?.type === 'Identifier' ? handler.param.name : null
  const scope = new Map(frame.scope)
  if (name !== null) scope.set(name, { expr: { k: 'id', name: ownName(name) }, kind: 'any' })
  return {
    k: 'try',
    body: nested(node.block, frame),
    ...(name !== null && { error: `${ownName(name)}: any` }),
    caught: handler ? nested(handler.body, { ...frame, scope }) : null,
    last: finalizer ? nested(finalizer, frame) : null,
  }
}
