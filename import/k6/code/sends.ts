import { type Expr, type Stmt, awaited, expression as statement } from '../../scenario/code.ts'
import { type Binding, type Frame, translate } from '../frame.ts'
import { batchParts, together } from '../http/batch.ts'
import { withChecks } from '../http/checks.ts'
import { withBody } from '../http/responses.ts'
import type { Node } from '../syntax.ts'
import type { Definition } from './folds.ts'
import { ownName } from './names.ts'

interface Place {
  frame: Frame
  definitions: ReadonlyMap<Node, Definition>
}

/** Translates a statement that sends requests. The variable of the response is left out if only chained checks use it. */
// oxlint-disable-next-line complexity, max-params -- it needs the statement, its definition, and the frame
export function sendStmts(node: Node, definition: Definition, { frame, definitions }: Place): Stmt[] {
  const { name, isInlined, uses } = definition
  const value = sent(definition, frame)
  const known = frame.scope.get(name)
  const isOwn = node.type === 'VariableDeclaration' || declaredHere(name, definitions)
  const isUndeclared = isOwn && (node.type === 'VariableDeclaration' || known?.isUndeclared === true)
  if (known && isOwn && (isInlined || uses.length === 0)) {
    const pending = isInlined && value.k === 'await' ? { pending: value.of } : {}
    frame.scope.set(name, { ...withoutPending(known), isUndeclared, ...pending })
    return isInlined ? [] : [statement(value)]
  }
  if (known) frame.scope.set(name, { ...withoutPending(known), isUndeclared: false })
  if (!isUndeclared)
    return [statement({ k: 'assign', op: '=', to: known?.expr ?? { k: 'id', name: ownName(name) }, value })]
  return [{ k: 'var', kind: isChanged(definition, definitions) ? 'let' : 'const', name: ownName(name), value }]
}

/** Whether the variable is assigned again later. */
function isChanged(definition: Definition, definitions: ReadonlyMap<Node, Definition>): boolean {
  const same = [...definitions.values()].filter(({ name }) => name === definition.name)
  const later = same.slice(same.indexOf(definition) + 1)
  return (
    [definition, ...later].some((one) => one.isAssigned) || later.some((one) => one.uses.length > 0 && !one.isInlined)
  )
}

function withoutPending({ pending, ...binding }: Binding): Binding {
  return pending ? binding : { ...binding }
}

function declaredHere(name: string, definitions: ReadonlyMap<Node, Definition>): boolean {
  return [...definitions].some(([node, one]) => one.name === name && node.type === 'VariableDeclaration')
}

/** The awaited request, with its checks. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function sent({ call, isBatch, isInlined, checks, uses }: Definition, frame: Frame): Expr {
  const needsBody = uses.some((use) => use !== 'light')
  const parts = isBatch ? batchParts(call, frame) : null
  if (parts) return together(parts, { frame, checks, isKept: needsBody })
  frame.folded.set(call, 'bare')
  const whole = translate(call, frame)
  const chained = checks.get('') ?? []
  if (frame.mode !== 'user' || whole.k !== 'await') return whole
  const judged = withChecks(whole.of, chained, frame)
  return awaited(needsBody && chained.length === 0 && !isBatch && !isInlined ? withBody(judged) : judged)
}
