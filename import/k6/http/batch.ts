import { type Entry, type Expr, array, arrow, awaited, id, method, object } from '../../scenario/code.ts'
import { type Frame, apiOf, constantOf, lost, translate } from '../frame.ts'
import {
  type Fn,
  type Mention,
  type Node,
  isFn,
  keyOf,
  namesOf,
  propertyName,
  propertyOf,
  stringOf,
} from '../syntax.ts'
import { kindOf } from '../code/kinds.ts'
import { ownName, patternOf } from '../code/names.ts'
import { type CheckCall, withChecks } from './checks.ts'
import { pendingRequest } from './request.ts'
import { withBody } from './responses.ts'
import { type Wanted, wantedOf } from './wanted.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** One request of a batch, and its key in the list or object that describes the batch. */
export interface BatchPart {
  key: string
  wanted: Wanted
}

/**
 * Returns the requests of `http.batch([…])` or `http.batch({ … })`. Returns null if the argument is neither a literal nor a constant whose value is a
 * literal. Also returns null if the batch is empty, or if one of its requests is unknown.
 */
export function batchParts(node: Call, frame: Frame): BatchPart[] | null {
  const [given] = node.arguments
  const list = given && given.type !== 'SpreadElement' ? (constantOf(given, frame) ?? given) : null
  if (list?.type === 'ArrayExpression')
    return known(list.elements.map((one, index) => partOf(String(index), one, frame)))
  if (list?.type !== 'ObjectExpression') return null
  return known(
    list.properties.map((one) => partOf(propertyName(one) ?? '', one.type === 'Property' ? one.value : null, frame)),
  )
}

function known(parts: readonly (BatchPart | null)[]): BatchPart[] | null {
  return parts.includes(null) || parts.length === 0 ? null : (parts as BatchPart[])
}

function partOf(key: string, node: Node | null, frame: Frame): BatchPart | null {
  const source = node && (constantOf(node, frame) ?? node)
  const wanted = source && requestIn(source)
  return wanted ? { key, wanted } : null
}

/** Parses `'https://…'`, `['GET', url, body, params]` or `{ method, url, body, params }`. */
function requestIn(node: Node): Wanted | null {
  if (node.type === 'ArrayExpression') {
    const [method, url, body, params] = node.elements
    const verb = stringOf(method)?.toUpperCase()
    return verb === undefined || !url || url.type === 'SpreadElement'
      ? null
      : { verb, method: null, url, body: body ?? null, params: params ?? null }
  }
  if (node.type === 'ObjectExpression') {
    const url = propertyOf(node, 'url')
    const verb = stringOf(propertyOf(node, 'method'))?.toUpperCase() ?? 'GET'
    return url && { verb, method: null, url, body: propertyOf(node, 'body'), params: propertyOf(node, 'params') }
  }
  const isUrl = ['TemplateLiteral', 'BinaryExpression', 'Literal', 'TaggedTemplateExpression'].includes(node.type)
  return isUrl ? wantedOf('get', [node]) : null
}

/** Translates a batch. If the batch is a separate statement, no code uses its result, so the responses do not keep their bodies. */
export function batchExpr(node: Call, frame: Frame): Expr {
  const [given] = node.arguments
  if (frame.mode === 'module' || !given) return lost(node, frame)
  const parts = batchParts(node, frame)
  const isKept = frame.folded.get(node) !== 'bare'
  if (parts) return together(parts, { frame, checks: new Map(), isKept, isRead: isKept })
  if (given.type === 'Identifier' && isBatchList(given.name, frame))
    return awaited(method(id('Promise'), 'all', translate(given, frame)))
  return mapped(node, given, frame) ?? lost(node, frame, 'the requests of this batch cannot be determined')
}

interface BatchPlan {
  frame: Frame
  checks: ReadonlyMap<string, CheckCall[]>
  /** `true` if later code reads bodies. */
  isKept: boolean
  /** `true` if later code uses the responses. */
  isRead: boolean
}

/**
 * Returns `await Promise.all([…])`, whose value is a list of responses. If the batch is an object and later code uses the responses, the value is an
 * object with the same keys.
 */
export function together(parts: readonly BatchPart[], { frame, checks, isKept, isRead }: BatchPlan): Expr {
  const pending = parts.map(({ key, wanted }) => {
    const request = bare(pendingRequest(wanted, frame))
    const own = checks.get(key) ?? []
    if (own.length > 0) return withChecks(request, own, frame)
    return isKept && frame.mode === 'user' ? withBody(request) : request
  })
  const all = awaited(method(id('Promise'), 'all', array(pending)))
  const isObject = parts.some(({ key }, index) => key !== String(index))
  if (!isObject || !isRead) return all
  const names = parts.map(({ key }, index) => ({ key, name: `response${index + 1}` }))
  const entries = names.map(({ key, name }): Entry => ({ key, value: id(name) }))
  const shape = arrow([{ name: { array: names.map(({ name }) => name) } }], object(entries))
  return awaited(method(method(id('Promise'), 'all', array(pending)), 'then', shape))
}

function bare(pending: Expr): Expr {
  return pending.k === 'await' ? pending.of : pending
}

/**
 * Translates `list.push(request)` if the script uses the list only to collect the requests of `http.batch(list)`. Returns null for any other call.
 */
export function pushedRequest(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  const [given, more] = node.arguments
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier' || keyOf(callee) !== 'push') return null
  const wanted = given && !more && frame.mode !== 'module' ? requestIn(given) : null
  if (!wanted || !isBatchList(callee.object.name, frame)) return null
  const isRead = batchesOf(callee.object.name, frame).some(([, , parent]) => parent?.type !== 'ExpressionStatement')
  const request = bare(pendingRequest(wanted, frame))
  return method(translate(callee.object, frame), 'push', isRead && frame.mode === 'user' ? withBody(request) : request)
}

function mentionsOf(name: string, { module: { mentions, script } }: Frame): Mention[] {
  return mentions.within(name, script.program)
}

/** Returns the places where the script passes a list to `http.batch`. */
function batchesOf(name: string, frame: Frame): Mention[] {
  return mentionsOf(name, frame).filter(
    ([of, call]) =>
      call?.type === 'CallExpression' && call.arguments[0] === of && apiOf(call.callee, frame) === 'k6/http.batch',
  )
}

/** Returns true for a list that is initially empty, if the script only adds requests to the list, reads its length, and sends its requests. */
function isBatchList(name: string, frame: Frame): boolean {
  const batches = new Set(batchesOf(name, frame))
  return batches.size > 0 && mentionsOf(name, frame).every((one) => batches.has(one) || isCollecting(one))
}

/**
 * Returns true for a list of requests that the script uses only in `http.batch(list)`. The call of the batch then contains the list, and the
 * declaration of the list is left out.
 */
export function isReplacedByBatch(
  { id: target, init }: Extract<Node, { type: 'VariableDeclarator' }>,
  frame: Frame,
): boolean {
  if (target.type !== 'Identifier' || !init) return false
  const batches = batchesOf(target.name, frame)
  if (batches.length === 0 || mentionsOf(target.name, frame).length !== batches.length + 1) return false
  const isMapped = init.type === 'CallExpression' && keyOf(init.callee) === 'map' && isRequestFn(init.arguments[0])
  return (
    isMapped ||
    (init.type === 'ArrayExpression' &&
      init.elements.length > 0 &&
      init.elements.every((one) => partOf('', one, frame) !== null))
  )
}

function isRequestFn(fn: Node | undefined): boolean {
  const result = fn && resultOf(fn)
  return isFn(fn) && fn.params.length <= 1 && !!result && requestIn(result) !== null
}

function isCollecting([of, parent, outer]: Mention): boolean {
  if (parent?.type === 'VariableDeclarator')
    return parent.id === of && parent.init?.type === 'ArrayExpression' && parent.init.elements.length === 0
  if (parent?.type !== 'MemberExpression' || parent.object !== of) return false
  if (keyOf(parent) === 'length') return outer?.type !== 'AssignmentExpression' && outer?.type !== 'UpdateExpression'
  return outer?.type === 'CallExpression' && isPush(outer, parent)
}

function isPush({ callee, arguments: given }: Call, of: Node): boolean {
  const [request] = given
  return callee === of && keyOf(of) === 'push' && given.length === 1 && !!request && requestIn(request) !== null
}

/** Translates `urls.map((url) => ['GET', url])`. */
function mapped(node: Call, given: Node, frame: Frame): Expr | null {
  const source = constantOf(given, frame) ?? given
  if (source.type !== 'CallExpression' || source.callee.type !== 'MemberExpression') return null
  const { callee } = source
  const [fn] = source.arguments
  if (keyOf(callee) !== 'map' || !isFn(fn) || callee.object.type === 'Super') return null
  const isOpen = kindOf(callee.object, frame) === 'any' || constantOf(callee.object, frame)?.type === 'NewExpression'
  const isKept = frame.mode === 'user' && frame.folded.get(node) !== 'bare'
  const each = eachRequest(fn, { frame, isKept, isOpen })
  return each && awaited(method(id('Promise'), 'all', method(translate(callee.object, frame), 'map', each)))
}

interface EachPlan {
  frame: Frame
  /** `true` if later code reads bodies. */
  isKept: boolean
  /** `true` if the list does not determine the type of its items. */
  isOpen: boolean
}

/** Returns the function that sends the request for one item. */
function eachRequest(fn: Fn, { frame, isKept, isOpen }: EachPlan): Expr | null {
  const [param = null, more] = fn.params
  const result = resultOf(fn)
  const wanted = result && requestIn(result)
  const shape = param && patternOf(param)
  if (!wanted || more || (param && shape === null)) return null
  const scope = new Map(frame.scope)
  for (const name of namesOf(param)) scope.set(name, { expr: id(ownName(name)), kind: 'any' })
  const request = bare(pendingRequest(wanted, { ...frame, scope }))
  const params = shape === null ? [] : [{ name: shape, ...((isOpen || typeof shape !== 'string') && { type: 'any' }) }]
  return arrow(params, isKept ? withBody(request) : request)
}

function resultOf(fn: Node): Node | null {
  if (!isFn(fn)) return null
  if (fn.body.type !== 'BlockStatement') return fn.body
  const [only] = fn.body.body
  return fn.body.body.length === 1 && only?.type === 'ReturnStatement' ? (only.argument ?? null) : null
}
