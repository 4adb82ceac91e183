import { STATUS_CODES } from 'node:http'
import { type Frame, translate } from '../../../k6/frame.ts'
import { type Node, stringOf } from '../../../k6/syntax.ts'
import { type Expr, binary, member, method, nil, num, str } from '../../../scenario/code.ts'
import type { Link } from './chains.ts'
import { alongPath, sameAs } from './equality.ts'

const statuses: Readonly<Record<string, number>> = {
  accepted: 202,
  badRequest: 400,
  unauthorized: 401,
  unauthorised: 401,
  forbidden: 403,
  notFound: 404,
  rateLimited: 429,
}
const ranges: Readonly<Record<string, readonly [low: number, high: number]>> = {
  info: [100, 200],
  success: [200, 300],
  redirection: [300, 400],
  clientError: [400, 500],
  serverError: [500, 600],
  error: [400, 600],
}

/** Translates a word about the response itself, such as `status(200)`. Returns null for any other word. */
export function responseTest(subject: Expr, { name, args }: Link, frame: Frame): Expr | null {
  const status = member(subject, 'status')
  const [first, second] = args ?? []
  if (name === 'status' && first) return statusTest(status, first, frame)
  if (name === 'ok') return binary(status, '===', num(200))
  if (Object.hasOwn(statuses, name)) return binary(status, '===', num(statuses[name] ?? 0))
  const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined
  if (range) return binary(binary(status, '>=', num(range[0])), '&&', binary(status, '<', num(range[1])))
  if (name === 'header' && first) return headerTest(subject, [first, second], frame)
  if (name === 'withBody') return binary(member(subject, 'body'), '!==', str(''))
  if (name === 'json') return binary(method(subject, 'json'), '!==', { k: 'undefined' })
  if (name === 'body') return bodyTest(subject, first, frame)
  return name === 'jsonBody' ? jsonTest(subject, [first, second], frame) : null
}

function statusTest(status: Expr, node: Node, frame: Frame): Expr {
  const reason = stringOf(node)
  const [code] = Object.entries(STATUS_CODES).find(([, text]) => text?.toLowerCase() === reason?.toLowerCase()) ?? []
  return binary(status, '===', reason !== null && code !== undefined ? num(Number(code)) : translate(node, frame))
}

function headerTest(response: Expr, [name, value]: readonly (Node | undefined)[], frame: Frame): Expr | null {
  if (!name) return null
  const key = stringOf(name)
  const header = method(
    member(response, 'headers'),
    'get',
    key === null ? translate(name, frame) : str(key.toLowerCase()),
  )
  return value ? binary(header, '===', translate(value, frame)) : binary(header, '!==', nil)
}

function bodyTest(response: Expr, node: Node | undefined, frame: Frame): Expr {
  const body = member(response, 'body')
  if (!node) return binary(body, '!==', str(''))
  const value = translate(node, frame)
  return value.k === 'regex' ? method(value, 'test', body) : binary(body, '===', value)
}

/** Translates `jsonBody()`, `jsonBody('a.b')`, `jsonBody('a.b', 3)` and `jsonBody({ … })`. */
function jsonTest(response: Expr, [first, second]: readonly (Node | undefined)[], frame: Frame): Expr | null {
  const json = method(response, 'json')
  if (!first) return binary(json, '!==', { k: 'undefined' })
  const path = stringOf(first)
  if (path === null) return sameAs(json, translate(first, frame))
  const value = alongPath(json, path)
  return second ? sameAs(value, translate(second, frame)) : binary(value, '!==', { k: 'undefined' })
}
