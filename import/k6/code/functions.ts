import { type Expr, type Param, type Stmt, id } from '../../scenario/code.ts'
import { awaits } from '../../scenario/walk.ts'
import { type Binding, type FnHints, type Frame, type Kind, lost, translate } from '../frame.ts'
import { booleanOf } from '../http/checks.ts'
import { hostOf } from '../http/host.ts'
import { type Fn, type Mention, type Node, isFn, keyOf, namesOf, walkNodes } from '../syntax.ts'
import { ownName, patternOf } from './names.ts'

/**
 * Returns the declared result type of a function. The type is `any` if the function returns a list such as `[a, b]`, because callers use the items of
 * such a list separately. All other functions get no declared type.
 */
export function resultType(fn: Fn, isAsync: boolean): { returns?: string } {
  let hasTuple = false
  walkNodes(fn.body, (node) => {
    if (node.type === 'ReturnStatement')
      hasTuple ||= node.argument?.type === 'ArrayExpression' && node.argument.elements.length > 1
    return !isFn(node)
  })
  return hasTuple ? { returns: isAsync ? 'Promise<any>' : 'any' } : {}
}

export interface FnParts {
  params: Param[]
  body: Stmt[]
  /** The value of a function whose body is an expression; null for a function whose body is a block. */
  value: Expr | null
}

/** Returns the parameters and the body of a function. */
export function fnParts(node: Fn, frame: Frame, hints: FnHints = {}): FnParts {
  const scope = new Map(frame.scope)
  const params = node.params.map((param, index) => paramOf(param, { node, index, scope, frame, hints }))
  const inner: Frame = { ...frame, scope }
  if (node.body.type !== 'BlockStatement') {
    const value = translate(node.body, inner)
    return { params, body: [], value: hints.isTest ? booleanOf(value) : value }
  }
  const body = frame.module.translator.block(node.body.body, inner, node.body)
  return { params, body: hints.isTest ? body.map(testReturns) : body, value: null }
}

interface ParamPlace {
  node: Fn
  index: number
  scope: Map<string, Binding>
  frame: Frame
  hints: FnHints
}

/** Returns the default value of a parameter. */
function standardValue(node: Node, frame: Frame): Expr {
  const value = translate(node, frame)
  return frame.ofClass !== undefined ? hostOf(node, value, frame) : value
}

function paramOf(param: Node, { node, index, scope, frame, hints }: ParamPlace): Param {
  const hint = hints.params?.[index]
  if (param.type === 'AssignmentPattern') {
    const inner = paramOf(param.left, { node, index, scope, frame, hints: { params: ['plain'] } })
    return { ...inner, value: standardValue(param.right, frame) }
  }
  if (param.type === 'RestElement') {
    for (const name of namesOf(param)) scope.set(name, { expr: id(ownName(name)), kind: 'any' })
    return { name: patternOf(param.argument) ?? 'rest', rest: true, type: 'any[]' }
  }
  const names = namesOf(param)
  const pattern = patternOf(param, (one) => translate(one, frame))
  if (pattern === null) {
    const expr = lost(param, frame, 'write this pattern as several variables')
    for (const name of names) scope.set(name, { expr, kind: 'lost' })
    return { name: `value${index + 1}`, type: 'any' }
  }
  const kind = hint ?? (param.type === 'Identifier' ? kindOfParam(param.name, node, frame) : 'any')
  const page = index === 0 && hints.page ? { page: hints.page } : {}
  for (const name of names)
    scope.set(name, { expr: id(ownName(name)), kind: param.type === 'Identifier' ? kind : 'any', ...page })
  const type = hint === undefined ? { type: kind === 'response' ? 'Response' : 'any' } : {}
  return { name: pattern, ...type }
}

const responseName = /^(?:r|res|resp|response)$|(?:Res|Resp|Response)$/
const ofResponses = new Set(['status', 'timings', 'json', 'body', 'headers', 'html'])

/** Returns the kind of a parameter. A parameter is treated as a response if both its name and its uses suggest a response. */
function kindOfParam(name: string, node: Fn, { module }: Frame): Kind {
  if (!responseName.test(name)) return 'any'
  const mentions: Mention[] = module.mentions.within(name, node.body)
  const isUsed = mentions.some(
    ([, parent]) =>
      (parent?.type === 'MemberExpression' && ofResponses.has(keyOf(parent) ?? '')) ||
      (parent?.type === 'CallExpression' && parent.arguments.length >= 2),
  )
  return isUsed ? 'response' : 'any'
}

/** Converts returned values to booleans. */
function testReturns(stmt: Stmt): Stmt {
  if (stmt.k === 'return') return { k: 'return', of: stmt.of ? booleanOf(stmt.of) : { k: 'bool', value: false } }
  if (stmt.k === 'if') return { ...stmt, yes: stmt.yes.map(testReturns), no: stmt.no.map(testReturns) }
  if (stmt.k === 'for' || stmt.k === 'while' || stmt.k === 'loop') return { ...stmt, body: stmt.body.map(testReturns) }
  if (stmt.k !== 'try') return stmt
  return { ...stmt, body: stmt.body.map(testReturns), caught: stmt.caught?.map(testReturns) ?? null }
}

/**
 * Translates a function to an arrow function. If `hints.isTest` is true, the arrow function is never async. Otherwise, the arrow function is async in
 * three cases: the function is async, the translated code awaits something, or `hints.isAsync` is true.
 */
export function fnExpr(node: Fn, frame: Frame, hints: FnHints = {}): Expr {
  const { params, body, value } = fnParts(node, frame, hints)
  const isAsync = (node.async || hints.isAsync || awaits(value ?? body)) && !hints.isTest
  return { k: 'arrow', params, body: value ?? body, ...(isAsync && { async: true }) }
}
