import { type Socket, isIP } from 'node:net'
import Client from 'undici/lib/dispatcher/client.js'
import { bareHost } from '../../../../../core/hosts/host-literal.ts'
import { nextTick } from '../../../../guard/built-ins.ts'
import type { Connecting, ConnectionMaker, Connector, IdleOwner } from './connector.ts'
import type { Borrower, Lent } from './lent.ts'
import type { Proxy } from './proxies.ts'
import { type Security, withOwnSessions } from './security.ts'
import { longestHead } from './wire.ts'

/**
 * The time, in milliseconds, after which an idle connection is closed. Browsers keep idle connections for at least this time. With undici's default
 * of 4 s, a user would have to reconnect after each pause that is longer than 4 s.
 */
export const keepAliveMs = 60_000
/**
 * If a server announces a keep-alive timeout, burst closes an idle connection this many milliseconds before the timeout. With undici's own margin of
 * 2 s, connections with `timeout=2` would be closed immediately.
 */
const keepAliveMarginMs = 300

/** An open connection for which the target chose HTTP/1.1 instead of HTTP/2. */
export interface Opened {
  connecting: Connecting
  socket: Socket
}

interface ConnectionOptions {
  maker: ConnectionMaker
  security: Security
  /** An open connection that the client uses first; undefined if the client opens its first connection itself. */
  opened?: Opened | undefined
  /** Called when a connection has been opened. */
  connected: () => void
}

/** One undici Client with one connection. One request at a time can borrow the connection. */
export class Connection implements Lent {
  readonly once = false
  readonly client: Client
  /**
   * The server name for TLS; undefined for plain HTTP, and for an IP address if the TLS settings do not contain a server name. The name does not
   * depend on the `host` header of a request, because another server name would require another connection.
   */
  readonly servername: string | undefined
  /** The proxy to which burst sends requests if the target does not use TLS; null if burst sends requests to the target itself. */
  readonly proxy: Proxy | null
  /** The latest attempt to open the connection. */
  connecting: Connecting | null = null
  broken = false
  /** The socket of `opened`; null once the client uses it. */
  #opened: Socket | null

  constructor(origin: string, { maker, security, opened, connected }: ConnectionOptions) {
    this.servername = servernameOf(origin, maker.isHome(origin) ? security.servername : undefined)
    this.proxy = origin.startsWith('http:') ? maker.proxyFor(origin) : null
    this.connecting = opened?.connecting ?? null
    this.#opened = opened?.socket ?? null
    const connect = maker.connectorFor((connecting) => {
      this.connecting = connecting
    }, security)
    this.client = new Client(origin, {
      connect: this.#connectorOf(connect, connected),
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: 10 * keepAliveMs,
      keepAliveTimeoutThreshold: keepAliveMarginMs,
      // undici's timeouts are off, because the engine has its own timeouts, which it checks every 25 ms.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: longestHead,
    })
  }

  #connectorOf(connect: Connector, connected: () => void): Connector {
    return (options, callback) => {
      const socket = this.#opened
      this.#opened = null
      const done: typeof callback = (...result) => {
        if (!result[0]) connected()
        callback(...result)
      }
      if (socket && !socket.destroyed) nextTick(done, null, socket)
      else connect(options, done)
    }
  }

  /** `true` if the connection has an open socket. */
  get open(): boolean {
    return this.connecting?.wire?.open ?? false
  }

  /** Closes the connection immediately. Also ends the request that is using the connection. */
  destroy(error: Error | null = null): void {
    this.broken = true
    this.connecting?.abort()
    this.#opened?.destroy()
    void this.#destroyed(error)
  }

  /** Destroys the client, unless it is already destroyed. The handler of the current request reports `error`. */
  async #destroyed(error: Error | null): Promise<void> {
    try {
      await this.client.destroy(error)
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== 'UND_ERR_DESTROYED') throw thrown
    }
  }
}

/**
 * The maximum number of origins for which one `Connections` keeps idle connections. If this number is reached, burst makes room before it connects to
 * another origin: it closes the idle connections to the oldest origin that is not in use. Without a limit, code that generates host names would fill
 * the memory.
 */
export const originCap = 100

interface OriginPool {
  idle: Connection[]
  all: Set<Connection>
  waiting: Borrower[]
}

/**
 * The connections of one user or, with `connections: 'shared'`, of all users of a worker. A connection is opened when a request needs it. Each
 * origin has at most `perOrigin` connections. Shared connections and the connections of one user differ only in the value of `perOrigin`.
 */
export class Connections implements IdleOwner {
  readonly #maker: ConnectionMaker
  readonly #perOrigin: number
  readonly #origins = new Map<string, OriginPool>()
  /** The pool that was used last. Most users have only one pool. */
  #last: { readonly origin: string; readonly pool: OriginPool } | undefined
  #security: Security

  constructor(maker: ConnectionMaker, perOrigin: number) {
    this.#maker = maker
    this.#perOrigin = perOrigin
    this.#security = withOwnSessions(maker.securities.default)
    maker.enlist(this)
  }

  /**
   * Sets the TLS settings.
   * @throws TypeError when a request has already used, or waited for, a connection
   */
  secure(security: Security): void {
    if (this.used) {
      throw new TypeError(
        "this.http.tls was set after the user's first request: set it before that request, for example in onStart",
      )
    }
    this.#security = withOwnSessions(security)
  }

  /** `true` if a request has used, or has waited for, a connection. */
  get used(): boolean {
    return this.#origins.size > 0
  }

  /** The TLS settings of the connections. */
  get security(): Security {
    return this.#security
  }

  /**
   * Lends a connection. If no connection is idle, opens one. If the origin already has `perOrigin` connections, the request waits until another
   * request gives back its connection. If this connection is broken, a new connection is opened instead.
   */
  lend(origin: string, borrower: Borrower, nowMs: number): void {
    const pool = this.#pool(origin)
    const idle = pool.idle.pop()
    if (idle) borrower.lent(idle, nowMs)
    else if (pool.all.size < this.#perOrigin) borrower.lent(this.#make(origin, pool), nowMs)
    else pool.waiting.push(borrower)
  }

  giveBack(origin: string, lent: Lent, nowMs: number): void {
    const pool = this.#pool(origin)
    const connection = lent as Connection
    if (connection.broken) pool.all.delete(connection)
    const next = pool.waiting.length > 0 ? pool.waiting.shift() : undefined
    if (next) next.lent(connection.broken ? this.#make(origin, pool) : connection, nowMs)
    // A broken connection is no longer in `all`, and is not kept.
    else if (!connection.broken) pool.idle.push(connection)
  }

  /** Removes a request from the requests that are waiting for a connection. */
  forget(origin: string, borrower: Borrower): void {
    const waiting = this.#pool(origin).waiting
    const place = waiting.indexOf(borrower)
    if (place !== -1) waiting.splice(place, 1)
  }

  closeIdle(): boolean {
    for (const pool of this.#origins.values()) {
      const place = pool.idle.findIndex(({ open }) => open)
      if (place === -1) continue
      const [connection] = pool.idle.splice(place, 1)
      if (connection) pool.all.delete(connection)
      connection?.destroy()
      return true
    }
    return false
  }

  /** Closes all connections when the user has ended. */
  close(): void {
    this.#maker.forget(this)
    for (const pool of this.#origins.values()) {
      for (const connection of pool.all) connection.destroy()
    }
    this.#origins.clear()
    this.#last = undefined
  }

  /** Lends a connection that is already open. */
  protected adopt(origin: string, opened: Opened, borrower: Borrower): void {
    borrower.lent(this.#make(origin, this.#pool(origin), opened), opened.connecting.phases.startedMs)
  }

  /** Called when a connection to an origin has been opened. */
  protected connected(_origin: string): void {
    // burst counts connections by protocol only for users that are allowed to use HTTP/2.
  }

  #make(origin: string, pool: OriginPool, opened?: Opened): Connection {
    const connected = (): void => this.connected(origin)
    const connection = new Connection(origin, { maker: this.#maker, security: this.#security, opened, connected })
    pool.all.add(connection)
    return connection
  }

  /** Removes the oldest origin whose connections are not in use, and closes its connections. Does nothing if all origins are in use. */
  #forgetIdle(): void {
    for (const [origin, { idle, all, waiting }] of this.#origins) {
      if (idle.length < all.size || waiting.length > 0) continue
      for (const connection of idle) connection.destroy()
      this.#origins.delete(origin)
      this.#last = undefined
      return
    }
  }

  #pool(origin: string): OriginPool {
    if (this.#last?.origin === origin) return this.#last.pool
    const pool = this.#origins.get(origin) ?? this.#open(origin)
    this.#last = { origin, pool }
    return pool
  }

  #open(origin: string): OriginPool {
    if (this.#origins.size >= originCap) this.#forgetIdle()
    const pool = { idle: [], all: new Set<Connection>(), waiting: [] }
    this.#origins.set(origin, pool)
    return pool
  }
}

/** The maximum number of connections per origin of one user. Browsers have the same limit for HTTP/1.1. */
export const connectionsPerUser = 6
/** The maximum number of connections per origin that the users of a worker share with `connections: 'shared'`. */
export const sharedConnections = 200

/**
 * Returns the server name for TLS: `own` if it is set, otherwise the host. Returns undefined for plain HTTP, and for an IP address if `own` is
 * undefined.
 */
export function servernameOf(origin: string, own: string | undefined): string | undefined {
  const { protocol, hostname } = new URL(origin)
  if (protocol === 'https:' && own !== undefined) return own
  return protocol === 'https:' && isIP(bareHost(hostname)) === 0 ? hostname : undefined
}
