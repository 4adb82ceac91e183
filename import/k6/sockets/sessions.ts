import { type Frame, apiOf } from '../frame.ts'
import { type Node, bindingIn, isFn } from '../syntax.ts'
import { type Handlers, noHandlers, sortHandler, sortStatements, statementsOf } from './handlers.ts'

/** A WebSocket connection of a script, from its opening until it closes. */
export interface Session {
  /** The name of the connection in the script. */
  name: string
  url: Node
  /** The argument that names the subprotocols. */
  protocols: Node | null
  params: Node | null
  handlers: Handlers
  /** The variable that holds the response to the opening handshake. */
  response: string | null
}

/** Returns true if a call opens a connection. */
export function opensSocket(node: Node, frame: Pick<Frame, 'module' | 'scope'>): boolean {
  if (node.type === 'CallExpression') return apiOf(node.callee, frame) === 'k6/ws.connect'
  if (node.type !== 'NewExpression') return false
  return /^k6\/(?:experimental\/)?websockets\.WebSocket$/.test(apiOf(node.callee, frame) ?? '')
}

/** Returns the connections that the statements of a block open. In `frame.folded`, marks the statements that belong to these connections. */
export function sessionsIn(nodes: readonly Node[], frame: Frame): Map<Node, Session> {
  const found = new Map<Node, Session>()
  nodes.forEach((node, index) => {
    const session = connected(node, frame) ?? opened(node, nodes.slice(index + 1), frame)
    if (session) found.set(node, session)
  })
  return found
}

/** Recognises `ws.connect(url, params, function (socket) { … })`, even if a variable holds the result. */
function connected(node: Node, frame: Frame): Session | null {
  const bound = bindingIn(node)
  const of = bound ? bound.value : node.type === 'ExpressionStatement' ? node.expression : null
  if (of?.type !== 'CallExpression' || !opensSocket(of, frame) || frame.mode !== 'user') return null
  const [url, ...rest] = of.arguments
  const fn = rest.at(-1)
  if (!url || !isFn(fn)) return null
  const [param] = fn.params
  const name = param?.type === 'Identifier' ? param.name : 'socket'
  const handlers = noHandlers()
  sortStatements(statementsOf(fn), name, handlers, frame)
  const response = bound?.target.type === 'Identifier' ? bound.target.name : null
  return { name, url, protocols: null, params: rest.length > 1 ? (rest[0] ?? null) : null, handlers, response }
}

/** Recognises `const ws = new WebSocket(url, protocols, params)`, and finds the handlers of this connection in the statements `after`. */
function opened(node: Node, after: readonly Node[], frame: Frame): Session | null {
  const bound = node.type === 'VariableDeclaration' ? bindingIn(node) : null
  const of = bound?.value
  if (bound?.target.type !== 'Identifier' || of?.type !== 'NewExpression' || !opensSocket(of, frame)) return null
  const [url, protocols, params] = of.arguments
  if (!url || frame.mode !== 'user') return null
  const { name } = bound.target
  const handlers = noHandlers()
  for (const one of after) {
    const isOfSocket = frame.module.mentions.within(name, one).length > 0
    if (isOfSocket && (isSetting(one, name) || sortHandler(one, name, handlers, frame))) frame.folded.set(one, 'gone')
  }
  return { name, url, protocols: protocols ?? null, params: params ?? null, handlers, response: null }
}

/** Returns true for `ws.binaryType = 'arraybuffer'`, which has no effect in burst. */
function isSetting(node: Node, name: string): boolean {
  const of = node.type === 'ExpressionStatement' ? node.expression : null
  if (of?.type !== 'AssignmentExpression' || of.left.type !== 'MemberExpression') return false
  const { object: target, property } = of.left
  return (
    target.type === 'Identifier' &&
    target.name === name &&
    property.type === 'Identifier' &&
    property.name === 'binaryType'
  )
}
