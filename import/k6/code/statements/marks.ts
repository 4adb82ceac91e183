import { type Expr, type LoopVariable, type Stmt, absent, snippet } from '../../../scenario/code.ts'
import { type Frame, constantOf, isLost, mentionsLost, note, requestMethod, translate, whyLost } from '../../frame.ts'
import { some } from '../../../scenario/walk.ts'
import { type Node, isFn, namesOf, walkNodes } from '../../syntax.ts'
import { kindOf } from '../kinds.ts'

type Of<T extends Node['type']> = Extract<Node, { type: T }>

const simple = new Set(['ExpressionStatement', 'VariableDeclaration', 'ReturnStatement', 'ThrowStatement'])

/** Adds a comment for each request in code that is left out. */
export function notSent(nodes: readonly (Node | null | undefined)[], frame: Frame): Stmt[] {
  for (const node of nodes) {
    if (!node) continue
    walkNodes(node, (one) => {
      if (requestMethod(one, frame) !== null) note(one, frame, 'this request is not sent')
    })
  }
  return []
}

/** Returns true if a value is the list of the responses of a batch. */
export function isList(node: Node, frame: Frame): boolean {
  const value = constantOf(node, frame) ?? node
  const call = value.type === 'AwaitExpression' ? value.argument : value
  return (
    call.type === 'CallExpression' &&
    kindOf(call, frame) === 'responses' &&
    call.arguments[0]?.type === 'ArrayExpression'
  )
}

/** Returns true if a node calls a generator function that sends requests. */
export function isAsyncGenerator(node: Node, { module, scope }: Frame): boolean {
  const name = node.type === 'CallExpression' && node.callee.type === 'Identifier' ? node.callee.name : ''
  return !scope.has(name) && module.asyncs.has(name) && module.functions.get(name)?.generator === true
}

/** Returns the variable that a statement declares at the beginning of a loop, such as `n = 3` in `for (let i = 0, n = 3; …)`. */
export function variableOf(stmt: Stmt): LoopVariable | null {
  return stmt.k === 'var' && typeof stmt.name === 'string' && stmt.value ? { name: stmt.name, value: stmt.value } : null
}

/** Returns true if a loop iterates over the responses of a batch. */
export function isOverBatch(node: Of<'ForOfStatement'> | Of<'ForInStatement'>, frame: Frame): boolean {
  return node.type === 'ForOfStatement' && kindOf(node.right, frame) === 'responses'
}

/**
 * Writes a constant string with a type assertion, as in `'a' as string`. Without this assertion, TypeScript would refuse to compare the constant with
 * other strings.
 */
export function discriminantOf(node: Node, frame: Frame): Expr {
  const of = translate(node, frame)
  return of.k === 'str' ? { k: 'as', of, type: 'string' } : of
}

/**
 * Returns true for a simple statement. If a part of a simple statement has no counterpart, the whole statement is left out. A call that has a
 * function or an object literal as an argument is not a simple statement, so only the part without a counterpart is left out.
 */
export function isSimple(node: Node): boolean {
  const { expression: of } = node as { expression?: Node }
  const isKept =
    of?.type === 'CallExpression' && of.arguments.some((one) => isFn(one) || one.type === 'ObjectExpression')
  return simple.has(node.type) && !isKept
}

/**
 * Returns true for a call if the called function or an argument of the call has no counterpart. Ignores arguments that are functions or object
 * literals.
 */
export function isOfLost(node: Node, frame: Frame): boolean {
  const of = node.type === 'ExpressionStatement' ? node.expression : null
  if (of?.type !== 'CallExpression') return false
  return [of.callee, ...of.arguments].some(
    (one) => !isFn(one) && one.type !== 'ObjectExpression' && mentionsLost(one, frame),
  )
}

/** Returns true if the expression reads a member of a value without a counterpart, or calls such a value. */
export function usesLost(one: Expr | Stmt): boolean {
  return (one.k === 'member' || one.k === 'index' || one.k === 'call' || one.k === 'new') && isLost(one.of)
}

/**
 * Handles a statement that passes values without a counterpart to functions of the script, and does not use these values elsewhere. The functions may
 * send requests, so the statement must be translated. Returns a frame with a placeholder for each of the values. Returns null for all other
 * statements.
 */
export function passingFrame(node: Node, frame: Frame): Frame | null {
  const { module, scope } = frame
  const passed = new Set<Node>()
  walkNodes(node, (one) => {
    const isOwn =
      one.type === 'CallExpression' && one.callee.type === 'Identifier' && module.asyncs.has(one.callee.name)
    if (isOwn) for (const arg of one.arguments) if (arg.type === 'Identifier') passed.add(arg)
  })
  const inner = new Map(scope)
  let isPassed = passed.size > 0
  walkNodes(node, (one) => {
    if (one.type !== 'Identifier' || !mentionsLost(one, frame)) return
    isPassed &&= passed.has(one)
    inner.set(one.name, { expr: snippet('untranslated'), kind: 'any' })
  })
  if (!isPassed) return null
  note(node, frame, whyLost(node, frame))
  return { ...frame, scope: inner }
}

/** Omits a statement. If the statement declares variables, records that these variables have no counterpart. */
export function dropped(node: Node, frame: Frame): Stmt[] {
  note(node, frame, whyLost(node, frame))
  const names = node.type === 'VariableDeclaration' ? node.declarations.flatMap(({ id }) => namesOf(id)) : []
  for (const name of names) frame.scope.set(name, { expr: { k: 'id', name }, kind: 'lost' })
  return frame.before
}

export function yieldStmt({ argument, delegate }: Of<'YieldExpression'>, frame: Frame): Stmt {
  return { k: 'yield', of: argument ? translate(argument, frame) : absent, ...(delegate && { all: true }) }
}

/**
 * Replaces each member and each call of a value without a counterpart with the placeholder of this value. Does not copy the other parts of the
 * statement, because later steps change the addresses of requests in these parts.
 */
export function collapsed<T>(piece: T): T {
  if (typeof piece !== 'object' || piece === null) return piece
  const entries = Object.entries(piece) as [string, unknown][]
  const made = entries.map(([key, one]) => [key, collapsed(one)] as const)
  const isChanged = made.some(([, one], index) => one !== entries[index]?.[1])
  const whole = isChanged
    ? ((Array.isArray(piece) ? made.map(([, one]) => one) : Object.fromEntries(made)) as T)
    : piece
  return usesLost(whole as Expr) ? (whole as { of: T }).of : whole
}

/** Leaves out an empty branch. If all branches contain only comments, also leaves out a condition that has no effect. */
export function ifStmts(test: Expr, yes: readonly Stmt[], no: readonly Stmt[]): Stmt[] {
  const isPlain = !some(test, ({ k }) => k === 'await' || k === 'assign' || k === 'postfix')
  if (isPlain && [...yes, ...no].every(({ k }) => k === 'comment')) return [...yes, ...no]
  if (yes.length > 0 || no.length === 0) return [{ k: 'if', test, yes, no }]
  return [{ k: 'if', test: { k: 'unary', op: '!', of: test }, yes: no, no: [] }]
}

/** Returns true for a `while` loop without statements, and adds a TODO comment for this loop. k6 scripts use such a loop as a pause. */
export function isBusy({ body }: Of<'WhileStatement'>, frame: Frame): boolean {
  const isEmpty = body.type === 'EmptyStatement' || (body.type === 'BlockStatement' && body.body.length === 0)
  if (isEmpty) note(body, frame, 'this loop would stop all users of the worker; write await this.sleep(…)')
  return isEmpty
}
