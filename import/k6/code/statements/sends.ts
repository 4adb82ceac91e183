import { type Expr, type Stmt, assign, awaited, id, method, expression as statement } from '../../../scenario/code.ts'
import { type Binding, type Frame, isLost, translate } from '../../frame.ts'
import { batchParts, together } from '../../http/batch.ts'
import { withChecks } from '../../http/checks.ts'
import { withBody } from '../../http/responses.ts'
import type { Node } from '../../syntax.ts'
import type { Definition } from './folds.ts'
import { ownName } from '../names.ts'

interface Place {
  frame: Frame
  definitions: ReadonlyMap<Node, Definition>
}

/** Translates a statement that sends requests. If only chained checks use the response, the scenario has no variable for the response. */
export function sendStmts(node: Node, definition: Definition, { frame, definitions }: Place): Stmt[] {
  const { name, uses } = definition
  const value = sent(definition, frame)
  if (isLost(value)) {
    frame.scope.set(name, { expr: value, kind: 'lost' })
    return []
  }
  const place = { node, definition, frame, definitions }
  if (uses.includes('page') && value.k === 'await' && frame.mode === 'user') return pageStmts(value.of, place)
  return valueStmts(value, place)
}

/**
 * Translates a request. If code uses the response, a variable holds the response. If the request itself replaces this variable, returns an empty
 * list.
 */
function valueStmts(value: Expr, { node, definition, frame, definitions }: RequestPlace): Stmt[] {
  const { name, isInlined, uses } = definition
  const known = frame.scope.get(name)
  const isDeclared = node.type === 'VariableDeclaration'
  const isOwn = isDeclared || declaredHere(name, definitions)
  const isUndeclared = isDeclared || (isOwn && known?.isUndeclared === true)
  if (known && isOwn && (isInlined || uses.length === 0)) {
    frame.scope.set(name, { ...withoutPending(known), isUndeclared, ...(isInlined && pendingOf(value)) })
    return isInlined ? [] : [statement(value)]
  }
  if (known) frame.scope.set(name, { ...withoutPending(known), isUndeclared: false })
  if (!isUndeclared) return [statement(assign(known?.expr ?? id(ownName(name)), value))]
  return [{ k: 'var', kind: isChanged(definition, definitions) ? 'let' : 'const', name: ownName(name), value }]
}

interface RequestPlace extends Place {
  node: Node
  definition: Definition
}

/**
 * Translates a request whose response is read as HTML. One variable holds the page. If code also uses the response, another variable holds the
 * response.
 */
function pageStmts(pending: Expr, { node, definition, frame, definitions }: RequestPlace): Stmt[] {
  const { name, uses } = definition
  const own = ownName(name)
  const same = [...definitions.values()].filter((one) => one.name === name)
  const isDeclared = node.type === 'VariableDeclaration'
  const known = frame.scope.get(name)
  const isNew = isDeclared || (known?.isUndeclared === true && declaredHere(name, definitions))
  const numbered = (end: string): string =>
    `${own}${end}${same.indexOf(definition) > 0 ? same.indexOf(definition) + 1 : ''}`
  const isOnlyPage = isNew && uses.every((use) => use === 'page')
  const page = isOnlyPage && same.length === 1 ? own : numbered('Page')
  const binding = { ...withoutPending(known ?? { expr: id(own), kind: 'response' as const }), page: id(page) }
  frame.scope.set(name, { ...binding, isUndeclared: isOnlyPage })
  if (isOnlyPage) return [{ k: 'var', kind: 'const', name: page, value: awaited(method(pending, 'html')) }]
  const request = numbered('Request')
  const kept = awaited(id(request))
  const response: Stmt = isNew
    ? { k: 'var', kind: same.length > 1 ? 'let' : 'const', name: own, value: kept }
    : statement({ k: 'assign', op: '=', to: binding.expr, value: kept })
  return [
    { k: 'var', kind: 'const', name: request, value: pending },
    { k: 'var', kind: 'const', name: page, value: awaited(method(id(request), 'html')) },
    response,
  ]
}

function pendingOf(value: Expr): Pick<Binding, 'pending'> {
  return value.k === 'await' ? { pending: value.of } : {}
}

/** Returns true if a later statement assigns the variable again. */
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

/** Returns the awaited request with its checks. */
function sent({ call, isBatch, isInlined, checks, uses }: Definition, frame: Frame): Expr {
  const needsBody = uses.some((use) => use !== 'light')
  const parts = isBatch ? batchParts(call, frame) : null
  if (parts) return together(parts, { frame, checks, isKept: needsBody, isRead: uses.length > 0 })
  frame.folded.set(call, 'bare')
  const whole = translate(call, frame)
  const chained = checks.get('') ?? []
  if (frame.mode !== 'user' || whole.k !== 'await') return whole
  const judged = withChecks(whole.of, chained, frame)
  return awaited(needsBody && chained.length === 0 && !isBatch && !isInlined ? withBody(judged) : judged)
}
