import { type Frame, isLost, lost, note, translate } from '../../k6/frame.ts'
import { ownName } from '../../k6/code/names.ts'
import { type Node, dotted, isFn, numberOf, propertyName, propertyOf, stringOf } from '../../k6/syntax.ts'
import { requestStmts } from '../../requests/statement.ts'
import type { Body, ImportedRequest, Pair, Text } from '../../requests/request.ts'
import { bodyOf } from '../../requests/bodies/body.ts'
import {
  type Expr,
  type Stmt,
  arrow,
  awaited,
  constant,
  expression,
  id,
  member,
  method,
  num,
  self,
  str,
} from '../../scenario/code.ts'
import { Names } from '../../scenario/names.ts'
import { textWith } from '../variables.ts'
import type { ScriptPlace } from './frame.ts'
import { callbackIn } from './reading.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** The context of a script that can send requests. `host` is the origin of the scenario's host. Routes do not contain this origin. */
export interface SendPlace extends ScriptPlace {
  host: string
  base: string
}

/** Translates `pm.sendRequest(…)` and `setTimeout(…)` as statements. Returns null for any other code. */
export function waitingStmts(node: Node, place: SendPlace, frame: Frame): Stmt[] | null {
  if (node.type !== 'CallExpression') return null
  const callee = dotted(node.callee)
  if (callee === 'setTimeout') return timeoutStmts(node, frame)
  return callee === 'pm.sendRequest' ? sendStmts(node, place, frame) : null
}

function timeoutStmts(node: Call, frame: Frame): Stmt[] | null {
  const [fn, delay] = node.arguments
  const ms = numberOf(delay)
  if (!fn || !isFn(fn) || ms === null) return null
  const pause = expression(awaited(method(self, 'sleep', num(ms / 1000))))
  const body = fn.body.type === 'BlockStatement' ? frame.module.translator.block(fn.body.body, frame, fn.body) : []
  return [pause, ...body]
}

/** Returns the statements that send a request, followed by the statements of its callback. */
function sendStmts(node: Call, place: SendPlace, frame: Frame): Stmt[] {
  const [given] = node.arguments
  const request = given && given.type !== 'SpreadElement' ? requestIn(given, place, frame) : null
  if (!request) {
    lost(node, frame, 'the request cannot be determined, so it is not sent')
    return []
  }
  const stmts = requestStmts(request, { host: place.host, base: place.base, names: new Names() })
  const last = stmts.at(-1)
  const callback = callbackIn(node.arguments)
  if (last?.k !== 'expr' || last.of.k !== 'await') return stmts
  if (!callback || callback.body.type !== 'BlockStatement') return stmts
  const [error, response] = callback.params
  const name = response?.type === 'Identifier' ? ownName(response.name) : 'answer'
  const scope = new Map(frame.scope)
  if (response?.type === 'Identifier') scope.set(response.name, { expr: id(name), kind: 'response' })
  if (error?.type === 'Identifier') scope.set(error.name, { expr: member(id(name), 'error'), kind: 'any' })
  const body = frame.module.translator.block(callback.body.body, { ...frame, scope }, callback.body)
  if (body.length === 0) return stmts
  const kept = method(last.of.of, 'check', str('status is below 400'), arrow(['found'], member(id('found'), 'ok')))
  return [...stmts.slice(0, -1), constant(name, awaited(kept)), ...body]
}

/** Reads the first argument of `pm.sendRequest`: a URL, an object with `url`, `method`, `header` and `body`, or a variable with such a value. */
function requestIn(node: Node, place: SendPlace, frame: Frame): ImportedRequest | null {
  const source = node.type === 'Identifier' ? (frame.scope.get(node.name)?.init ?? node) : node
  if (source.type !== 'ObjectExpression') {
    const url = textOf(source, place, frame)
    return url && requestWith(url, 'GET', [], null)
  }
  const url = propertyOf(source, 'url')
  const text = url && textOf(url, place, frame)
  if (!text) return null
  const verb = stringOf(propertyOf(source, 'method')) ?? 'GET'
  const headers = headersIn(propertyOf(source, 'header') ?? propertyOf(source, 'headers'), place, frame)
  const sent = bodyIn(propertyOf(source, 'body'), headers, { place, frame })
  return requestWith(text, verb.toUpperCase(), sent.headers, sent.body)
}

function requestWith(url: Text, verb: string, headers: readonly Pair[], body: Body | null): ImportedRequest {
  return { method: verb, url, query: [], headers, body, comments: [], expect: [], extractions: [] }
}

/** Returns a string that may contain expressions. Replaces each `{{name}}` in the constant parts of the string. */
function textOf(node: Node, place: SendPlace, frame: Frame): Text | null {
  const expr = translate(node, frame)
  if (isLost(expr)) return null
  return partsOf(expr).flatMap((part) => (typeof part === 'string' ? textWith(part, place.variables) : [part]))
}

/** Returns the parts of `a + 'b'` or of a template literal. */
function partsOf(expr: Expr): (string | Expr)[] {
  if (expr.k === 'str') return [expr.value]
  if (expr.k === 'template') return expr.parts.flatMap((part) => (typeof part === 'string' ? [part] : partsOf(part)))
  if (expr.k === 'binary' && expr.op === '+') return [...partsOf(expr.left), ...partsOf(expr.right)]
  return [expr]
}

/** Returns the headers in `{ 'X-A': 'b' }`, `'X-A: b'`, `['X-A: b']` or `[{ key, value }]`. */
function headersIn(node: Node | null, place: SendPlace, frame: Frame): Pair[] {
  if (!node) return []
  if (node.type === 'ObjectExpression')
    return node.properties.flatMap((one) => {
      const name = propertyName(one)
      return one.type === 'Property' && name !== null ? [{ name, value: textOf(one.value, place, frame) ?? [] }] : []
    })
  const items = node.type === 'ArrayExpression' ? node.elements : [node]
  return items.flatMap((one) => {
    const key = stringOf(propertyOf(one, 'key'))
    const value = propertyOf(one, 'value')
    if (key !== null && value) return [{ name: key, value: textOf(value, place, frame) ?? [] }]
    const [name = '', ...rest] = (stringOf(one) ?? '').split(':')
    return rest.length > 0 ? [{ name: name.trim(), value: textWith(rest.join(':').trim(), place.variables) }] : []
  })
}

interface BodyPlace {
  place: SendPlace
  frame: Frame
}

interface Sent {
  body: Body | null
  headers: readonly Pair[]
}

/** Translates a body that is a text or an object with `mode`. */
function bodyIn(node: Node | null, headers: readonly Pair[], { place, frame }: BodyPlace): Sent {
  if (!node) return { body: null, headers }
  const mode = node.type === 'ObjectExpression' ? (stringOf(propertyOf(node, 'mode')) ?? '') : 'raw'
  const value = node.type === 'ObjectExpression' ? propertyOf(node, mode) : node
  if (mode === 'raw' && value) return rawBody(value, headers, { place, frame })
  const isList = value?.type === 'ArrayExpression' && (mode === 'urlencoded' || mode === 'formdata')
  if (isList) {
    const pairs = pairsIn(value.elements, place, frame)
    const body: Body = mode === 'formdata' ? { kind: 'parts', parts: pairs } : { kind: 'form', pairs }
    return { body, headers: withoutType(headers) }
  }
  note(node, frame, 'the body of this request is left out')
  return { body: null, headers }
}

function withoutType(headers: readonly Pair[]): Pair[] {
  return headers.filter(({ name }) => name.toLowerCase() !== 'content-type')
}

function rawBody(value: Node, headers: readonly Pair[], { place, frame }: BodyPlace): Sent {
  const [json] = value.type === 'CallExpression' && dotted(value.callee) === 'JSON.stringify' ? value.arguments : []
  if (json && json.type !== 'SpreadElement')
    return { body: { kind: 'json', value: translate(json, frame) }, headers: withoutType(headers) }
  return bodyOf(textOf(value, place, frame) ?? [], headers)
}

function pairsIn(nodes: readonly (Node | null)[], place: SendPlace, frame: Frame): Pair[] {
  return nodes.flatMap((one) => {
    const name = stringOf(propertyOf(one, 'key'))
    const value = propertyOf(one, 'value')
    return name !== null && value ? [{ name, value: textOf(value, place, frame) ?? [] }] : []
  })
}
