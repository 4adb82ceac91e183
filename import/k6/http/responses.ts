import { type Expr, arrow, awaited, call, id, member, method, snippet, str } from '../../scenario/code.ts'
import { orEmpty } from '../env.ts'
import { type Frame, lost, note, requestMethod, translate } from '../frame.ts'
import { type Node, dotted, keyOf, someNode, stringOf } from '../syntax.ts'
import { stepsOf } from './json-paths.ts'

/** Returns true if the value of a node is a response. */
export function isResponse(node: Node, frame: Frame): boolean {
  if (node.type === 'ChainExpression') return isResponse(node.expression, frame)
  if (node.type === 'AwaitExpression') return isResponse(node.argument, frame)
  if (node.type === 'Identifier') return frame.scope.get(node.name)?.kind === 'response'
  if (node.type === 'MemberExpression') return isOfBatch(node, frame)
  if (requestMethod(node, frame) !== null) return true
  const method = node.type === 'CallExpression' ? keyOf(node.callee) : null
  if (method !== null && frame.module.responders.has(`.${method}`)) return true
  const callee = node.type === 'CallExpression' && node.callee.type === 'Identifier' ? node.callee.name : ''
  return !frame.scope.has(callee) && frame.module.responders.has(callee)
}

/** Returns true if a node is one response of a batch: `responses[0]`, `responses.home`. */
function isOfBatch({ object, property, computed }: Extract<Node, { type: 'MemberExpression' }>, frame: Frame): boolean {
  if (object.type !== 'Identifier' || frame.scope.get(object.name)?.kind !== 'responses') return false
  return computed || (property.type === 'Identifier' && !(property.name in Array.prototype))
}

/** The way in which code uses a response: `light` does not need the body, `page` needs the body as HTML. */
export type Use = 'light' | 'json' | 'text' | 'page' | 'whole'

const uses: Readonly<Record<string, Use>> = {
  status: 'light',
  timings: 'light',
  headers: 'light',
  error: 'light',
  error_code: 'light',
  url: 'light',
  status_text: 'light',
  cookies: 'light',
  body: 'text',
  json: 'json',
  html: 'page',
  submitForm: 'page',
  clickLink: 'page',
}

/** Returns true if code reads a response as HTML. */
export function readsPage(node: Node): boolean {
  return someNode(
    node,
    (one) => one.type === 'CallExpression' && /(?:^|\.)(?:html|parseHTML)$/.test(dotted(one.callee)),
  )
}

/** Returns how the code uses a response. The nodes are the identifier of the response and its ancestors, the nearest first. */
export function usesAt([first, parent, next]: readonly Node[]): Use[] {
  if (parent?.type === 'CallExpression' && dotted(parent.callee) === 'check')
    return parent.arguments.some(readsPage) ? ['light', 'page'] : ['light']
  return [useAt([first, parent, next])]
}

function useAt([first, parent, next]: readonly (Node | undefined)[]): Use {
  if (parent?.type !== 'MemberExpression' || parent.object !== first) return 'whole'
  if (next?.type === 'CallExpression' && keyOf(parent) === 'body' && dotted(next.callee).endsWith('parseHTML'))
    return 'page'
  const key = keyOf(parent) ?? ''
  if (key === 'body' && next?.type === 'CallExpression' && dotted(next.callee) === 'JSON.parse') return 'json'
  return Object.hasOwn(uses, key) ? (uses[key] ?? 'whole') : 'whole'
}

/** Adds a check to the request, because burst keeps a body only if a chained method, such as a check, can read it. */
export function withBody(pending: Expr): Expr {
  return method(pending, 'check', str('status is below 400'), arrow(['response'], member(id('response'), 'ok')))
}

/**
 * Returns the request that a node represents. The result does not contain `await`. Returns null if the response is also used elsewhere, or if the
 * node is not a request.
 */
function pendingAt(node: Node, frame: Frame): Expr | null {
  if (frame.mode !== 'user') return null
  if (node.type === 'Identifier') return frame.scope.get(node.name)?.pending ?? null
  if (requestMethod(node, frame) === null) return null
  frame.folded.set(node, 'bare')
  const whole = translate(node, frame)
  return whole.k === 'await' ? whole.of : null
}

/** Translates a member of a response, such as `response.status`. */
export function responseMember(node: Extract<Node, { type: 'MemberExpression' }>, frame: Frame): Expr | null {
  const inner = node.object
  const cookie = cookieAt(node, frame)
  if (cookie) return cookie
  if (inner.type === 'MemberExpression' && isResponse(inner.object, frame)) {
    const of = keyOf(inner)
    if (of === 'headers') return orEmpty(headerAt(inner.object, node, frame))
    if (of === 'timings') return timing(inner.object, node, frame)
    if (of === 'cookies' || of === 'request') return lost(node, frame, `response.${of} has no counterpart`)
  }
  if (inner.type === 'Super' || !isResponse(inner, frame)) return null
  const key = keyOf(node) ?? ''
  if (key === 'body') {
    const pending = pendingAt(inner, frame)
    return pending ? awaited(method(pending, 'text')) : member(translate(inner, frame), 'body')
  }
  if (requestMethod(inner, frame) !== null) frame.folded.set(inner, 'bare')
  if (['status', 'error', 'headers', 'ok'].includes(key)) return member(translate(inner, frame), key)
  return lost(node, frame, `response.${key} has no counterpart`)
}

/** Translates `response.cookies.name[0].value` and `response.cookies.name`. Returns null for any other node. */
function cookieAt(node: Node, frame: Frame): Expr | null {
  const list = keyOf(node) === 'value' && node.type === 'MemberExpression' ? node.object : node
  const isFirst = list.type === 'MemberExpression' && list.property.type === 'Literal' && list.property.value === 0
  const named = isFirst ? list.object : list
  if (named.type !== 'MemberExpression' || (node !== named && !isFirst)) return null
  const name = keyOf(named)
  const { object: of } = named
  if (name === null || of.type !== 'MemberExpression' || keyOf(of) !== 'cookies' || of.object.type === 'Super')
    return null
  if (!isResponse(of.object, frame)) return null
  const found = call(snippet('cookieOf'), translate(of.object, frame), str(name))
  return node === named ? found : orEmpty(found)
}

/** Translates `response.headers['X']`, which may be null. */
function headerAt(of: Node, node: Extract<Node, { type: 'MemberExpression' }>, frame: Frame): Expr {
  const name = keyOf(node)
  const key =
    name === null && node.property.type !== 'PrivateIdentifier'
      ? translate(node.property, frame)
      : str((name ?? '').toLowerCase())
  return method(member(translate(of, frame), 'headers'), 'get', key)
}

/**
 * Translates `response.headers['X']` in a condition or a comparison. If the header is missing, the value stays null. Returns null for any other node.
 */
export function bareHeader(node: Node, frame: Frame): Expr | null {
  if (node.type !== 'MemberExpression' || node.object.type !== 'MemberExpression') return null
  const inner = node.object
  return inner.object.type !== 'Super' && keyOf(inner) === 'headers' && isResponse(inner.object, frame)
    ? headerAt(inner.object, node, frame)
    : null
}

function timing(of: Node, node: Extract<Node, { type: 'MemberExpression' }>, frame: Frame): Expr {
  const key = keyOf(node)
  if (key !== 'duration') note(node, frame, `a scenario cannot read timings.${key}; latencyMs is the whole duration`)
  return member(translate(of, frame), 'latencyMs')
}

/**
 * Translates `response.json()` and `response.json('a.0.b')`. Adds a TODO comment for all other methods of a response. Returns null for all other
 * calls.
 */
export function responseCall(node: Extract<Node, { type: 'CallExpression' }>, frame: Frame): Expr | null {
  const { callee } = node
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super' || !isResponse(callee.object, frame))
    return null
  if (keyOf(callee) === 'json') return jsonAt(callee.object, node, frame)
  if (keyOf(callee) === 'html')
    return lost(node, frame, 'burst parses a page only in the statement of its request: chain .html() to the request')
  return lost(node, frame, `response.${keyOf(callee) ?? '…'}() has no counterpart`)
}

function jsonAt(of: Node, node: Extract<Node, { type: 'CallExpression' }>, frame: Frame): Expr {
  const [selector] = node.arguments
  const path = selector ? stringOf(selector) : ''
  const steps = path === null ? null : stepsOf(path)
  if (!steps) return lost(node, frame, 'the path in json() has no counterpart')
  return steps.reduce<Expr>((found, step) => step(found), jsonOf(of, frame))
}

/** Returns the body of a response as JSON. */
function jsonOf(of: Node, frame: Frame): Expr {
  const pending = pendingAt(of, frame)
  return pending ? awaited(method(pending, 'json')) : method(translate(of, frame), 'json')
}

/** Translates `JSON.parse(response.body)` to `response.json()`. Returns null for any other call. */
export function parsedBody(node: Extract<Node, { type: 'CallExpression' }>, frame: Frame): Expr | null {
  const [first] = node.arguments
  if (dotted(node.callee) !== 'JSON.parse' || first?.type !== 'MemberExpression' || keyOf(first) !== 'body') return null
  return first.object.type !== 'Super' && isResponse(first.object, frame) ? jsonOf(first.object, frame) : null
}
