import { type Frame, apiOf } from '../frame.ts'
import { type Fn, type Node, dotted, isFn, keyOf, namesOf, stringOf } from '../syntax.ts'

/** What a script does with a WebSocket connection. */
export interface Handlers {
  /** The statements that run when the connection is open, in groups of consecutive statements. */
  opened: Node[][]
  messages: Fn[]
  closed: Fn[]
  intervals: Timer[]
  timeouts: Timer[]
  /** Statements that register handlers without a counterpart. */
  others: Node[]
}

/** A function that runs once after a delay, or repeatedly at an interval. */
export interface Timer {
  fn: Fn
  ms: Node
}

export function noHandlers(): Handlers {
  return { opened: [], messages: [], closed: [], intervals: [], timeouts: [], others: [] }
}

/** Sorts the statements of a function that receives a connection. Also finds handlers inside the handler of `open`. */
export function sortStatements(nodes: readonly Node[], name: string, into: Handlers, frame: Frame): void {
  let isTogether = false
  for (const node of nodes) {
    const isHandler = sortHandler(node, name, into, frame)
    if (isHandler) isTogether = false
    else {
      if (isTogether) into.opened.at(-1)?.push(node)
      else into.opened.push([node])
      isTogether = true
    }
  }
}

/** Adds the handler or the timer that a statement registers. Returns true if the statement registers a handler, starts a timer or stops a timer. */
export function sortHandler(node: Node, name: string, into: Handlers, frame: Frame): boolean {
  const listener = listenerIn(node, name)
  if (listener) {
    sortListener(listener, name, into, frame)
    return true
  }
  const timer = timerIn(node, name, frame)
  if (timer) into[timer.kind].push(timer)
  return timer !== null || isCleared(node)
}

interface Listener {
  event: string
  fn: Node
  node: Node
}

/** Recognises `socket.on('open', fn)`, `socket.addEventListener('open', fn)` or `socket.onopen = fn`. */
function listenerIn(node: Node, name: string): Listener | null {
  const of = node.type === 'ExpressionStatement' ? node.expression : null
  if (of?.type === 'AssignmentExpression') {
    const [, event] = new RegExp(`^${name.replaceAll('$', '\\$')}\\.on(\\w+)$`).exec(dotted(of.left)) ?? []
    return event === undefined ? null : { event, fn: of.right, node }
  }
  if (of?.type !== 'CallExpression') return null
  const called = dotted(of.callee)
  const [event, fn] = of.arguments
  const text = stringOf(event)
  const isListener = called === `${name}.on` || called === `${name}.addEventListener`
  return isListener && text !== null && fn ? { event: text, fn, node } : null
}

function sortListener({ event, fn, node }: Listener, name: string, into: Handlers, frame: Frame): void {
  if (!isFn(fn)) into.others.push(node)
  else if (event === 'open') sortStatements(statementsOf(fn), name, into, frame)
  else if (event === 'message' || event === 'binaryMessage') into.messages.push(fn)
  else if (event === 'close') into.closed.push(fn)
  else into.others.push(node)
}

/** Returns the statements of a function. For an arrow function with an expression, returns this expression as the only statement. */
export function statementsOf({ body }: Fn): Node[] {
  if (body.type === 'BlockStatement') return body.body
  return [{ type: 'ExpressionStatement', expression: body, start: body.start, end: body.end }]
}

/** Recognises `socket.setInterval(fn, ms)` or `setTimeout(fn, ms)`, even if a constant holds the result. */
function timerIn(node: Node, name: string, frame: Frame): (Timer & { kind: 'intervals' | 'timeouts' }) | null {
  const [only, more] = node.type === 'VariableDeclaration' ? node.declarations : []
  const of = node.type === 'ExpressionStatement' ? node.expression : more ? null : only?.init
  if (of?.type !== 'CallExpression') return null
  const called = apiOf(of.callee, frame)?.replace(/^k6\/timers\./, '') ?? dotted(of.callee)
  const kind = called.replace(`${name}.`, '')
  const [fn, ms] = of.arguments
  if ((kind !== 'setInterval' && kind !== 'setTimeout') || !isFn(fn) || !ms) return null
  return { kind: kind === 'setInterval' ? 'intervals' : 'timeouts', fn, ms }
}

/** Returns true if a statement stops a timer, such as `clearInterval(timer)`. In burst, timers stop when the connection closes. */
export function isCleared(node: Node): boolean {
  const of = node.type === 'ExpressionStatement' ? node.expression : null
  return of?.type === 'CallExpression' && /^(?:\w+\.)?clear(?:Interval|Timeout)$/.test(dotted(of.callee))
}

/** Returns the name of the event parameter in a message handler; null if the handler has no parameter. */
export function eventName(fn: Fn): { name: string; isData: boolean } | null {
  const [param] = fn.params
  if (param?.type === 'Identifier') return { name: param.name, isData: false }
  const [name] = param ? namesOf(param) : []
  return name === undefined ? null : { name, isData: true }
}

/** Returns true if the code closes the connection. */
export function closes(node: Node, name: string): boolean {
  const of = node.type === 'ExpressionStatement' ? node.expression : null
  return of?.type === 'CallExpression' && keyOf(of.callee) === 'close' && dotted(of.callee).startsWith(`${name}.`)
}
