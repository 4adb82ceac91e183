import {
  type Entry,
  type Expr,
  type Stmt,
  array,
  arrow,
  awaited,
  binary,
  call,
  constant,
  expression as statement,
  id,
  member,
  method,
  not,
  num,
  object,
  self,
} from '../../scenario/code.ts'
import { some } from '../../scenario/walk.ts'
import { continued } from '../code/statements/for-each.ts'
import { ownName } from '../code/names.ts'
import { type Frame, note, translate } from '../frame.ts'
import { type Fn, type Node, numberOf } from '../syntax.ts'
import { socketAddress, socketName, socketOptions } from './address.ts'
import { type Handlers, type Timer, closes, eventName, isCleared, statementsOf } from './handlers.ts'
import type { Session } from './sessions.ts'

/**
 * Translates a connection to statements. These statements open the connection, send the first messages, and run the code of the handlers until the
 * connection closes.
 */
export function sessionStmts(session: Session, outer: Frame): Stmt[] {
  const own = ownName(session.name)
  const scope = new Map(outer.scope)
  scope.set(session.name, { expr: id(own), kind: 'socket' })
  if (session.response !== null)
    outer.scope.set(session.response, {
      expr: id(session.response),
      kind: 'lost',
      why: 'if a connection cannot be opened, burst counts a failed request',
    })
  const frame: Frame = { ...outer, scope }
  for (const node of session.handlers.others)
    note(node, outer, 'burst itself counts lost connections and failed messages')
  const made: Stmt = constant(own, awaited(method(self, 'ws', ...openingArguments(session, frame))))
  const { handlers } = session
  const first = handlers.opened.flatMap((nodes) => blockOf(nodes, frame))
  const last = handlers.closed.flatMap((fn) =>
    blockOf(
      statementsOf(fn).filter((node) => !isCleared(node)),
      frame,
      fn.body,
    ),
  )
  const wait = waiting(handlers, { name: session.name, own, frame })
  const isUsed = some([first, wait, last], (one) => one.k === 'id' && one.name === own)
  const close: Stmt[] = isUsed ? [] : [statement(awaited(method(id(own), 'close')))]
  // If the code does not use the connection, the scenario closes it. A connection that the code uses, but does not close, stays open until the user
  // stops. k6 closes such a connection at the end of the iteration.
  return [made, ...first, ...wait, ...close, ...last]
}

function openingArguments({ url, protocols, params }: Session, frame: Frame): Expr[] {
  const { address, options } = socketAddress(url, frame, socketName(params, frame))
  const offered: Entry[] =
    protocols && !isNothing(protocols) ? [{ key: 'protocols', value: translate(protocols, frame) }] : []
  const all = [...options, ...offered, ...socketOptions(params, frame)]
  return all.length > 0 ? [address, object(all)] : [address]
}

function isNothing(node: Node): boolean {
  if (node.type === 'Literal') return node.value === null || node.value === ''
  return node.type === 'ArrayExpression'
    ? node.elements.length === 0
    : node.type === 'Identifier' && node.name === 'undefined'
}

function blockOf(nodes: readonly Node[], frame: Frame, parent?: Node): Stmt[] {
  const [first] = nodes
  const range = parent ?? { start: first?.start ?? 0, end: nodes.at(-1)?.end ?? 0 }
  return frame.module.translator.block(nodes, frame, range)
}

interface Place {
  /** The name of the connection in the script. */
  name: string
  /** The name of the connection in the scenario. */
  own: string
  frame: Frame
}

/** Reads messages and runs the timers until the connection closes. */
function waiting(handlers: Handlers, place: Place): Stmt[] {
  const { frame } = place
  const ends = handlers.timeouts.filter(({ fn }) => statementsOf(fn).some((node) => closes(node, place.name)))
  const others = handlers.timeouts.filter((timer) => !ends.includes(timer) && !onlyClears(timer, frame))
  const listen = handlers.messages.length > 0 ? [listening(handlers.messages, place)] : []
  const [end] = ends
  if (!end && handlers.intervals.length === 0 && others.length === 0) return listen
  const parts = [
    ...listen.map((loop) => ({ name: 'listen', body: [loop] })),
    ...handlers.intervals.map((timer, index) => ({ name: numbered('repeat', index), body: [repeating(timer, place)] })),
    ...others.map((timer, index) => ({ name: numbered('later', index), body: onceLater(timer, place) })),
  ]
  const functions = parts.map(({ name, body }) => constant(name, arrow([], body, true)))
  const running = parts.map(({ name }) => call(id(name)))
  if (!end) return [...functions, statement(awaited(together(running)))]
  const pause = method(self, 'sleep', seconds(end.ms, frame))
  const ending = blockOf(statementsOf(end.fn), frame, end.fn.body)
  if (running.length === 0) return [statement(awaited(pause)), ...ending]
  const race = method(id('Promise'), 'race', array([together(running), pause]))
  return [...functions, statement(awaited(race)), ...ending]
}

/** Returns true if the callback of a timer only stops other timers. A comment then says that the other timers stop when the connection closes. */
function onlyClears({ fn }: Timer, frame: Frame): boolean {
  const isOnly = statementsOf(fn).every(isCleared)
  if (isOnly) note(fn, frame, 'in burst, timers stop when the connection closes')
  return isOnly
}

function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}${index + 1}`
}

function together(running: readonly Expr[]): Expr {
  const [only] = running
  return only && running.length === 1 ? only : method(id('Promise'), 'all', array(running))
}

/** Converts a number of milliseconds in the script to seconds. */
function seconds(node: Node, frame: Frame): Expr {
  const ms = numberOf(node)
  return ms === null ? binary(translate(node, frame), '/', num(1000)) : num(ms / 1000)
}

/** Translates `for await (const message of socket)`. */
function listening(messages: readonly Fn[], { own, frame }: Place): Stmt {
  const isTaken = messages.some((fn) => eventName(fn)?.name === 'message')
  const message = isTaken ? 'received' : 'message'
  const body = messages.flatMap((fn) => messageBody(fn, message, frame))
  const name = some(body, (one) => one.k === 'id' && one.name === message) ? message : '_'
  return { k: 'for', name, of: id(own), body, isAwaited: true }
}

/** Translates the handler of a message. The parameter of the handler is the text, or an event that contains the text. */
function messageBody(fn: Fn, message: string, outer: Frame): Stmt[] {
  const event = eventName(fn)
  const scope = new Map(outer.scope)
  const text = method(id(message), 'text')
  if (event) {
    const name = ownName(event.name)
    scope.set(event.name, { expr: id(name), kind: 'plain', ...(event.isData ? {} : { message: text }) })
  }
  const body = blockOf(statementsOf(fn), { ...outer, scope }, fn.body).map(continued)
  const name = event ? ownName(event.name) : ''
  const isRead = event !== null && some(body, (one) => one.k === 'id' && one.name === name)
  return isRead ? [constant(name, text), ...body] : body
}

function isOpen(own: string): Expr {
  return member(id(own), 'open')
}

function repeating({ fn, ms }: Timer, { own, frame }: Place): Stmt {
  const body = blockOf(statementsOf(fn), frame, fn.body).map(continued)
  const leave: Stmt = { k: 'if', test: not(isOpen(own)), yes: [{ k: 'return' }], no: [] }
  return {
    k: 'while',
    test: isOpen(own),
    body: [statement(awaited(method(self, 'sleep', seconds(ms, frame)))), leave, ...body],
  }
}

function onceLater({ fn, ms }: Timer, { own, frame }: Place): Stmt[] {
  const body = blockOf(statementsOf(fn), frame, fn.body)
  const leave: Stmt = { k: 'if', test: not(isOpen(own)), yes: [{ k: 'return' }], no: [] }
  return [statement(awaited(method(self, 'sleep', seconds(ms, frame)))), leave, ...body]
}
