import {
  type Entry,
  type Expr,
  arrow,
  binary,
  bool,
  call,
  id,
  method,
  object,
  self,
  snippet,
  str,
} from '../../scenario/code.ts'
import { some } from '../../scenario/walk.ts'
import { type Frame, apiOf, isLost, lost, mentionsLost, note, translate } from '../frame.ts'
import { type Fn, type Node, isFn, propertyName } from '../syntax.ts'
import { isResponse, readsPage } from './responses.ts'

export type CheckCall = Extract<Node, { type: 'CallExpression' }>

export function isCheck(node: Node | null | undefined, frame: Frame): node is CheckCall {
  return node?.type === 'CallExpression' && apiOf(node.callee, frame) === 'k6.check'
}

interface Check {
  name: string | Expr
  test: Node
}

/** Returns the checks of `check(value, { … })`; null if the second argument is not an object literal, or contains a spread object. */
function checksOf(node: CheckCall, frame: Frame): Check[] | null {
  const [, sets] = node.arguments
  if (sets?.type !== 'ObjectExpression') return null
  const kept = sets.properties.filter((one) => isKept(one, frame))
  const checks = kept.map((one): Check | null => {
    if (one.type !== 'Property') return null
    return {
      name: propertyName(one) ?? translate(one.key, frame),
      test: withParam(one.value, node.arguments[0], frame),
    }
  })
  if (checks.includes(null)) return null
  return checks as Check[]
}

/** Changes a test so that it reads its parameter instead of the variable for the response. This variable is still empty when a chained check runs. */
function withParam(test: Node, subject: Node | undefined, { module: { mentions } }: Frame): Node {
  if (!isFn(test) || subject?.type !== 'Identifier' || mentions.within(subject.name, test.body).length === 0)
    return test
  const [param] = test.params
  if (!param || (param.type === 'Identifier' && mentions.within(param.name, test.body).length === 0))
    return { ...test, params: [subject] }
  return param.type === 'Identifier' ? (renamed(test, subject.name, param.name) as Node) : test
}

/** Replaces the name `from` with the name `to` in a piece of code. */
function renamed(piece: unknown, from: string, to: string): unknown {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) return piece.map((one) => renamed(one, from, to))
  const node = piece as { type?: string; name?: string; computed?: boolean; property?: unknown }
  if (node.type === 'Identifier') return node.name === from ? { ...node, name: to } : node
  const isKey = (key: string): boolean => (key === 'property' || key === 'key') && node.computed !== true
  return Object.fromEntries(Object.entries(piece).map(([key, one]) => [key, isKey(key) ? one : renamed(one, from, to)]))
}

/** Returns false for a check that uses a value without a counterpart. Such a check is left out of the scenario. */
function isKept(node: Node, frame: Frame): boolean {
  if (!mentionsLost(node, frame)) return true
  note(node, frame, 'this check is not translated')
  return false
}

function counted(checks: readonly Check[], as: 'check' | 'sample', { module }: Frame): void {
  for (const { name } of checks) if (typeof name === 'string' && !module.checks.has(name)) module.checks.set(name, as)
}

/** Returns true if the checks can be chained to a request. */
export function isChainable(node: CheckCall): boolean {
  const [, sets] = node.arguments
  return (
    sets?.type === 'ObjectExpression' &&
    sets.properties.length > 0 &&
    !readsPage(sets) &&
    sets.properties.every((one) => one.type === 'Property' && isFn(one.value))
  )
}

/** Returns `.check(name, test)` for one check, or `.check({ … })` for several checks. */
export function withChecks(pending: Expr, nodes: readonly CheckCall[], frame: Frame): Expr {
  const checks = nodes.flatMap((node) => checksOf(node, frame) ?? [])
  const entries = entriesOf(checks, frame, true)
  counted(
    checks.filter(({ name }) => entries.some((entry) => 'key' in entry && entry.key === name)),
    'check',
    frame,
  )
  const [only] = entries
  if (!only || !('value' in only)) return pending
  if (entries.length > 1) return method(pending, 'check', object(entries, true))
  return method(pending, 'check', 'key' in only ? str(only.key) : only.computed, only.value)
}

/**
 * Returns the checks as entries of an object. Leaves out a test that uses a value without a counterpart, because a comment about this test already
 * exists.
 */
function entriesOf(checks: readonly Check[], frame: Frame, ofResponse: boolean, page?: Expr): Entry[] {
  return checks.flatMap(({ name, test }): Entry[] => {
    const value = testOf({ name, test }, frame, ofResponse, page)
    if (some(value, isLost)) return []
    return [typeof name === 'string' ? { key: name, value } : { computed: name, value }]
  })
}

function testOf({ test }: Check, frame: Frame, ofResponse: boolean, page?: Expr): Expr {
  if (isFn(test)) {
    const params = [ofResponse ? ('response' as const) : ('plain' as const)]
    return frame.module.translator.fn(test, frame, { params, isTest: true, page })
  }
  const value = translate(test, frame)
  return test.type === 'Identifier' && !frame.scope.has(test.name) ? value : arrow([], booleanOf(value))
}

/**
 * Handles a check that is not chained to a request. The check becomes a call of `checkAll`, which records a sample for each check. In a hook, returns
 * only the value of the check.
 */
export function looseCheck(node: CheckCall, frame: Frame): Expr {
  const [value] = node.arguments
  const checks = checksOf(node, frame)
  if (!value || !checks || frame.mode === 'module') return lost(node, frame, 'this check has no counterpart')
  if (frame.mode === 'hook') return heldChecks(node, frame)
  const page = value.type === 'Identifier' ? frame.scope.get(value.name)?.page : undefined
  const entries = entriesOf(checks, frame, isResponse(value, frame), page)
  if (entries.length === 0) return lost(node, frame, 'this check has no counterpart')
  counted(
    checks.filter(({ name }) => entries.some((entry) => 'key' in entry && entry.key === name)),
    'sample',
    frame,
  )
  return call(snippet('checkAll'), self, translate(value, frame), object(entries))
}

/** Handles a `check(…)` that is in a hook, or whose checks are already chained to a request. Returns its value, which is true if all checks pass. */
export function heldChecks(node: CheckCall, frame: Frame): Expr {
  const [value] = node.arguments
  const checks = checksOf(node, frame) ?? []
  if (!value) return bool(true)
  const held = checks.map(({ test }) => heldTest(test, value, frame)).filter((test) => !some(test, isLost))
  return held.length === 0 ? bool(true) : held.reduce((all, one) => binary(all, '&&', one))
}

function heldTest(test: Node, value: Node, frame: Frame): Expr {
  if (!isFn(test)) return booleanOf(translate(test, frame))
  const [param] = test.params
  const inner = new Map(frame.scope)
  if (param?.type === 'Identifier') {
    const kind = isResponse(value, frame) ? 'response' : 'any'
    const page = value.type === 'Identifier' ? frame.scope.get(value.name)?.page : undefined
    inner.set(param.name, { expr: translate(value, frame), kind, ...(page && { page }) })
  }
  for (const { name, member } of membersIn(param))
    inner.set(name, { expr: translate(memberOf(value, member), frame), kind: 'any' })
  const result = resultOf(test)
  if (result) return booleanOf(translate(result, { ...frame, scope: inner }))
  const fn = frame.module.translator.fn(test, frame, {
    params: [isResponse(value, frame) ? 'response' : 'any'],
    isTest: true,
  })
  return booleanOf(call(fn, ...(param ? [translate(value, frame)] : [])))
}

/** Returns the expression that a function returns; null if the function contains any statement except `return`. */
function resultOf({ body }: Fn): Node | null | undefined {
  if (body.type !== 'BlockStatement') return body
  const [only, more] = body.body
  return only?.type === 'ReturnStatement' && !more ? only.argument : null
}

/** Returns the names that `({ status, body: text })` declares. */
function membersIn(param: Node | undefined): { name: string; member: string }[] {
  if (param?.type !== 'ObjectPattern') return []
  return param.properties.flatMap((one) => {
    const member = propertyName(one)
    return one.type === 'Property' && one.value.type === 'Identifier' && member !== null
      ? [{ name: one.value.name, member }]
      : []
  })
}

function memberOf(object: Node, name: string): Node {
  const { start, end } = object
  const property = { type: 'Identifier', name, start, end }
  return { type: 'MemberExpression', object, property, computed: false, optional: false, start, end } as Node
}

const comparisons = new Set(['===', '!==', '==', '!=', '<', '>', '<=', '>=', 'in', 'instanceof'])
const tests = new Set([
  'includes',
  'startsWith',
  'endsWith',
  'test',
  'some',
  'every',
  'has',
  'hasOwn',
  'isArray',
  'isInteger',
])

/** Converts the value to a boolean if it is not a boolean. */
export function booleanOf(value: Expr): Expr {
  return isBoolean(value) ? value : call(id('Boolean'), value)
}

function isBoolean(value: Expr): boolean {
  if (value.k === 'bool' || (value.k === 'unary' && value.op === '!')) return true
  if (value.k === 'member') return value.name === 'ok'
  if (value.k === 'binary') return comparisons.has(value.op) || isLogic(value)
  return value.k === 'call' && isBooleanCall(value)
}

function isLogic({ op, left, right }: Extract<Expr, { k: 'binary' }>): boolean {
  return ['&&', '||'].includes(op) && isBoolean(left) && isBoolean(right)
}

function isBooleanCall({ of, optional }: Extract<Expr, { k: 'call' }>): boolean {
  if (of.k === 'id') return of.name === 'Boolean'
  if (of.k === 'import') return of.name === 'isDeepStrictEqual'
  if (of.k === 'snippet') return of.name === 'checkAll'
  if (of.k !== 'member' && of.k !== 'index') return false
  const name = of.k === 'member' ? of.name : of.at.k === 'str' ? of.at.value : ''
  return tests.has(name) && optional !== true && of.optional !== true
}
