import { type Frame, type Kind, apiOf, constantOf, requestMethod } from '../frame.ts'
import { isResponse } from '../http/responses.ts'
import { type Node, dotted, keyOf } from '../syntax.ts'

/** Returns the known kind of the value of an expression. */
export function kindOf(node: Node, frame: Frame): Kind {
  if (frame.module.apis?.isAny(node)) return 'any'
  return isResponse(node, frame) ? 'response' : kindOfValue(node, frame)
}

function kindOfValue(node: Node, frame: Frame): Kind {
  if (node.type === 'ChainExpression' || node.type === 'ParenthesizedExpression') return kindOf(node.expression, frame)
  if (node.type === 'AwaitExpression') return kindOf(node.argument, frame)
  if (node.type === 'Identifier') return kindOfName(node.name, frame)
  if (node.type === 'LogicalExpression')
    return kindOf(node.left, frame) === 'any' || kindOf(node.right, frame) === 'any' ? 'any' : 'plain'
  if (node.type === 'NewExpression' && apiOf(node.callee, frame) === 'formdata.FormData') return 'form'
  if (node.type === 'MemberExpression') return kindOfMember(node, frame)
  if (node.type !== 'CallExpression') return 'plain'
  if (apiOf(node.callee, frame) === 'k6/http.batch' || isOfRequests(node, frame)) return 'responses'
  return isAnyCall(node, frame) ? 'any' : 'plain'
}

/** Returns true for `Promise.all([http.asyncRequest(…), …])`, whose result is a list of responses. */
function isOfRequests({ callee, arguments: [list] }: Extract<Node, { type: 'CallExpression' }>, frame: Frame): boolean {
  if (dotted(callee) !== 'Promise.all' || list?.type !== 'ArrayExpression' || list.elements.length === 0) return false
  return list.elements.every((one) => requestMethod(one, frame) !== null)
}

function kindOfName(name: string, frame: Frame): Kind {
  const local = frame.scope.get(name)
  if (local) return local.kind
  const feed = frame.module.feeds.get(name)
  if (feed) return feed.kind
  const init = frame.module.constants.get(name)?.init
  return init?.type === 'CallExpression' || init?.type === 'ObjectExpression' || init?.type === 'NewExpression'
    ? kindOf(init, { ...frame, scope: new Map() })
    : 'plain'
}

function kindOfMember(node: Extract<Node, { type: 'MemberExpression' }>, frame: Frame): Kind {
  if (node.object.type === 'Super') return 'plain'
  if (node.object.type === 'ThisExpression') return 'any'
  if ([...frame.module.feeds.values()].some(({ draws }) => draws.has(node))) return 'any'
  return kindOf(node.object, frame) === 'any' ? 'any' : 'plain'
}

function isAnyCall(node: Extract<Node, { type: 'CallExpression' }>, frame: Frame): boolean {
  const { callee } = node
  if ([...frame.module.feeds.values()].some(({ draws }) => draws.has(node))) return true
  if (dotted(callee) === 'JSON.parse') return true
  const name = callee.type === 'Identifier' && !frame.scope.has(callee.name) ? callee.name : ''
  if (frame.module.functions.has(name)) return false
  if (callee.type === 'MemberExpression' && frame.module.methods.has(keyOf(callee) ?? '')) return true
  if (apiOf(callee, frame) !== null) return apiOf(callee, frame) === 'papaparse.parse'
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super') return false
  const of = kindOf(callee.object, frame)
  return of === 'any' || (of === 'response' && keyOf(callee) === 'json')
}

const mayMiss = new Set(['find', 'findLast', 'match', 'exec', 'pop', 'shift', 'at', 'get'])

/** Returns true if TypeScript treats the value as possibly null or undefined. */
export function mayBeMissing(node: Node, frame: Frame): boolean {
  const source = node.type === 'Identifier' ? constantOf(node, frame) : node
  if (source?.type !== 'CallExpression' || source.callee.type !== 'MemberExpression') return false
  const { object: of } = source.callee
  if (of.type === 'Super' || kindOf(of, frame) !== 'plain' || apiOf(source.callee, frame) !== null) return false
  return mayMiss.has(keyOf(source.callee) ?? '')
}

/** Returns true if the value is a `Date`. */
export function isDate(node: Node, frame: Frame): boolean {
  const source = node.type === 'Identifier' ? constantOf(node, frame) : node
  return source?.type === 'NewExpression' && source.callee.type === 'Identifier' && source.callee.name === 'Date'
}
