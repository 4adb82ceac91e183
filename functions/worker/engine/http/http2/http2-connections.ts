import { performance } from '../../../../guard/built-ins.ts'
import type { Http2 } from '../../../../../core/authoring/requests/tls.ts'
import { Connections, type Opened, connectionsPerUser, originCap } from '../connection/connections.ts'
import type { ConnectionMaker } from '../connection/connector.ts'
import type { Borrower, Lent } from '../connection/lent.ts'
import type { Security } from '../connection/security.ts'
import { FailedStream } from './failed-stream.ts'
import { LentStream } from './lent-stream.ts'
import { Way } from './way.ts'

/** The maximum number of open connections to one origin if the target speaks HTTP/1.1 (`http1`) or HTTP/2 (`http2`). */
interface Limits {
  http1: number
  http2: number
}

const ofOneUser: Limits = { http1: connectionsPerUser, http2: 1 }

/**
 * The connections of a user that speaks HTTP/2: by default, one connection per origin, for all requests. Users that share connections have several
 * connections per origin. With `'auto'`, the target chooses the protocol (ALPN) at the first connection; without TLS, burst uses HTTP/1.1.
 */
export class Http2Connections extends Connections {
  readonly #maker: ConnectionMaker
  readonly #mode: Exclude<Http2, false>
  readonly #most: number
  readonly #ways = new Map<string, Way>()

  constructor(maker: ConnectionMaker, mode: Exclude<Http2, false>, { http1, http2 }: Limits = ofOneUser) {
    super(maker, http1)
    this.#maker = maker
    this.#mode = mode
    this.#most = http2
  }

  override get used(): boolean {
    return this.#ways.size > 0 || super.used
  }

  override lend(origin: string, borrower: Borrower, nowMs: number): void {
    const way = this.#way(origin)
    if (way.isHttp1) super.lend(origin, borrower, nowMs)
    else way.lend(borrower, nowMs)
  }

  override giveBack(origin: string, connection: Lent, nowMs: number): void {
    if (connection instanceof FailedStream) return
    if (!(connection instanceof LentStream)) return super.giveBack(origin, connection, nowMs)
    connection.giveBack()
    this.#ways.get(origin)?.serve(nowMs)
  }

  override forget(origin: string, borrower: Borrower): void {
    const way = this.#way(origin)
    if (way.isHttp1) super.forget(origin, borrower)
    else way.forget(borrower)
  }

  override closeIdle(): boolean {
    for (const way of this.#ways.values()) {
      if (way.closeIdle()) return true
    }
    return super.closeIdle()
  }

  override close(): void {
    for (const way of this.#ways.values()) way.end()
    this.#ways.clear()
    super.close()
  }

  protected override connected(origin: string): void {
    this.#maker.spoke(origin, 'HTTP/1.1', 'connection')
  }

  #way(origin: string): Way {
    const known = this.#ways.get(origin)
    if (known) return known
    if (this.#ways.size >= originCap) this.#forgetUnused()
    const way = new Way({
      origin,
      maker: this.#maker,
      security: (): Security => this.security,
      most: this.#most,
      isRequired: this.#mode === true,
      http1: (opened, waiting) => this.#useHttp1(origin, opened, waiting),
    })
    // Without TLS, a target cannot choose the protocol.
    way.isHttp1 = this.#mode === 'auto' && origin.startsWith('http:')
    this.#ways.set(origin, way)
    return way
  }

  /**
   * Sends the waiting requests over HTTP/1.1. The first request uses the open connection. The other requests open more connections, or wait for one.
   * If no request is waiting, the open connection is closed.
   */
  #useHttp1(origin: string, opened: Opened, [first, ...others]: Borrower[]): void {
    if (!first) return void opened.socket.destroy()
    this.adopt(origin, opened, first)
    const nowMs = performance.now()
    for (const borrower of others) super.lend(origin, borrower, nowMs)
  }

  /** Removes the oldest origin whose HTTP/2 connections are not in use. An origin with only HTTP/1.1 connections counts as not in use. */
  #forgetUnused(): void {
    for (const [origin, way] of this.#ways) {
      if (!way.isUnused) continue
      way.end()
      this.#ways.delete(origin)
      return
    }
  }
}
