import type { Socket } from 'node:net'
import { nextTick, performance } from '../../../../guard/built-ins.ts'
import type { buildConnector } from 'undici'
import makeConnector from 'undici/lib/core/connect.js'
import { Dial, type Dialled } from './dial.ts'
import { noDescriptorLeft, socketBudget } from './descriptors.ts'
import { type Guard, Hosts } from './hosts.ts'
import { Wire } from './wire.ts'

/** How long each phase of setting up one connection took; null: the phase did not happen (an address needs no DNS, plain HTTP no TLS). */
export interface ConnectPhases {
  startedMs: number
  dnsMs: number | null
  connectMs: number | null
  tlsMs: number | null
  /** When the connection was usable; 0 before that. */
  readyMs: number
}

export type Connector = buildConnector.connector

/** One connection that is being made, and its socket. */
export class Connecting {
  readonly phases: ConnectPhases = {
    startedMs: performance.now(),
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    readyMs: 0,
  }
  /** Null until the socket is connected. */
  wire: Wire | null = null
  aborted = false
  dial: Dial | null = null
  /** Releases the place that the connection has in the budget; null if it has none. */
  place: (() => void) | null = null
  /** The socket while TLS is being set up. */
  securing: Socket | null = null
  #markMs = this.phases.startedMs

  /** Gives the connection up. Without this, a host that does not answer would occupy a descriptor for minutes. */
  abort(): void {
    this.aborted = true
    this.dial?.abort()
    if (!this.wire) this.securing?.destroy()
    this.leavePlace()
  }

  leavePlace(): void {
    const { place } = this
    this.place = null
    place?.()
  }

  /** Milliseconds since the last call, or since the start. */
  lap(): number {
    const nowMs = performance.now()
    const tookMs = nowMs - this.#markMs
    this.#markMs = nowMs
    return tookMs
  }

  ready(): void {
    this.phases.readyMs = this.#markMs
  }
}

/** An owner of connections, some of which may be idle. */
export interface IdleOwner {
  /**
   * Closes an idle connection.
   * @returns whether there was an idle connection
   */
  closeIdle(): boolean
}

/** Opens connections and measures each phase. */
export class ConnectionMaker {
  /** Connections that are open or opening. */
  sockets = 0
  /** Connections that are open, opening, or waiting for DNS; at most `budget`. */
  #places = 0
  /** How many idle connections were closed because others needed their descriptors. */
  closedEarly = 0
  readonly #hosts: Hosts
  readonly #targets: Guard
  readonly #secure: Connector
  /** How many connections may be open at once. */
  readonly budget: number
  readonly #owners = new Set<IdleOwner>()

  constructor(targets: Guard, budget = socketBudget()) {
    this.#targets = targets
    this.budget = budget
    this.#hosts = new Hosts(targets)
    // HTTP/1.1 only: one user, one connection, one request at a time. The request's own timeout covers connecting.
    this.#secure = makeConnector({ allowH2: false, timeout: 0 })
  }

  /** A connector for one undici Client. `begun` receives each connection that is being made. */
  connectorFor(begun: (connecting: Connecting) => void): Connector {
    return (options, callback) => {
      const connecting = new Connecting()
      begun(connecting)
      const refusal = this.#targets.refusal(options.hostname) ?? this.#reserve(connecting)
      if (refusal) {
        nextTick(callback, refusal, null)
        return
      }
      this.#connect(connecting, options, (...[error, socket]) => {
        if (error) connecting.leavePlace()
        if (error) callback(error, null)
        else callback(null, socket)
      })
    }
  }

  /** Registers an owner whose idle connections may be closed when descriptors run out. The owner that was registered last is asked last. */
  enlist(owner: IdleOwner): void {
    this.#owners.delete(owner)
    this.#owners.add(owner)
  }

  forget(owner: IdleOwner): void {
    this.#owners.delete(owner)
  }

  /**
   * Reserves a place, if necessary by closing an idle connection.
   * @returns an error when there is no place
   */
  #reserve(connecting: Connecting): Error | undefined {
    if (this.#places >= this.budget) {
      if (!this.#closeIdle()) return noDescriptorLeft()
      this.closedEarly++
    }
    this.#places++
    connecting.place = this.#further.giveBack
    return undefined
  }

  readonly #further = {
    take: (): boolean => {
      if (this.#places >= this.budget) return false
      this.#places++
      return true
    },
    giveBack: (): void => void this.#places--,
  }

  /** Asks the owners in turn, so that one owner does not lose all its idle connections. */
  #closeIdle(): boolean {
    for (const owner of this.#owners) {
      if (!owner.closeIdle()) continue
      this.enlist(owner)
      return true
    }
    return false
  }

  #connect(connecting: Connecting, options: buildConnector.Options, callback: buildConnector.Callback): void {
    const { hostname, protocol } = options
    this.#hosts.find(hostname, (error, addresses, looked) => {
      if (looked) connecting.phases.dnsMs = connecting.lap()
      if (error || connecting.aborted) return callback(error ?? new Error('given up'), null)
      const port = Number(options.port) || (protocol === 'https:' ? 443 : 80)
      const attemptDelayMs = this.#hosts.attemptDelayMs(hostname)
      const input = { addresses, port, attemptDelayMs, opened: this.#opened, further: this.#further }
      connecting.dial = new Dial(input, (failure, dialled) => {
        // Drops what was only needed to connect, because an idle user keeps its connection.
        connecting.dial = null
        if (failure) return callback(failure, null)
        this.#stands(connecting, dialled as Dialled, options, callback)
      })
    })
  }

  // oxlint-disable-next-line max-params -- what undici asked for, and what has come of it
  #stands(
    connecting: Connecting,
    dialled: Dialled,
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): void {
    const { phases } = connecting
    dialled.socket.once('close', () => connecting.leavePlace())
    phases.connectMs = connecting.lap()
    this.#hosts.learn(options.hostname, dialled)
    if (options.protocol !== 'https:') {
      connecting.ready()
      connecting.wire = new Wire(dialled.socket)
      callback(null, dialled.socket)
      return
    }
    // undici's types do not declare the socket that its connector returns at once.
    const secured = this.#secure({ ...options, httpSocket: dialled.socket }, (...[error, socket]) => {
      connecting.securing = null
      if (error) return callback(error, null)
      connecting.wire = new Wire(socket)
      callback(null, socket)
    }) as unknown as Socket
    connecting.securing = secured
    dialled.socket.on('error', (error) => secured.destroy(error))
    // Registered before undici's own listeners, which start the request.
    secured.prependOnceListener('secureConnect', () => {
      phases.tlsMs = connecting.lap()
      connecting.ready()
    })
  }

  readonly #opened = (socket: Socket): void => {
    this.sockets++
    socket.once('close', () => this.sockets--)
  }
}
