import { type Frame, lost, translate } from '../../../k6/frame.ts'
import { type Node, dotted, keyOf, stringOf } from '../../../k6/syntax.ts'
import { type Expr, at, binary, call, fromModule, member, method, nil, snippet, str } from '../../../scenario/code.ts'
import { responseKey } from '../frame.ts'

type Call = Extract<Node, { type: 'CallExpression' }>
type Member = Extract<Node, { type: 'MemberExpression' }>

/** Returns the response that a node represents: `pm.response`, or the parameter of a callback; null for any other node. */
export function responseAt(node: Node, frame: Frame): Expr | null {
  if (node.type === 'Identifier') {
    const known = frame.scope.get(node.name)
    return known?.kind === 'response' ? known.expr : null
  }
  return dotted(node) === 'pm.response' ? (frame.scope.get(responseKey)?.expr ?? null) : null
}

/** The members of a Postman response, with their translations. */
const members: Readonly<Record<string, (of: Expr) => Expr>> = {
  code: (of) => member(of, 'status'),
  status: (of) => at(fromModule('STATUS_CODES', 'node:http'), member(of, 'status')),
  responseTime: (of) => member(of, 'latencyMs'),
  responseSize: (of) => member(member(of, 'body'), 'length'),
  headers: (of) => member(of, 'headers'),
}

/** Translates a member of a response, and `responseHeaders['X']` in old scripts. Returns null for any other member. */
export function responseMember(node: Member, frame: Frame): Expr | null {
  const of = node.object.type === 'Super' ? null : responseAt(node.object, frame)
  const key = keyOf(node) ?? ''
  if (of && Object.hasOwn(members, key)) return (members[key] as (of: Expr) => Expr)(of)
  if (of) return lost(node, frame, `pm.response.${key} has no counterpart`)
  const isHeader = node.object.type === 'Identifier' && node.object.name === 'responseHeaders'
  const response = frame.scope.get(responseKey)?.expr
  if (!isHeader || !response) return null
  const name = keyOf(node)
  return name === null ? null : binary(headerOf(response, str(name.toLowerCase())), '??', str(''))
}

function headerOf(response: Expr, name: Expr): Expr {
  return method(member(response, 'headers'), 'get', name)
}

/** Translates a method of a response, of its headers or of its cookies. */
export function responseCall(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super') return null
  const key = keyOf(callee) ?? ''
  const of = responseAt(callee.object, frame)
  if (of) return ownCall(of, key, node, frame)
  const outer = callee.object.type === 'MemberExpression' ? callee.object : null
  const response = outer && outer.object.type !== 'Super' ? responseAt(outer.object, frame) : null
  if (outer && response && keyOf(outer) === 'headers') return headerCall(response, key, node, frame)
  return legacyCall(node, frame)
}

function ownCall(of: Expr, key: string, node: Call, frame: Frame): Expr {
  if (key === 'json') return method(of, 'json')
  if (key === 'text') return member(of, 'body')
  return lost(node, frame, `pm.response.${key}() has no counterpart`)
}

function headerCall(response: Expr, key: string, node: Call, frame: Frame): Expr {
  const [first] = node.arguments
  const text = stringOf(first)
  const name = text === null ? first && translate(first, frame) : str(text.toLowerCase())
  if (name && key === 'get') return binary(headerOf(response, name), '??', str(''))
  if (name && key === 'has') return binary(headerOf(response, name), '!==', nil)
  return lost(node, frame, `headers.${key}() has no counterpart`)
}

/**
 * Translates `pm.cookies.get('sid')`, `pm.cookies.has('sid')`, `postman.getResponseHeader('X')`, `responseBody.has('text')` and
 * `JSON.parse(responseBody)`. Returns null for any other call.
 */
function legacyCall(node: Call, frame: Frame): Expr | null {
  const response = frame.scope.get(responseKey)?.expr
  const [first] = node.arguments
  if (!response || !first || first.type === 'SpreadElement') return null
  const callee = dotted(node.callee)
  const value = (): Expr => translate(first, frame)
  if (callee === 'JSON.parse' && isBody(first, frame)) return method(response, 'json')
  if (callee === 'pm.cookies.get') return call(snippet('cookieOf'), response, value())
  if (callee === 'pm.cookies.has')
    return binary(call(snippet('cookieOf'), response, value()), '!==', { k: 'undefined' })
  if (callee === 'postman.getResponseHeader') return binary(headerOf(response, value()), '??', str(''))
  return callee === 'responseBody.has' ? method(member(response, 'body'), 'includes', value()) : null
}

/** Returns true for `responseBody` and `pm.response.text()`. */
function isBody(node: Node, frame: Frame): boolean {
  if (node.type === 'Identifier') return node.name === 'responseBody' && !frame.scope.has(node.name)
  return node.type === 'CallExpression' && dotted(node.callee) === 'pm.response.text'
}

/** Translates the names that old scripts use for parts of the response. Returns null for any other name. */
export function legacyName(name: string, frame: Frame): Expr | null {
  const response = frame.scope.get(responseKey)?.expr
  if (!response) return null
  if (name === 'responseBody') return member(response, 'body')
  return name === 'responseTime' ? member(response, 'latencyMs') : null
}

/** Translates `responseCode.code`. */
export function legacyMember(node: Member, frame: Frame): Expr | null {
  const response = frame.scope.get(responseKey)?.expr
  return response && dotted(node) === 'responseCode.code' ? member(response, 'status') : null
}
