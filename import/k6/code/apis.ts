import {
  type Expr,
  type Stmt,
  absent,
  arrow,
  awaited,
  binary,
  call,
  fromModule,
  id,
  make,
  member,
  method,
  nil,
  num,
  object,
  self,
  snippet,
  str,
} from '../../scenario/code.ts'
import { type Frame, lost, requestMethods, translate } from '../frame.ts'
import { fileExpr } from '../http/files.ts'
import { batchExpr } from '../http/batch.ts'
import { heldChecks, looseCheck } from '../http/checks.ts'
import { pendingRequest } from '../http/request.ts'
import { wantedOf } from '../http/wanted.ts'
import { withBody } from '../http/responses.ts'
import { type Node, isFn, stringOf } from '../syntax.ts'
import { jarExpr } from './cookies.ts'
import { kindOf } from './kinds.ts'

type Call = Extract<Node, { type: 'CallExpression' }>
type Api = (node: Call, frame: Frame) => Expr

const apis: Readonly<Record<string, Api>> = {
  'k6.check': (node, frame) => (frame.folded.get(node) === 'value' ? heldChecks(node, frame) : looseCheck(node, frame)),
  'k6.sleep': (node, frame) => sleeping(node, frame),
  'k6.group': (node, frame) => grouped(node, frame),
  'k6.fail': (node, frame) => {
    const [text] = argsOf(node, frame)
    return call(arrow([], [{ k: 'throw', of: make('Error', ...(text ? [text] : [])) }]))
  },
  'k6.randomSeed': () => absent,
  'k6/http.cookieJar': (node, frame) => jarExpr(node, frame),
  'chai.describe': (node, frame) => grouped(withoutParams(node), frame),
  'k6/http.batch': (node, frame) => batchExpr(node, frame),
  'k6/http.file': (node, frame) => fileExpr(node.arguments, frame),
  'k6/http.setResponseCallback': (node, frame) => lost(node, frame, 'chain .expect([statuses]) to each request'),
  'k6/encoding.b64encode': (node, frame) => {
    const [text, kind] = argsOf(node, frame)
    const isUrl = kind?.k === 'str' && kind.value.includes('url')
    return method(method(id('Buffer'), 'from', text ?? str('')), 'toString', str(isUrl ? 'base64url' : 'base64'))
  },
  'k6/encoding.b64decode': (node, frame) => {
    const [text] = argsOf(node, frame)
    return method(method(id('Buffer'), 'from', text ?? str(''), str('base64')), 'toString')
  },
  'k6/crypto.hmac': (node, frame) => {
    const [algorithm, secret, data, encoding] = argsOf(node, frame)
    const hash = call(fromModule('createHmac', 'node:crypto'), algorithm ?? str('sha256'), secret ?? str(''))
    return digestOf(method(hash, 'update', data ?? str('')), encoding)
  },
  'k6/crypto.createHMAC': (node, frame) => {
    const [algorithm, secret] = argsOf(node, frame)
    return call(fromModule('createHmac', 'node:crypto'), algorithm ?? str('sha256'), secret ?? str(''))
  },
  'k6/crypto.createHash': (node, frame) => call(fromModule('createHash', 'node:crypto'), ...argsOf(node, frame)),
  'k6/crypto.randomBytes': (node, frame) => call(fromModule('randomBytes', 'node:crypto'), ...argsOf(node, frame)),
  'utils.randomItem': (node, frame) => {
    const [list] = argsOf(node, frame)
    const pick = frame.mode === 'user' ? member(member(self, 'random'), 'pick') : snippet('pickOne')
    const [given] = node.arguments
    const isAny = given !== undefined && given.type !== 'SpreadElement' && kindOf(given, frame) === 'any'
    return { k: 'call', of: pick, args: [list ?? { k: 'array', items: [] }], ...(isAny && { types: 'any' }) }
  },
  'utils.randomIntBetween': (node, frame) => {
    const [low, high] = argsOf(node, frame)
    const whole = frame.mode === 'user' ? member(member(self, 'random'), 'int') : snippet('randomInteger')
    return call(whole, low ?? num(0), high ?? num(1))
  },
  'utils.randomString': (node, frame) => call(snippet('randomText'), ...argsOf(node, frame)),
  'utils.uuidv4': () => method(id('crypto'), 'randomUUID'),
  'utils.findBetween': (node, frame) => call(snippet('betweenTexts'), ...argsOf(node, frame).slice(0, 3)),
}

/** Translates a call of k6's own functions. */
export function apiCall(name: string, node: Call, frame: Frame): Expr {
  const request = name.startsWith('k6/http.') ? name.slice('k6/http.'.length) : ''
  if (Object.hasOwn(requestMethods, request)) return requestExpr(request, node, frame)
  if (Object.hasOwn(apis, name)) return (apis[name] as Api)(node, frame)
  const hash = /^k6\/crypto\.(md5|sha1|sha256|sha384|sha512)$/.exec(name)?.[1]
  if (hash !== undefined) return hashed(hash, node, frame)
  return lost(node, frame, `${name.replace(/^.*\//, '')} has no counterpart`)
}

function requestExpr(name: string, node: Call, frame: Frame): Expr {
  if (frame.mode === 'module') return lost(node, frame, 'a request outside a function is not translated')
  const wanted = wantedOf(name, plainArguments(node))
  if (!wanted) return lost(node, frame, 'this request has no URL')
  const pending = pendingRequest(wanted, frame)
  if (pending.k === 'await') return pending
  return awaited(frame.folded.get(node) === 'bare' ? pending : withBody(pending))
}

function plainArguments(node: Call): Node[] {
  return node.arguments.filter((one) => one.type !== 'SpreadElement')
}

function argsOf(node: Call, frame: Frame): Expr[] {
  return plainArguments(node).map((one) => translate(one, frame))
}

function sleeping(node: Call, frame: Frame): Expr {
  const [duration = num(0)] = argsOf(node, frame)
  if (frame.mode === 'user') return awaited(method(self, 'sleep', duration))
  const sleep = call(fromModule('setTimeout', 'node:timers/promises'), binary(duration, '*', num(1000)))
  return frame.mode === 'hook' ? awaited(sleep) : lost(node, frame)
}

/** Removes the parameter of the function in a call of `describe`, because the function of a step has no parameter. */
function withoutParams(node: Call): Call {
  return { ...node, arguments: node.arguments.map((one) => (isFn(one) ? { ...one, params: [] } : one)) }
}

/** Translates `group(name, function)` to a step. */
function grouped(node: Call, frame: Frame): Expr {
  const [name, body] = plainArguments(node)
  if (!name || !body) return lost(node, frame)
  const inner = { ...frame, group: stringOf(name) ?? frame.group }
  const fn = isFn(body)
    ? frame.module.translator.fn(body, inner, { isAsync: true })
    : arrow(
        [],
        [{ k: 'return', of: translate({ ...node, callee: body, arguments: [] } as Call, inner) }] satisfies Stmt[],
        true,
      )
  if (frame.mode !== 'user') return awaited(call(fn))
  return awaited(method(self, 'step', translate(name, frame), fn))
}

function hashed(algorithm: string, node: Call, frame: Frame): Expr {
  const [data, encoding] = argsOf(node, frame)
  const hash = call(fromModule('createHash', 'node:crypto'), str(algorithm))
  return digestOf(method(hash, 'update', data ?? str('')), encoding)
}

const encodings: Readonly<Record<string, string>> = {
  hex: 'hex',
  base64: 'base64',
  base64url: 'base64url',
  base64rawurl: 'base64url',
}

/** Returns the value of a hash: bytes if the encoding is `binary`, otherwise a string. */
export function digestOf(hash: Expr, encoding: Expr | undefined): Expr {
  if (encoding?.k === 'str' && encoding.value === 'binary') return method(hash, 'digest')
  const known =
    encoding?.k === 'str' && Object.hasOwn(encodings, encoding.value) ? encodings[encoding.value] : undefined
  return method(
    hash,
    'digest',
    known === undefined && encoding && encoding.k !== 'str' ? encoding : str(known ?? 'hex'),
  )
}

/** Translates `metric.add(value)` to a recorded sample. */
export function metricCall(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return null
  const metric = frame.scope.has(callee.object.name) ? undefined : frame.module.metrics.get(callee.object.name)
  if (!metric) return null
  const [value = num(1)] = argsOf(node, frame)
  if (frame.mode !== 'user') return lost(node, frame, 'only users record samples')
  if (metric.kind === 'Counter' && !(value.k === 'num' && value.value === 1)) return counted(metric.name, value)
  const isTimed = metric.kind === 'Trend' || metric.kind === 'Gauge'
  return method(
    self,
    'record',
    object([
      { key: 'method', value: str(metric.kind.toUpperCase()) },
      { key: 'name', value: str(metric.name) },
      { key: 'ms', value: isTimed ? value : num(0) },
      ...(metric.kind === 'Rate' ? [{ key: 'error', value: failureOf(value, metric.isSuccess) }] : []),
    ]),
  )
}

/**
 * Translates the addition of an amount to a counter. If the amount is the length of a string, the code records one sample with this number of bytes.
 * Otherwise, the code records one sample for each unit.
 */
function counted(name: string, amount: Expr): Expr {
  if (!isLength(amount)) return call(snippet('countUp'), self, str(name), amount)
  const sample = [
    { key: 'method', value: str('COUNTER') },
    { key: 'name', value: str(name) },
    { key: 'ms', value: num(0) },
    { key: 'bytes', value: amount },
  ]
  return method(self, 'record', object(sample))
}

function isLength(of: Expr): boolean {
  return (
    (of.k === 'member' && of.name === 'length') || (of.k === 'index' && of.at.k === 'str' && of.at.value === 'length')
  )
}

/**
 * Translates a value that is added to a rate. If the rate counts successes, `false` and 0 become errors. If the rate counts failures, all values
 * except `false` and 0 become errors. The threshold shows what the rate counts.
 */
function failureOf(value: Expr, isSuccess: boolean): Expr {
  const counted = str('counted')
  if (value.k === 'num' || value.k === 'bool') return Boolean(value.value) === isSuccess ? nil : counted
  if (value.k === 'unary' && value.op === '!') return failureOf(value.of, !isSuccess)
  return isSuccess
    ? { k: 'cond', test: value, yes: nil, no: counted }
    : { k: 'cond', test: value, yes: counted, no: nil }
}
