import { type Expr, awaited, method } from '../../scenario/code.ts'
import { type Frame, lost, translate } from '../frame.ts'
import { type Node, keyOf } from '../syntax.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** Translates a call of a method of a connection, such as `send` or `close`. Returns null for any other call. */
export function socketCall(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return null
  const binding = frame.scope.get(callee.object.name)
  if (binding?.kind !== 'socket') return null
  const args = node.arguments.map((one) => translate(one, frame))
  const key = keyOf(callee)
  if (key === 'send' || key === 'sendBinary') return awaited(method(binding.expr, 'send', ...args.slice(0, 1)))
  if (key === 'close') return awaited(method(binding.expr, 'close', ...args.slice(0, 2)))
  const why =
    key === 'ping'
      ? 'burst answers pings but does not send pings'
      : `${key ?? 'this'}() of a connection has no counterpart`
  return lost(node, frame, why)
}

/** Translates `event.data`. Adds a TODO comment for each member of a connection, such as `socket.readyState`. Returns null for any other member. */
export function socketMember(node: Extract<Node, { type: 'MemberExpression' }>, frame: Frame): Expr | null {
  if (node.object.type !== 'Identifier') return null
  const binding = frame.scope.get(node.object.name)
  if (binding?.message && keyOf(node) === 'data') return binding.message
  if (binding?.kind === 'socket')
    return lost(node, frame, `${keyOf(node) ?? 'this'} of a connection has no counterpart`)
  return null
}
