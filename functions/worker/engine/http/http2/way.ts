import type { Socket } from 'node:net'
import { clearTimeout, nextTick, performance, setTimeout } from '../../../../guard/built-ins.ts'
import type { Connecting, ConnectionMaker } from '../connection/connector.ts'
import { bareHost } from '../../../../../core/hosts/host-literal.ts'
import { type Opened, keepAliveMs, servernameOf } from '../connection/connections.ts'
import type { Borrower } from '../connection/lent.ts'
import type { Security } from '../connection/security.ts'
import { FailedStream } from './failed-stream.ts'
import { notHttp2 } from './faults.ts'
import { Session } from './session.ts'

/**
 * If a connection cannot be opened while other connections to the origin are open, burst opens no further connection for this time (in milliseconds).
 */
const pauseMs = 1000

export interface WayOptions {
  origin: string
  maker: ConnectionMaker
  /** Returns the TLS settings of the connections. */
  security: () => Security
  /** The maximum number of connections to the origin that are open or are being opened. */
  most: number
  /** Receives a connection whose target has chosen HTTP/1.1, and the requests that are waiting for the connection. */
  http1: (opened: Opened, waiting: Borrower[]) => void
  /** `true` if the scenario requires HTTP/2. */
  isRequired: boolean
}

/** The HTTP/2 connections to one origin, and the requests that are waiting for a place on one of these connections. */
export class Way {
  /** `true` if the requests are sent over HTTP/1.1: the target has chosen HTTP/1.1, or there is no TLS, so that the target cannot choose. */
  isHttp1 = false
  readonly #options: WayOptions
  #sessions: Session[] = []
  #waiting: Borrower[] = []
  /** The connections that are being opened. */
  readonly #opening = new Set<Connecting>()
  #pause: NodeJS.Timeout | undefined
  #isOver = false

  constructor(options: WayOptions) {
    this.#options = options
  }

  lend(borrower: Borrower, nowMs: number): void {
    this.#waiting.push(borrower)
    this.serve(nowMs)
  }

  /** Removes a waiting request. If no request is waiting any more, stops opening connections. */
  forget(borrower: Borrower): void {
    this.#waiting = this.#waiting.filter((one) => one !== borrower)
    if (this.#waiting.length === 0) this.#giveUp()
  }

  get isUnused(): boolean {
    return this.#waiting.length === 0 && this.#sessions.every(({ isIdle }) => isIdle)
  }

  /**
   * Closes an idle connection.
   * @returns whether there was an idle connection
   */
  closeIdle(): boolean {
    const idle = this.#sessions.find(({ isIdle, retired }) => isIdle && !retired)
    idle?.destroy()
    return idle !== undefined
  }

  /** Closes all connections. */
  end(): void {
    this.#isOver = true
    clearTimeout(this.#pause)
    this.#giveUp()
    for (const session of this.#sessions) session.destroy()
  }

  /** Assigns places to the waiting requests. If there are not enough places, opens more connections. */
  serve(nowMs: number): void {
    if (this.#isOver) return
    while (this.#waiting.length > 0) {
      const session = this.#sessions.find(({ hasRoom }) => hasRoom)
      if (!session) break
      this.#waiting.shift()?.lent(session.lend(), nowMs)
    }
    while (this.#mayOpen && this.#lacking > 0) this.#open()
  }

  get #usable(): Session[] {
    return this.#sessions.filter(({ retired }) => !retired)
  }

  get #mayOpen(): boolean {
    const usable = this.#usable
    return !(usable.length > 0 && this.#pause) && usable.length + this.#opening.size < this.#options.most
  }

  /**
   * The number of waiting requests for which another connection must be opened. The other waiting requests get a place on a connection that is not
   * ready yet. A connection is ready when it has received the target's settings. If no connection is ready, burst assumes that one connection accepts
   * all requests. Otherwise, burst assumes that a connection that is not ready yet accepts as many concurrent requests as a ready connection does.
   */
  get #lacking(): number {
    const usable = this.#usable
    const coming = usable.filter(({ settled }) => !settled)
    const known = usable.find(({ settled }) => settled)
    if (!known) return coming.length + this.#opening.size > 0 ? 0 : this.#waiting.length
    const limit = Math.max(1, known.limit)
    const places = coming.reduce((sum, { lent }) => sum + limit - lent, this.#opening.size * limit)
    return this.#waiting.length - places
  }

  #giveUp(): void {
    for (const one of this.#opening) one.abort()
    this.#opening.clear()
  }

  #open(): void {
    const { origin, maker } = this.#options
    const { hostname, host, protocol, port } = new URL(origin)
    const isPlain = protocol === 'http:'
    const security = this.#options.security()
    const mine: { connecting?: Connecting } = {}
    const connect = maker.connectorFor(
      (connecting) => {
        // If there is a proxy, a connection without TLS also needs a tunnel. Without a tunnel, the proxy would change the requests.
        connecting.tunnelled = isPlain
        mine.connecting = connecting
        this.#opening.add(connecting)
      },
      isPlain ? security : security.withHttp2(),
    )
    const servername = servernameOf(origin, maker.isHome(origin) ? security.servername : undefined)
    const place = { hostname: bareHost(hostname), host, protocol, port }
    connect({ ...place, ...(servername !== undefined && { servername }) }, (...[error, socket]) => {
      const { connecting } = mine
      // The connection is no longer in `#opening` if burst has abandoned it: no request is waiting for it, the target has chosen HTTP/1.1, or the
      // user has ended. The socket of an abandoned connection is destroyed.
      if (!connecting || !this.#opening.delete(connecting)) socket?.destroy()
      else if (error) this.#fail(connecting.alert ?? error)
      else this.#opened(connecting, socket)
    })
  }

  /**
   * Handles the failure of a connection. If another connection is open, the waiting requests wait for a place on it, and the next attempt to connect
   * follows after `pauseMs`. Otherwise, the first waiting request fails with the error of the connection.
   */
  #fail(error: Error): void {
    if (this.#usable.length > 0) return this.#openLater()
    this.#waiting.shift()?.lent(new FailedStream(error), performance.now())
    // For the next waiting request, a new connection is opened.
    nextTick(() => this.serve(performance.now()))
  }

  #openLater(): void {
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.serve(performance.now())
    }, pauseMs)
  }

  #failAll(error: Error): void {
    for (const borrower of this.#waiting.splice(0)) borrower.lent(new FailedStream(error), performance.now())
  }

  #opened(connecting: Connecting, socket: Socket & { alpnProtocol?: string | false | null }): void {
    const { origin, maker, isRequired, http1 } = this.#options
    if (origin.startsWith('https:') && socket.alpnProtocol !== 'h2') {
      if (!isRequired) {
        this.isHttp1 = true
        this.#giveUp()
        return http1({ connecting, socket }, this.#waiting.splice(0))
      }
      socket.destroy()
      return this.#failAll(notHttp2())
    }
    const { phases } = connecting
    const session = new Session({
      origin,
      socket,
      phases,
      keepAliveMs,
      changed: () => this.#changed(),
      spoke: (what) => maker.spoke(origin, 'HTTP/2', what),
    })
    this.#sessions.push(session)
    // The first request has waited for all phases of the connection, so the phases are recorded for this request.
    this.#waiting.shift()?.lent(session.lend(), phases.startedMs)
    this.serve(performance.now())
  }

  #changed(): void {
    this.#sessions = this.#sessions.filter(({ ended }) => !ended)
    this.serve(performance.now())
  }
}
