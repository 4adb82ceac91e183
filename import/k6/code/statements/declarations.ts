import { type Expr, type Pattern, type Stmt, id } from '../../../scenario/code.ts'
import { some } from '../../../scenario/walk.ts'
import { type Binding, type Frame, isChange, isLost, lost, requestMethod, translate } from '../../frame.ts'
import { isReplacedByBatch } from '../../http/batch.ts'
import { selectionStmts } from '../../html/reads.ts'
import { type Mention, type Node, isFn, namesOf, someNode } from '../../syntax.ts'
import { fnExpr } from '../functions.ts'
import { kindOf } from '../kinds.ts'
import { ownName, patternOf } from '../names.ts'

type Declarator = Extract<Node, { type: 'VariableDeclarator' }>
interface Range {
  start: number
  end: number
}

/** Adds the names of the declared functions and variables to the scope. */
export function declareNames(nodes: readonly Node[], frame: Frame, parent: Range): void {
  for (const node of nodes) {
    if (node.type === 'FunctionDeclaration' && node.id)
      frame.scope.set(node.id.name, { expr: id(ownName(node.id.name)), kind: 'plain', isAsync: isAsync(node, frame) })
    if (node.type === 'VariableDeclaration') for (const one of node.declarations) declare(one, frame, parent)
  }
}

function declare({ id: target, init }: Declarator, frame: Frame, parent: Range): void {
  const names = namesOf(target)
  if (target.type !== 'Identifier') {
    const kind = init && kindOf(init, frame) === 'responses' ? 'response' : 'any'
    for (const name of names) frame.scope.set(name, { expr: id(ownName(name)), kind })
    return
  }
  const changes = frame.module.mentions.within(target.name, parent).filter(isChange)
  const isConstant = changes.length === 0
  const binding: Binding = {
    expr: id(ownName(target.name)),
    kind: init ? kindOf(init, frame) : kindOfChanges(changes, frame),
    init: isConstant ? (init ?? null) : null,
    ...(isFn(init) && { isAsync: isAsync(init, frame) }),
  }
  if (init && init.type === 'ObjectExpression' && isOpen(init, changes)) binding.kind = 'any'
  if (init?.type === 'Literal' && changes.some(([, parent]) => mayAssignNull(parent))) binding.kind = 'any'
  frame.scope.set(target.name, binding)
}

/** Returns true if an assignment may set a variable to null or undefined. TypeScript cannot infer the type of such a variable. */
function mayAssignNull(node: Node | undefined): boolean {
  if (node?.type !== 'AssignmentExpression') return false
  const { right } = node
  const values = right.type === 'ConditionalExpression' ? [right.consequent, right.alternate] : [right]
  return values.some(
    (one) => (one.type === 'Literal' && one.value === null) || (one.type === 'Identifier' && one.name === 'undefined'),
  )
}

/** Returns the kind of a variable that gets its value in later assignments. */
function kindOfChanges(changes: readonly Mention[], frame: Frame): Binding['kind'] {
  const values = changes.flatMap(([, parent]) => (parent?.type === 'AssignmentExpression' ? [parent.right] : []))
  return values.length > 0 && values.every((one) => requestMethod(one, frame) !== null) ? 'response' : 'any'
}

/** Returns true if an object literal is empty, or if code changes its members after the declaration. */
function isOpen(init: Node, changes: readonly Mention[]): boolean {
  const isEmpty = init.type === 'ObjectExpression' && init.properties.length === 0
  return isEmpty || changes.some(([, parent]) => parent?.type === 'MemberExpression')
}

/** Returns true if a function awaits something. */
function isAsync(node: Node, frame: Frame): boolean {
  return isFn(node) && (node.async || awaitsIn(node, frame))
}

function awaitsIn(node: Node, frame: Frame): boolean {
  const { asyncs } = frame.module
  return someNode(
    node,
    (one) =>
      one.type === 'CallExpression' &&
      (isWaiting(one, frame) ||
        (one.callee.type === 'Identifier' &&
          (asyncs.has(one.callee.name) || frame.scope.get(one.callee.name)?.isAsync === true))),
  )
}

function isWaiting(one: Extract<Node, { type: 'CallExpression' }>, frame: Frame): boolean {
  return requestMethod(one, frame) !== null || frame.module.translator.isWaiting(one, frame)
}

/** Translates the declaration of one variable or pattern. Returns an empty list if the scenario does not need the variable. */
export function declarationOf(node: Declarator, kind: string, frame: Frame): Stmt[] {
  if (isReplacedByBatch(node, frame)) return []
  const { id: target, init } = node
  const name = patternOf(target, (one) => known(translate(one, frame)))
  if (name === null) {
    lost(node, frame, 'write this pattern as several variables')
    return namesOf(target).map((one) => ({
      k: 'var',
      kind: 'const',
      name: ownName(one),
      value: { k: 'as', of: { k: 'str', value: 'TODO' }, type: 'any' },
    }))
  }
  const own = namesOf(target).some((one) => isReassigned(one, frame)) ? 'let' : 'const'
  const binding = target.type === 'Identifier' ? frame.scope.get(target.name) : undefined
  if (!init) return [withoutValue(name, binding)]
  const selected =
    target.type === 'Identifier' && !isReassigned(target.name, frame) ? selectionStmts(target.name, init, frame) : null
  if (selected) return selected
  const value = translate(init, frame)
  if (isLost(value) && target.type === 'Identifier') {
    frame.scope.set(target.name, { expr: value, kind: 'lost' })
    return []
  }
  const type = typeOf(init, value, binding)
  return [{ k: 'var', kind: kind === 'const' ? 'const' : own, name, value, ...(type !== undefined && { type }) }]
}

/** Declares a variable that gets its value later. */
function withoutValue(name: string | Pattern, binding: Binding | undefined): Stmt {
  if (binding?.kind !== 'response') return { k: 'var', kind: 'let', name, type: 'any' }
  return { k: 'var', kind: 'let', name: typeof name === 'string' ? `${name}!` : name, type: 'Response' }
}

/** Returns null for a value without a counterpart. */
function known(value: Expr): Expr | null {
  return some(value, isLost) ? null : value
}

function isReassigned(name: string, { module }: Frame): boolean {
  return module.mentions
    .within(name, module.script.program)
    .some((path) => isChange(path) && path[1]?.type !== 'MemberExpression')
}

/** Returns the type annotation of a variable whose type cannot be derived from its value. */
export function typeOf(init: Node, value: Expr, binding: Binding | undefined): string | undefined {
  if (value.k === 'array' && value.items.length === 0) return 'any[]'
  if (value.k === 'null' || value.k === 'undefined') return 'any'
  if (binding?.kind !== 'any') return undefined
  if (init.type === 'Literal') return 'any'
  return init.type === 'ObjectExpression' ? 'Record<string, any>' : undefined
}

/** Translates a function inside another function. */
export function functionStmt(node: Extract<Node, { type: 'FunctionDeclaration' }>, frame: Frame): Stmt[] {
  if (!node.id || node.generator || !isFn(node)) {
    lost(node, frame)
    return []
  }
  const value = fnExpr(node, frame)
  return [{ k: 'var', kind: 'const', name: ownName(node.id.name), value }]
}
