import type { Text } from '../../requests/request.ts'
import { type Entry, type Expr, object, str } from '../../scenario/code.ts'
import { type Frame, constantOf, note, translate } from '../frame.ts'
import { addressOf } from '../http/address.ts'
import { partNamed } from '../http/objects.ts'
import { paramsOf, tagName } from '../http/params.ts'
import { urlParts } from '../http/url.ts'
import { type Node, keyOf, stringOf } from '../syntax.ts'

/**
 * Returns the address of a WebSocket connection, and the options that follow from the address. Removes the origin if the origin is the host of the
 * scenario.
 * @param name the name in the statistics, if it is not the route
 */
export function socketAddress(node: Node, frame: Frame, name: string | null): { address: Expr; options: Entry[] } {
  const plain = urlParts(withoutReplace(node, frame), frame)
  const { url } = hasOrigin(plain.url) ? plain : urlParts(node, frame)
  const [first = ''] = url
  const isKnown = typeof first === 'string' && hasOrigin(url)
  const asHttp = isKnown ? [first.replace(/^ws/i, 'http'), ...url.slice(1)] : url
  const { address, params, query, fact } = addressOf(asHttp, isKnown)
  frame.module.facts.push({
    method: 'WS',
    tags: new Map(name === null ? [] : [['name', name]]),
    group: frame.group,
    origin: fact.origin,
    settle: (host) => {
      fact.settle(host)
      if (fact.origin !== host) asSocket(address)
    },
    nameFor: () => name ?? fact.route,
  })
  return {
    address,
    options: [
      ...(params.length > 0 ? [{ key: 'params', value: object(params) }] : []),
      ...(query.length > 0 ? [{ key: 'query', value: object(query) }] : []),
    ],
  }
}

function hasOrigin([first]: Text): boolean {
  return typeof first === 'string' && /^(?:ws|http)s?:\/\//i.test(first)
}

/**
 * Removes a call that only changes the scheme of a URL, as in `BASE.replace('http', 'ws') + '/chat'`. The rest is then translated like the URL of a
 * request.
 */
function withoutReplace(node: Node, frame: Frame): Node {
  if (node.type === 'BinaryExpression' && node.operator === '+' && node.left.type !== 'PrivateIdentifier')
    return { ...node, left: withoutReplace(node.left, frame) } as Node
  const [first, ...rest] = node.type === 'TemplateLiteral' ? node.expressions : []
  if (node.type === 'TemplateLiteral' && first && node.quasis[0]?.value.cooked === '')
    return { ...node, expressions: [withoutReplace(first, frame), ...rest] } as Node
  const value = constantOf(node, frame)
  if (value && value !== node) return withoutReplace(value, frame)
  const isReplaced =
    node.type === 'CallExpression' &&
    node.callee.type === 'MemberExpression' &&
    node.callee.object.type !== 'Super' &&
    keyOf(node.callee) === 'replace' &&
    isScheme(node.arguments)
  return isReplaced ? (node.callee as { object: Node }).object : node
}

/** Returns true if the arguments of `replace` change the scheme of HTTP to the scheme of WebSocket. */
function isScheme([from, to]: readonly (Node | undefined)[]): boolean {
  const text = from?.type === 'Literal' && from.regex ? from.regex.pattern.replace(/^\^/, '') : stringOf(from)
  return /^https?(?:\??:?(?:\\?\/){0,2})$/.test(text ?? '') && /^wss?(?::(?:\/\/)?)?$/.test(stringOf(to) ?? '')
}

/** Changes the scheme of an address to the WebSocket scheme. */
function asSocket(address: Expr): void {
  if (address.k === 'str') address.value = address.value.replace(/^http/i, 'ws')
  const [first] = address.k === 'template' ? address.parts : []
  if (address.k === 'template' && typeof first === 'string')
    address.parts = [first.replace(/^http/i, 'ws'), ...address.parts.slice(1)]
}

/** Returns the name of a WebSocket connection in the statistics; null if the parameters of the connection contain no name. */
export function socketName(node: Node | null, frame: Frame): string | null {
  return tagName(paramsOf(node, frame), 'WS')
}

/** Returns the parameters of a WebSocket connection as options. */
export function socketOptions(node: Node | null, frame: Frame): Entry[] {
  const parts = paramsOf(node, frame)
  const headers = partNamed(parts, 'headers')
  const name = tagName(parts, 'WS')
  for (const part of parts)
    if ('key' in part && !['headers', 'tags', 'compression'].includes(part.key))
      note(part.value, frame, `the parameter ${part.key} is not translated`)
  return [
    ...(headers ? [{ key: 'headers', value: translate(headers, frame) }] : []),
    ...(name === null ? [] : [{ key: 'name', value: str(name) }]),
  ]
}
