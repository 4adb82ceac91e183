import asyncHooks, { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import dns from 'node:dns'
import events, { EventEmitter } from 'node:events'
import http, { Agent, ClientRequest, IncomingMessage, OutgoingMessage } from 'node:http'
import https from 'node:https'
import net, { Socket } from 'node:net'
import stream, { Duplex, Readable, Stream, Transform, Writable } from 'node:stream'
import timers from 'node:timers'
import tls, { TLSSocket } from 'node:tls'
import { MessagePort } from 'node:worker_threads'
import { few } from '../../core/words.ts'
import { type Known, isAsItWas, isCode, known, prototypeOf } from './built-in-guard.ts'

const modules = { async_hooks: asyncHooks, dns, events, http, https, net, stream, timers, tls }
const signal = prototypeOf(new AbortController().signal)

/** The prototypes of Node that the engine and its libraries use for sockets, streams, events and messages. */
const prototypes: readonly (readonly [string, object])[] = [
  ['EventEmitter', EventEmitter.prototype],
  ['EventTarget', prototypeOf(signal)],
  ['AbortSignal', signal],
  ['MessagePort', MessagePort.prototype],
  ['AsyncLocalStorage', AsyncLocalStorage.prototype],
  ['AsyncResource', AsyncResource.prototype],
  ['Stream', Stream.prototype],
  ['Readable', Readable.prototype],
  ['Writable', Writable.prototype],
  ['Duplex', Duplex.prototype],
  ['Transform', Transform.prototype],
  ['net.Socket', Socket.prototype],
  ['tls.TLSSocket', TLSSocket.prototype],
  ['http.Agent', Agent.prototype],
  ['http.ClientRequest', ClientRequest.prototype],
  ['http.IncomingMessage', IncomingMessage.prototype],
  ['http.OutgoingMessage', OutgoingMessage.prototype],
]

/**
 * Finds the members of Node that the scenario or its libraries replace, so that the report can name these members. Does not restore the members,
 * because tracing libraries, proxy libraries and mocks replace them on purpose, and would stop working. Must be created before the scenario is
 * loaded.
 */
export class NodeMembers {
  #unchanged: Known[] = [
    known(process, 'emit', 'process.emit'),
    ...Object.entries(modules).flatMap(([name, module]) => functionsOf(name, module)),
    ...prototypes.flatMap(([name, prototype]) => membersOf(prototype, `${name}.prototype.`)),
  ]

  /**
   * Returns a list with one notice. The notice names the members that were replaced since the last call. Returns an empty list if no member was
   * replaced. Each member is reported only once.
   */
  news(): string[] {
    const replaced = this.#unchanged.filter((member) => !isAsItWas(member))
    if (replaced.length === 0) return []
    this.#unchanged = this.#unchanged.filter((member) => !replaced.includes(member))
    return [inWords(replaced.map(({ name }) => name))]
  }
}

/** Returns the functions of a module. Leaves out accessors, because Node itself replaces some accessors when they are first read. */
function functionsOf(name: string, module: object): Known[] {
  return Reflect.ownKeys(module)
    .map((key) => known(module, key, `${name}.${String(key)}`))
    .filter(({ was }) => typeof was?.value === 'function')
}

/**
 * Returns the members of a prototype and the members that the prototype inherits. Code may hide an inherited member. For example, an assignment to
 * `Socket.prototype.write` hides the member `write` that sockets inherit from streams.
 */
function membersOf(prototype: object, path: string): Known[] {
  const keys = new Set<PropertyKey>()
  for (let one = prototype; one !== Object.prototype; one = prototypeOf(one)) {
    for (const key of Reflect.ownKeys(one)) if (isCode(Reflect.getOwnPropertyDescriptor(one, key))) keys.add(key)
  }
  return [...keys].map((key) => known(prototype, key, path + String(key)))
}

function inWords(names: readonly string[]): string {
  return (
    `code of the scenario or of a library replaced ${few(names)} of Node. burst does not restore members of Node, so its requests may also use the ` +
    'replacements, and may become slower or fail because of them'
  )
}
