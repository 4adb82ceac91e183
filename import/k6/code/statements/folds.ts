import { type Frame, isChange, requestMethod } from '../../frame.ts'
import { batchParts } from '../../http/batch.ts'
import { type CheckCall, isChainable, isCheck } from '../../http/checks.ts'
import { type Use, readsPage, usesAt } from '../../http/responses.ts'
import {
  type Mention,
  type Node,
  bindingIn,
  childrenOf,
  dotted,
  isFn,
  keyOf,
  namesOf,
  someNode,
  walkNodes,
} from '../../syntax.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** A statement that assigns the response of a request to a name, and the later uses of this response. */
export interface Definition {
  name: string
  call: Call
  isBatch: boolean
  /** Checks that are chained to the request. For a batch, they are grouped by the key of the request. */
  checks: Map<string, CheckCall[]>
  uses: Use[]
  /** `true` if the script uses the response only once, in the next statement. */
  isInlined: boolean
  /** `true` if another statement also assigns a value to the name. */
  isAssigned: boolean
}

/** Recognises a statement that assigns the response of a request to a name: `const r = http.get(…)` or `r = http.get(…)`. */
function sentBy(node: Node, frame: Frame): { name: string; call: Call; isBatch: boolean } | null {
  const bound = bindingIn(node)
  const call = bound?.value?.type === 'AwaitExpression' ? bound.value.argument : bound?.value
  if (bound?.target.type !== 'Identifier' || call?.type !== 'CallExpression') return null
  const isBatch = isBatchCall(call, frame)
  return isBatch || requestMethod(call, frame) !== null ? { name: bound.target.name, call, isBatch } : null
}

/** Returns the position of the variable to which a statement assigns a response. */
function targetStart(node: Node | undefined): number | undefined {
  if (node?.type === 'VariableDeclaration') return node.declarations[0]?.id.start
  const of = node?.type === 'ExpressionStatement' ? node.expression : null
  return of?.type === 'AssignmentExpression' ? of.left.start : undefined
}

function isBatchCall(call: Call, frame: Frame): boolean {
  return keyOf(call.callee) === 'batch' && batchParts(call, frame) !== null
}

/** Finds, for each statement that sends requests, the checks and the other uses of the response. Marks the checks in `frame.folded`. */
export function definitionsIn(
  nodes: readonly Node[],
  frame: Frame,
  parent: { start: number; end: number },
): Map<Node, Definition> {
  const sent = nodes.map((node) => sentBy(node, frame))
  const found = new Map<Node, Definition>()
  sent.forEach((one, index) => {
    if (!one) return
    const next = sent.findIndex((other, at) => at > index && other?.name === one.name)
    const last = next === -1 ? nodes.length : next
    const definition: Definition = { ...one, checks: new Map(), uses: [], isInlined: false, isAssigned: false }
    for (let at = index + 1; at < last; at++) foldIn(definition, nodes, { at, index, frame })
    const from = (nodes[index] as Node).end
    // The next statement that assigns the same name may also use this response, as in `r = http.get(r.json('next'))`.
    const to = next === -1 ? parent.end : (nodes[next] as Node).end
    const mentions = frame.module.mentions
      .within(one.name, { start: from, end: to })
      .filter((path) => !isFolded(path, frame) && path[0].start !== targetStart(nodes[next]))
    definition.uses = mentions.flatMap(one.isBatch ? usesOfBatchAt : usesAt)
    definition.isAssigned = mentions.some(isChange)
    const isOwn = sent.some((other, at) => other?.name === one.name && nodes[at]?.type === 'VariableDeclaration')
    definition.isInlined = isOwn && isInlined(definition, mentions, { nodes, index, frame })
    found.set(nodes[index] as Node, definition)
  })
  return found
}

/** Returns how the code uses one response of a batch, as in `responses[0].status` or `responses.home.json()`. */
function usesOfBatchAt(path: Mention): Use[] {
  const [first, parent] = path
  const key = parent?.type === 'MemberExpression' && parent.object === first ? (keyOf(parent) ?? '0') : 'map'
  const uses = usesAt(key in Array.prototype ? path : path.slice(1))
  return uses.map((use) => (use === 'page' ? 'whole' : use))
}

interface FoldPlace {
  at: number
  index: number
  frame: Frame
}

/**
 * Chains the check in a statement to the request of `definition`. Does nothing if the check cannot be chained, for example if the check uses a name
 * that is declared or changed between the request and the check.
 */
function foldIn(definition: Definition, nodes: readonly Node[], { at, index, frame }: FoldPlace): void {
  const node = nodes[at] as Node
  const found = checkIn(node, frame)
  const key = found && subjectKey(found.check.arguments[0], definition)
  if (!found || key === null || !isChainable(found.check) || readsPage(found.check)) return
  if (definition.isBatch && !hasRequest(definition.call, key, frame)) return
  const changed = nodes.slice(index + 1, at).flatMap(changedBy)
  const [, sets] = found.check.arguments
  if (!sets || changed.some((name) => frame.module.mentions.within(name, sets).length > 0)) return
  if (!isReplaceable(definition, sets, frame)) return
  definition.checks.set(key, [...(definition.checks.get(key) ?? []), found.check])
  frame.folded.set(found.check, found.isStatement ? 'gone' : 'value')
}

/** Returns true if a check can be chained to the request with this key. The requests of `beforeRun` and `afterRun` have no checks. */
function hasRequest(call: Call, key: string, frame: Frame): boolean {
  return frame.mode === 'user' && batchParts(call, frame)?.some((part) => part.key === key) === true
}

/** Returns the check that a statement always makes, such as the check in the condition of an `if`. */
function checkIn(node: Node, frame: Frame): { check: CheckCall; isStatement: boolean } | null {
  if (node.type === 'ExpressionStatement' && isCheck(node.expression, frame))
    return { check: node.expression, isStatement: true }
  const value = valueIn(node)
  const inner = value?.type === 'UnaryExpression' && value.operator === '!' ? value.argument : value
  const left = inner?.type === 'LogicalExpression' ? inner.left : inner
  const bare = left?.type === 'UnaryExpression' && left.operator === '!' ? left.argument : left
  return isCheck(bare, frame) ? { check: bare, isStatement: false } : null
}

function valueIn(node: Node): Node | null {
  if (node.type === 'IfStatement') return node.test
  if (node.type === 'ExpressionStatement')
    return node.expression.type === 'AssignmentExpression' ? node.expression.right : node.expression
  if (node.type === 'ReturnStatement') return node.argument ?? null
  const [only, more] = node.type === 'VariableDeclaration' ? node.declarations : []
  return only && !more ? (only.init ?? null) : null
}

/** Returns `''` for the response itself, and the key for a response of a batch; null for any other value. */
function subjectKey(node: Node | undefined, { name, isBatch }: Definition): string | null {
  if (!node) return null
  if (node.type === 'Identifier') return node.name === name && !isBatch ? '' : null
  if (!isBatch || node.type !== 'MemberExpression' || node.object.type !== 'Identifier' || node.object.name !== name)
    return null
  const { property } = node
  return keyOf(node) ?? (property.type === 'Literal' ? String(property.value) : null)
}

/** Returns the names that a statement declares or changes. For a changed member such as `a.b`, returns the name `a`. */
function changedBy(node: Node): string[] {
  const found: string[] = []
  walkNodes(node, (one) => {
    if (one.type === 'VariableDeclarator') found.push(...namesOf(one.id))
    if (one.type === 'FunctionDeclaration') found.push(one.id?.name ?? '')
    const changed =
      one.type === 'AssignmentExpression' ? one.left : one.type === 'UpdateExpression' ? one.argument : null
    if (changed) found.push(...namesOf(changed), dotted(changed).split('.')[0] ?? '')
  })
  return found
}

/**
 * When a chained check runs, the variable for the response does not have a value yet. Returns true if the checks do not use this variable. Also
 * returns true if only test functions use the variable, and each of these functions can read the response from a parameter instead.
 */
function isReplaceable({ name, isBatch }: Definition, sets: Node, { module: { mentions } }: Frame): boolean {
  const used = mentions.within(name, sets).length
  if (used === 0) return true
  if (isBatch || sets.type !== 'ObjectExpression') return false
  const tests = sets.properties.flatMap((one) => (one.type === 'Property' && isFn(one.value) ? [one.value] : []))
  const own = tests.filter(({ params: [param] }) => param === undefined || param.type === 'Identifier')
  return own.reduce((sum, test) => sum + mentions.within(name, test).length, 0) === used
}

/** Returns true if a node is part of code that is left out, such as a check that is chained to the request. */
function isFolded([first]: Mention, frame: Frame): boolean {
  for (const [node, how] of frame.folded)
    if (how === 'gone' && first.start >= node.start && first.end <= node.end) return true
  return false
}

interface InlinePlace {
  nodes: readonly Node[]
  index: number
  frame: Frame
}

/**
 * Returns true if the request can replace the variable that holds the response. The script must use the response only once, in the next statement,
 * and as JSON or text. This use must always run, and no other effect of the statement may come before it.
 */
function isInlined(
  { call, isBatch, uses }: Definition,
  mentions: readonly Mention[],
  { nodes, index, frame }: InlinePlace,
): boolean {
  const [only] = mentions
  if (isBatch || frame.mode !== 'user' || mentions.length !== 1 || !only) return false
  const next = nodes
    .slice(index + 1)
    .find((node) => !(node.type === 'ExpressionStatement' && frame.folded.get(node.expression) === 'gone'))
  if (uses[0] !== 'json' && uses[0] !== 'text') return false
  const [use] = only
  if (!next || use.start < next.start || use.end > next.end) return false
  if (next.type !== 'VariableDeclaration' && next.type !== 'ExpressionStatement' && next.type !== 'ReturnStatement')
    return false
  if (someNode(call, isAssignment) || someNode(next, (one) => one.end <= use.start && isEffect(one))) return false
  return !pathTo(use, next).some((one) => isConditional(one, use))
}

/** Returns the nodes that contain `inner`, beginning with `outer` and ending with the parent of `inner`. */
function pathTo(inner: Node, outer: Node): Node[] {
  const child = childrenOf(outer).find(({ start, end }) => start <= inner.start && end >= inner.end)
  return !child || child === inner ? [outer] : [outer, ...pathTo(inner, child)]
}

/** Returns true if a node may skip the code inside it, or may run this code at another time. */
function isConditional(node: Node, inner: Node): boolean {
  if (isFn(node) || ['LogicalExpression', 'ConditionalExpression', 'AssignmentPattern'].includes(node.type)) return true
  if (node.type === 'AssignmentExpression') return /^(?:&&|\|\||\?\?)=$/.test(node.operator)
  return node.type === 'ChainExpression' && node.start < inner.start
}

function isAssignment({ type }: Node): boolean {
  return type === 'AssignmentExpression' || type === 'UpdateExpression'
}

const effects = new Set(['CallExpression', 'NewExpression', 'TaggedTemplateExpression', 'ImportExpression'])

/** Returns true for code whose order relative to a request matters. */
function isEffect(node: Node): boolean {
  return effects.has(node.type) || isAssignment(node)
}
