import { type Entry, type Expr, object, str } from '../../scenario/code.ts'
import { type Frame, note, translate } from '../frame.ts'
import { addressOf } from '../http/address.ts'
import { partNamed } from '../http/objects.ts'
import { paramsOf, tagName } from '../http/params.ts'
import { urlParts } from '../http/url.ts'
import type { Node } from '../syntax.ts'

/** The address of a WebSocket connection, and the options that follow from it. Without its origin, if that is the host of the scenario. */
export function socketAddress(node: Node, frame: Frame): { address: Expr; options: Entry[] } {
  const { url } = urlParts(node, frame)
  const [first = ''] = url
  const isKnown = typeof first === 'string' && /^wss?:\/\//i.test(first)
  const asHttp = isKnown ? [first.replace(/^ws/i, 'http'), ...url.slice(1)] : url
  const { address, params, query, fact } = addressOf(asHttp, isKnown)
  frame.module.facts.push({
    method: 'WS',
    tags: new Map(),
    group: frame.group,
    origin: fact.origin,
    settle: (host) => {
      fact.settle(host)
      if (fact.origin !== host) asSocket(address)
    },
    nameFor: () => fact.route,
  })
  return {
    address,
    options: [
      ...(params.length > 0 ? [{ key: 'params', value: object(params) }] : []),
      ...(query.length > 0 ? [{ key: 'query', value: object(query) }] : []),
    ],
  }
}

/** Gives an address the scheme of WebSocket. */
function asSocket(address: Expr): void {
  if (address.k === 'str') address.value = address.value.replace(/^http/i, 'ws')
  const [first] = address.k === 'template' ? address.parts : []
  if (address.k === 'template' && typeof first === 'string')
    address.parts = [first.replace(/^http/i, 'ws'), ...address.parts.slice(1)]
}

/** The parameters of a WebSocket connection as options. */
export function socketOptions(node: Node | null, frame: Frame): Entry[] {
  const parts = paramsOf(node, frame)
  const headers = partNamed(parts, 'headers')
  const name = tagName(parts, 'WS')
  for (const part of parts)
    if ('key' in part && !['headers', 'tags', 'compression'].includes(part.key))
      note(part.value, frame, `the parameter ${part.key} is not carried over`)
  return [
    ...(headers ? [{ key: 'headers', value: translate(headers, frame) }] : []),
    ...(name === null ? [] : [{ key: 'name', value: str(name) }]),
  ]
}
