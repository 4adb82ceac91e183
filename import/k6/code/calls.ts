import { type Expr, arrow, awaited, call, id, member, method, self } from '../../scenario/code.ts'
import { awaits } from '../../scenario/walk.ts'
import { type Frame, apiOf, constantOf, isLost, lost, translate } from '../frame.ts'
import { pageRequest } from '../html/forms.ts'
import { selectionCall } from '../html/reads.ts'
import { parsedBody, responseCall, withBody } from '../http/responses.ts'
import { type Node, dotted, isFn, keyOf } from '../syntax.ts'
import { apiCall, digestOf, metricCall } from './apis.ts'
import { pushedRequest } from '../http/batch.ts'
import { socketCall } from '../sockets/calls.ts'
import { fnExpr } from './functions.ts'
import { isMethodCall, madeClass } from '../objects/reading.ts'
import { kindOf, mayBeMissing } from './kinds.ts'
import { ownMember, ownName } from './names.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

export function callExpr(node: Call, frame: Frame): Expr {
  const feed = [...frame.module.feeds.values()].find(({ draws }) => draws.has(node))
  if (feed) return method(feed.value, 'next')
  const own = frame.module.apis?.call(node, frame)
  if (own) return own
  const special = socketCall(node, frame) ?? pageCall(node, frame)
  if (special) return special
  const api = apiOf(node.callee, frame)
  if (api !== null) return apiCall(api, node, frame)
  return (
    fileCall(node, frame) ??
    metricCall(node, frame) ??
    parsedBody(node, frame) ??
    responseCall(node, frame) ??
    functionCall(node, frame) ??
    plainCall(node, frame)
  )
}

/** Translates a call that submits a form, follows a link, or reads elements of a page. */
function pageCall(node: Call, frame: Frame): Expr | null {
  const pending = pageRequest(node, frame)
  if (!pending) return selectionCall(node, frame)
  if (isLost(pending)) return pending
  return awaited(frame.folded.get(node) === 'bare' ? pending : withBody(pending))
}

/** `open('file')` */
function fileCall(node: Call, frame: Frame): Expr | null {
  return dotted(node.callee) === 'open' && !frame.scope.has('open') ? openExpr(node, frame) : null
}

/** Returns code that reads a file from the folder of the script. The code runs when the scenario is loaded. */
function openExpr(node: Call, frame: Frame): Expr {
  const [path, mode] = node.arguments
  if (!path || path.type === 'SpreadElement' || frame.mode !== 'module')
    return lost(node, frame, 'burst can read a file only while it loads the script')
  const given = translate(path, frame)
  const { prefix } = frame.module
  const parts: Expr[] = prefix === '' ? [given] : [{ k: 'str', value: prefix }, given]
  const here = member(id('import.meta'), 'dirname')
  const whole = call({ k: 'import', name: 'join', from: 'node:path' }, here, ...parts)
  const read: Expr = { k: 'import', name: 'readFileSync', from: 'node:fs' }
  const text: Expr[] = mode ? [] : [{ k: 'str', value: 'utf8' }]
  return call(read, whole, ...text)
}

export function argumentsOf(nodes: readonly Node[], frame: Frame): Expr[] {
  return nodes.map((node) =>
    node.type === 'SpreadElement' ? { k: 'spread', of: translate(node.argument, frame) } : translate(node, frame),
  )
}

/** Translates a call of a function of the script. */
function functionCall(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  if (callee.type !== 'Identifier') return null
  const local = frame.scope.get(callee.name)
  if (local) {
    const made = call(local.expr, ...argumentsOf(node.arguments, frame))
    return local.isAsync ? awaited(made) : made
  }
  const { functions, members, asyncs } = frame.module
  if (!functions.has(callee.name)) return null
  const made = called(callee.name, argumentsOf(node.arguments, frame), { frame, isMember: members.has(callee.name) })
  return asyncs.has(callee.name) && functions.get(callee.name)?.generator !== true ? awaited(made) : made
}

function called(name: string, args: readonly Expr[], { frame, isMember }: { frame: Frame; isMember: boolean }): Expr {
  if (!isMember) return call(translate({ type: 'Identifier', name } as Node, frame), ...args)
  if (frame.mode === 'user') return method(self, ownMember(name), ...args)
  frame.module.hooked.add(name)
  return call(id(ownName(name)), id('run'), ...args)
}

const inOrder = new Set(['map', 'flatMap'])
const synchronous = new Set(['filter', 'some', 'every', 'find', 'findIndex', 'reduce', 'sort', 'forEach'])

function plainCall(node: Call, frame: Frame): Expr {
  const { callee } = node
  if (callee.type === 'Super') return superCall(node, frame)
  if (callee.type === 'ImportExpression') return lost(node, frame)
  const special = specialCall(node, frame)
  if (special) return special
  const args = isOnBatch(callee, frame) ? callbacksOf(node.arguments, frame) : argumentsOf(node.arguments, frame)
  const name = callee.type === 'MemberExpression' ? (keyOf(callee) ?? '') : ''
  const [first] = args
  const isAsync = first?.k === 'arrow' && first.async === true && isFn(node.arguments[0]) && !node.arguments[0].async
  if (isAsync && synchronous.has(name)) return lost(node, frame, `${name}() cannot wait for requests`)
  const of = translate(callee, frame)
  const made = calledWith(node, { of, args }, frame)
  if (isMethodCall(node, frame.module.asyncMethods, frame)) return awaited(made)
  return isAsync && inOrder.has(name) ? awaited(method(id('Promise'), 'all', made)) : made
}

function calledWith(node: Call, { of, args }: { of: Expr; args: Expr[] }, frame: Frame): Expr {
  const users = userArgs(madeClass(node, frame.module), frame)
  const optional = node.optional ? { optional: true } : {}
  return { k: 'call', of, args: [...users, ...givenTo(node, args, frame)], ...optional }
}

/**
 * Some objects keep a reference to the user, so only the code of a user can create these objects. If other code creates such an object, returns a
 * placeholder. Otherwise, returns null.
 */
export function ofUserInHook(node: Node, frame: Frame): Expr | null {
  const isOfUser = frame.mode !== 'user' && frame.module.userClasses.has(madeClass(node, frame.module))
  return isOfUser
    ? lost(node, frame, 'only the code of a user can create this object, because the object sends requests')
    : null
}

/** Translates `super(…)`. */
function superCall(node: Call, frame: Frame): Expr {
  if (frame.ofClass === undefined) return lost(node, frame)
  return call({ k: 'super' }, ...userArgs(frame.ofClass, frame), ...argumentsOf(node.arguments, frame))
}

/** Returns the user as an argument, if objects of the class keep a reference to the user. */
export function userArgs(name: string, { module }: Frame): Expr[] {
  return module.userClasses.has(name) ? [self] : []
}

function specialCall(node: Call, frame: Frame): Expr | null {
  const found = pushedRequest(node, frame) ?? ofUserInHook(node, frame)
  // A class of the script may have methods with the names that `objectCall` translates.
  return found ?? (frame.module.methods.has(keyOf(node.callee) ?? '') ? null : objectCall(node, frame))
}

/** Translates `digest(…)` of a hash, `body()` of a form, and `append(…)` and `set(…)` of URL parameters. Returns null for any other call. */
function objectCall({ callee, arguments: args }: Call, frame: Frame): Expr | null {
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super') return null
  const key = keyOf(callee) ?? ''
  if (key === 'digest' && args.length < 2) return digestOf(translate(callee.object, frame), argumentsOf(args, frame)[0])
  // The `FormData` of jslib has a method that returns the bytes of the form. In burst, the form itself is the body.
  if (key === 'body' && args.length === 0) return translate(callee.object, frame)
  const isQuery = /^(?:append|set)$/.test(key) && args.length === 2 && isQueryOf(callee.object, frame)
  if (!isQuery) return null
  const [name, value] = argumentsOf(args, frame)
  if (!name || !value) return null
  const text = value.k === 'str' || value.k === 'template' ? value : call(id('String'), value)
  return method(
    objectOf(callee.object, frame),
    key,
    name,
    value.k === 'num' ? { k: 'str', value: String(value.value) } : text,
  )
}

/** Returns true for `url.searchParams` and for `new URLSearchParams()`. */
function isQueryOf(node: Node, frame: Frame): boolean {
  if (keyOf(node) === 'searchParams') return true
  const init = constantOf(node, frame)
  return init?.type === 'NewExpression' && dotted(init.callee) === 'URLSearchParams'
}

function givenTo(node: Call, args: readonly Expr[], frame: Frame): Expr[] {
  return isTogether(node.callee) ? args.map(withoutAwaits) : typedCallbacks(node, args, frame)
}

/** Returns true for `Promise.all` and the other functions that wait for several promises. */
function isTogether(callee: Node): boolean {
  return /^Promise\.(?:all|allSettled|any|race)$/.test(dotted(callee))
}

/** Removes `await` from the items of the list, so that the calls in the list run at the same time. */
function withoutAwaits(list: Expr): Expr {
  if (list.k !== 'array') return list
  return { ...list, items: list.items.map((item) => (item.k === 'await' ? item.of : item)) }
}

/** Returns true for a method call on the list of a batch's responses, such as `responses.map(…)`. */
function isOnBatch(callee: Node, frame: Frame): boolean {
  return (
    callee.type === 'MemberExpression' &&
    callee.object.type !== 'Super' &&
    kindOf(callee.object, frame) === 'responses' &&
    keyOf(callee) !== 'reduce'
  )
}

/** Translates arguments. If an argument is a function, its first parameter is treated as a response. */
function callbacksOf(nodes: readonly Node[], frame: Frame): Expr[] {
  return nodes.flatMap((node) =>
    isFn(node) ? [fnExpr(node, frame, { params: ['response'] })] : argumentsOf([node], frame),
  )
}

/**
 * Removes the types of callback parameters, because TypeScript infers these types from the method. Keeps the types if the method has the type `any`.
 */
function typedCallbacks(node: Call, args: readonly Expr[], frame: Frame): Expr[] {
  const { callee } = node
  const isTyped =
    callee.type === 'MemberExpression' &&
    callee.object.type !== 'Super' &&
    ['plain', 'responses'].includes(kindOf(callee.object, frame))
  return args.map((arg, index) => {
    const given = node.arguments[index]
    if (arg.k !== 'arrow' || !isTyped || !given || !isFn(given)) return arg
    return {
      ...arg,
      params: arg.params.map(({ type, ...rest }) => (rest.rest && type !== undefined ? { ...rest, type } : rest)),
    }
  })
}

/** Returns the object of a member access. Adds `!` if TypeScript treats the object as possibly null or undefined. */
export function objectOf(node: Node, frame: Frame): Expr {
  const of = translate(node, frame)
  return mayBeMissing(node, frame) ? { k: 'present', of } : of
}

/** Translates a function of the script that is used as a value. */
export function functionValue(name: string, frame: Frame): Expr {
  if (!frame.module.members.has(name)) return id(ownName(name))
  const fn = frame.module.functions.get(name)
  const params = (fn?.params ?? []).map((_, index) => `value${index + 1}`)
  const made = called(name, params.map(id), { frame, isMember: true })
  return {
    ...arrow(
      params.map((param) => ({ name: param, type: 'any' })),
      made,
    ),
    ...(awaits(made) && { async: true }),
  }
}
