import {
  type Entry,
  type Expr,
  absent,
  awaited,
  bool,
  call,
  id,
  method,
  nil,
  num,
  object,
  self,
  str,
  template,
} from '../../scenario/code.ts'
import { equality } from '../../scenario/print/operators.ts'
import { envExpr, isEnv, orEmpty } from '../env.ts'
import { newMetric } from '../new-metric.ts'
import { type Frame, apiOf, isLost, lost, note, translate } from '../frame.ts'
import { bareAttribute } from '../html/reads.ts'
import { bareHeader, responseMember } from '../http/responses.ts'
import { hostOf } from '../http/host.ts'
import { textParts } from '../http/url.ts'
import { type Node, keyOf, propertyName, someNode } from '../syntax.ts'
import { socketMember } from '../sockets/calls.ts'
import { madeClass } from '../objects/reading.ts'
import { ownThis } from '../objects/own-this.ts'
import { argumentsOf, callExpr, objectOf, ofUserInHook, userArgs } from './calls.ts'
import { fnExpr } from './functions.ts'
import { jarExpr } from './cookies.ts'
import { identifierExpr, metricValue, namedMetric } from './identifiers.ts'
import { isDate, kindOf } from './kinds.ts'

type Of<T extends Node['type']> = Extract<Node, { type: T }>
type Printers = { [T in Node['type']]?: (node: Of<T>, frame: Frame) => Expr }

const kinds: Printers = {
  Literal: (node, frame) => literalExpr(node, frame),
  Identifier: (node, frame) => identifierExpr(node, frame),
  TemplateLiteral: (node, frame) => templateExpr(node, frame),
  TaggedTemplateExpression: (node, frame) =>
    apiOf(node.tag, frame) === 'k6/http.url' ? template([...textParts(node, frame)]) : lost(node, frame),
  ArrayExpression: (node, frame) => ({
    k: 'array',
    items: node.elements.flatMap((one) => (one ? argumentsOf([one], frame) : [absent])),
  }),
  ObjectExpression: (node, frame) => object(node.properties.flatMap((one) => entryOf(one, frame))),
  ArrowFunctionExpression: (node, frame) => fnExpr(node, frame),
  FunctionExpression: (node, frame) => (isOwn(node) ? lost(node, frame) : fnExpr(node, frame)),
  UnaryExpression: (node, frame) => ({
    k: 'unary',
    op: node.operator,
    of:
      node.operator === '!' || node.operator === 'typeof'
        ? testExpr(node.argument, frame)
        : translate(node.argument, frame),
  }),
  UpdateExpression: (node, frame) => ({
    k: node.prefix ? 'unary' : 'postfix',
    op: node.operator,
    of: targetExpr(node.argument, frame),
  }),
  BinaryExpression: (node, frame) => binaryExpr(node, frame),
  LogicalExpression: (node, frame) => ({
    k: 'binary',
    op: node.operator,
    left: testExpr(node.left, frame),
    right: translate(node.right, frame),
  }),
  AssignmentExpression: (node, frame) => ({
    k: 'assign',
    op: node.operator,
    to: targetExpr(node.left, frame),
    value: translate(node.right, frame),
  }),
  ConditionalExpression: (node, frame) => {
    const test = testExpr(node.test, frame)
    if (isLost(test)) return test
    return { k: 'cond', test, yes: translate(node.consequent, frame), no: translate(node.alternate, frame) }
  },
  MemberExpression: (node, frame) => memberExpr(node, frame),
  CallExpression: (node, frame) => callExpr(node, frame),
  NewExpression: (node, frame) => newExpr(node, frame),
  ThisExpression: (node, frame) => (frame.ofClass !== undefined ? id(ownThis) : lost(node, frame)),
  ChainExpression: (node, frame) => translate(node.expression, frame),
  AwaitExpression: (node, frame) => {
    const of = translate(node.argument, frame)
    return of.k === 'await' || isLost(of) ? of : awaited(of)
  },
  ParenthesizedExpression: (node, frame) => translate(node.expression, frame),
}

export function expression(node: Node, frame: Frame): Expr {
  const kind = kinds[node.type] as ((node: Node, frame: Frame) => Expr) | undefined
  return kind ? kind(node, frame) : lost(node, frame)
}

function literalExpr(node: Of<'Literal'>, frame: Frame): Expr {
  const { value } = node
  if (node.regex) return { k: 'regex', source: node.regex.pattern, flags: node.regex.flags }
  if (typeof value === 'string') return str(value)
  if (typeof value === 'number') return num(value)
  if (typeof value === 'boolean') return bool(value)
  return value === null ? nil : lost(node, frame)
}

function templateExpr(node: Of<'TemplateLiteral'>, frame: Frame): Expr {
  return template(
    node.quasis.flatMap((quasi, index) => {
      const inner = node.expressions[index]
      const value = inner ? translate(inner, frame) : null
      return [quasi.value.cooked ?? '', ...(value ? [isLost(value) ? 'TODO' : value] : [])]
    }),
  )
}

/** Returns true if a function contains `this`, `arguments` or `yield`. An arrow function cannot replace such a function. */
function isOwn(node: Node): boolean {
  return someNode(
    node,
    (one) =>
      one.type === 'ThisExpression' ||
      (one.type === 'Identifier' && one.name === 'arguments') ||
      one.type === 'YieldExpression',
  )
}

function entryOf(node: Node, frame: Frame): Entry[] {
  if (node.type === 'SpreadElement') return [{ spread: translate(node.argument, frame) }]
  if (node.type !== 'Property') return []
  const value = node.kind === 'init' ? translate(node.value, frame) : lost(node, frame)
  const key = propertyName(node)
  return [key === null ? { computed: translate(node.key, frame), value } : { key, value }]
}

/** Translates a condition, or one side of a comparison such as `===`. The translated value may be null or undefined. */
function testExpr(node: Node, frame: Frame): Expr {
  if (isEnv(node)) return envExpr(node, frame)
  return bareAttribute(node, frame) ?? bareHeader(node, frame) ?? translate(node, frame)
}

const arithmetic = new Set(['-', '*', '/', '%', '**'])

function binaryExpr(node: Of<'BinaryExpression'>, frame: Frame): Expr {
  const { left, right, operator } = node
  if (left.type === 'PrivateIdentifier') return lost(node, frame)
  if (!equality.has(operator)) {
    const side = arithmetic.has(operator) ? numberExpr : translate
    const [one, two] = [side(left, frame), side(right, frame)]
    return isLost(one) ? one : isLost(two) ? two : { k: 'binary', op: operator, left: one, right: two }
  }
  const header = bareHeader(left, frame)
  if (header && isMissing(right)) return { k: 'binary', op: operator, left: header, right: nil }
  const attribute = isMissing(right) ? bareAttribute(left, frame) : null
  if (attribute) return { k: 'binary', op: operator, left: attribute, right: absent }
  return { k: 'binary', op: operator, left: testExpr(left, frame), right: testExpr(right, frame) }
}

function isMissing(node: Node): boolean {
  return (node.type === 'Identifier' && node.name === 'undefined') || (node.type === 'Literal' && node.value === null)
}

/** Translates an operand of arithmetic. Converts dates and environment variables to numbers, because TypeScript requires numbers. */
function numberExpr(node: Node, frame: Frame): Expr {
  if (node.type === 'NewExpression' && isDate(node, frame) && node.arguments.length === 0)
    return method(id('Date'), 'now')
  if (isDate(node, frame)) return method(translate(node, frame), 'getTime')
  return isEnv(node) ? call(id('Number'), envExpr(node, frame)) : translate(node, frame)
}

/** Translates the left side of an assignment. */
function targetExpr(node: Node, frame: Frame): Expr {
  if (node.type === 'MemberExpression' && node.object.type !== 'Super' && node.property.type !== 'PrivateIdentifier') {
    const of = objectOf(node.object, frame)
    const key = keyOf(node)
    return key === null ? { k: 'index', of, at: translate(node.property, frame) } : { k: 'index', of, at: str(key) }
  }
  return node.type === 'Identifier' ? identifierExpr(node, frame) : lost(node, frame)
}

function memberExpr(node: Of<'MemberExpression'>, frame: Frame): Expr {
  const own = frame.module.apis?.member(node, frame)
  if (own) return own
  if (isEnv(node)) return orEmpty(envExpr(node, frame))
  const api = apiOf(node, frame)
  if (api !== null) return apiMember(api, node, frame)
  const feed = [...frame.module.feeds.values()].find(({ draws }) => draws.has(node))
  if (feed) return method(feed.value, 'next')
  const special = socketMember(node, frame) ?? responseMember(node, frame)
  if (special) return special
  if (node.property.type === 'PrivateIdentifier') return lost(node, frame)
  return plainMember(node, frame)
}

function plainMember(node: Of<'MemberExpression'>, frame: Frame): Expr {
  if (node.object.type === 'Super')
    return frame.ofClass !== undefined
      ? { k: 'member', of: { k: 'super' }, name: keyOf(node) ?? '' }
      : lost(node, frame)
  const of = objectOf(node.object, frame)
  const key = keyOf(node)
  const optional = node.optional ? { optional: true } : {}
  if (key !== null) return { k: 'index', of, at: str(ownKey(of, key)), ...optional }
  const found: Expr = { k: 'index', of, at: translate(node.property, frame), ...optional }
  return kindOf(node.object, frame) === 'any' || node.optional ? found : { k: 'present', of: found }
}

/** Returns the name of a member in the scenario. A body is a string in the scenario, so `body.byteLength` becomes `body.length`. */
function ownKey(of: Expr, key: string): string {
  return key === 'byteLength' && of.k === 'member' && of.name === 'body' ? 'length' : key
}

/** Translates values of `k6/execution` and constants of k6. */
function apiMember(api: string, node: Node, frame: Frame): Expr {
  const isUser = frame.mode === 'user'
  if (isUser && ['k6/execution.vu.idInTest', 'k6/execution.vu.idInInstance'].includes(api))
    return { k: 'binary', op: '+', left: { k: 'member', of: self, name: 'index' }, right: num(1) }
  if (isUser && /^k6\/execution\.(?:vu|scenario)\.iterationIn\w+$/.test(api)) {
    if (api.includes('.scenario.'))
      note(node, frame, 'in burst, each user counts its own iterations, so this number is not unique in the run')
    return { k: 'member', of: self, name: 'iteration' }
  }
  if (api === 'k6/execution.scenario.name' && frame.scenario !== undefined) return str(frame.scenario)
  const version = /^k6\/http\.(TLS_|AUTH_|OCSP_)/.test(api)
  return version
    ? str(api.replace(/^.*\./, '').toLowerCase())
    : lost(node, frame, `${api.replace(/^.*\//, '')} has no counterpart`)
}

function newExpr(node: Of<'NewExpression'>, frame: Frame): Expr {
  const api = apiOf(node.callee, frame)
  const given = argumentsOf(node.arguments, frame)
  const args = isBytes(node) ? given.map(withoutText) : given
  if (api === 'formdata.FormData') return { k: 'new', of: id('FormData'), args }
  if (api === 'url.URL' || api === 'url.URLSearchParams') return { k: 'new', of: id(api.slice(4)), args }
  if (api === 'k6/data.SharedArray') return sharedList(node, frame)
  if (api === 'k6/http.CookieJar') return jarExpr(node, frame)
  const metric = newMetric(node, frame)
  if (metric) return metricValue(frame.module.metrics.get(`\u0000${metric.name}`) ?? metric, node, frame)
  const named = api === null ? null : namedMetric(api, args[0], frame)
  if (named) return named
  if (api !== null) return lost(node, frame, `${api.replace(/^.*\//, '')} has no counterpart`)
  return ofUserInHook(node, frame) ?? madeObject(node, args, frame)
}

function madeObject(node: Of<'NewExpression'>, args: readonly Expr[], frame: Frame): Expr {
  const of = translate(node.callee, frame)
  const made = madeClass(node, frame.module)
  if (of.k === 'id' && made !== '')
    return {
      k: 'new',
      of,
      args: [...userArgs(made, frame), ...args.map((arg, index) => hostOf(node.arguments[index], arg, frame))],
    }
  if (of.k === 'id') return { k: 'new', of, args }
  return isLost(of) ? of : lost(node, frame)
}

/** Returns true for a constructor such as `new Uint8Array(…)`, which takes bytes and not text. */
function isBytes({ callee }: Of<'NewExpression'>): boolean {
  return callee.type === 'Identifier' && /^(?:Uint8|DataView)/.test(callee.name)
}

/** Removes the call of `toString()` at the end of an expression such as `Buffer.from(…, 'base64').toString()`. */
function withoutText(expr: Expr): Expr {
  const isText = expr.k === 'call' && expr.args.length === 0 && expr.of.k === 'member' && expr.of.name === 'toString'
  return isText && expr.of.k === 'member' ? expr.of.of : expr
}

/** Returns the list that the function of a `SharedArray` returns. */
function sharedList(node: Of<'NewExpression'>, frame: Frame): Expr {
  const [, fn] = node.arguments
  if (!fn || fn.type === 'SpreadElement') return lost(node, frame)
  const made = translate(fn, frame)
  if (made.k !== 'arrow') return call(made)
  if (!Array.isArray(made.body)) return made.body as Expr
  const [only] = made.body
  return made.body.length === 1 && only?.k === 'return' && only.of ? only.of : call(made)
}
