import type { Socket } from 'node:net'
import { nextTick, performance } from '../../../../guard/built-ins.ts'
import type { buildConnector } from 'undici'
import { bareHost, hostAndPort, placeOf } from '../../../../../core/hosts/host-literal.ts'
import type { Network } from '../../../../../core/hosts/network.ts'
import { Dial, type Dialled } from './dial.ts'
import { noDescriptorLeft, socketBudget } from './descriptors.ts'
import { type Guard, Hosts } from './hosts.ts'
import { type Proxy, Proxies, openTunnel } from './proxies.ts'
import { Securities, type Security } from './security.ts'
import { isTlsCode } from './tls-words.ts'
import { Wire } from './wire.ts'

/**
 * The duration of each phase of opening a connection. The duration is null if the phase did not occur: an IP address and a host whose addresses are
 * known do not need a DNS query, and plain HTTP does not need TLS. `connectMs` includes the time in which a proxy opens a tunnel.
 */
export interface ConnectPhases {
  startedMs: number
  dnsMs: number | null
  connectMs: number | null
  tlsMs: number | null
  /** The time at which the connection was usable; 0 until then. */
  readyMs: number
}

export type Connector = buildConnector.connector

/** A connection that is being opened or is open, and its socket. */
export class Connecting {
  readonly phases: ConnectPhases = {
    startedMs: performance.now(),
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    readyMs: 0,
  }
  /** The socket; null until the connection is usable. A connection with TLS is usable after the handshake. */
  wire: Wire | null = null
  aborted = false
  /** `true` if the proxy must open a tunnel even for a connection without TLS, for example for a WebSocket connection (RFC 6455 §4.1). */
  tunnelled = false
  dial: Dial | null = null
  /** Releases the connection's place in the budget; null if it has no place. */
  place: (() => void) | null = null
  /** The socket while a proxy opens a tunnel, and during the TLS handshake. */
  securing: Socket | null = null
  /**
   * The TLS error that ended the connection, for example an alert of the target; null if there is none. undici reports only that the connection
   * ended.
   */
  alert: Error | null = null
  #markMs = this.phases.startedMs

  /**
   * Stops opening the connection, and releases its place in the budget. If the host does not answer, the attempt would otherwise use a descriptor
   * for minutes.
   */
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

  /** Returns the milliseconds since the previous call of this method. The first call returns the milliseconds since `startedMs`. */
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

/** An object that owns connections, for example the connections of one user. */
export interface IdleOwner {
  /**
   * Closes an idle connection.
   * @returns whether there was an idle connection
   */
  closeIdle(): boolean
}

/** The arguments with which TLS is added to a connection. */
interface Securing {
  security: Security
  options: buildConnector.Options
  callback: buildConnector.Callback
}

interface MakerOptions {
  /** The maximum number of open connections. By default, the number that the process's limit of open files permits. */
  budget?: number
  securities?: Securities
  /** The run's own host, as a URL. */
  home?: string
  network?: Network | undefined
  proxyUserinfo?: Readonly<Record<string, string>> | undefined
  /** Called after the TLS handshake of a connection. `version` is the version of TLS. `verified` says whether certificates are verified. */
  secured?: (version: string, verified: boolean) => void
  /** Called for each connection and each stream of a user that is allowed to use HTTP/2. */
  spoke?: Spoke
}

/** Receives the origin and the protocol of a connection or a stream. */
export type Spoke = (origin: string, protocol: 'HTTP/1.1' | 'HTTP/2', what: 'connection' | 'stream') => void

/** Opens connections and measures each phase. */
export class ConnectionMaker {
  /** The number of sockets that are open or are being opened. A connection that tries several addresses may have several sockets. */
  sockets = 0
  /**
   * The number of reserved places: one for each connection that is open, is being opened or waits for DNS, and one for each additional socket of a
   * `Dial`. At most `budget`, with one exception: when burst closes an idle HTTP/2 connection to make room for another connection, the number exceeds
   * `budget` for a moment.
   */
  #places = 0
  /** The number of idle connections that were closed because other connections needed the descriptors. */
  closedEarly = 0
  readonly #hosts: Hosts
  readonly #targets: Guard
  /** The maximum number of open connections. */
  readonly budget: number
  readonly #owners = new Set<IdleOwner>()
  readonly #home: string | undefined
  readonly securities: Securities
  readonly #localAddress: string | undefined
  readonly #proxies: Proxies | null
  readonly #secured: MakerOptions['secured']
  readonly #spoke: MakerOptions['spoke']

  constructor(
    targets: Guard,
    {
      budget = socketBudget(),
      securities = new Securities(),
      home,
      secured,
      spoke,
      network,
      proxyUserinfo,
    }: MakerOptions = {},
  ) {
    this.#targets = targets
    this.budget = budget
    this.#hosts = new Hosts(targets, network)
    this.#localAddress = network?.localAddress
    this.#proxies = network?.proxies ? new Proxies(network.proxies, proxyUserinfo) : null
    this.securities = securities
    this.#secured = secured
    this.#spoke = spoke
    this.#home = home === undefined ? undefined : new URL(home).hostname
  }

  /** Counts a connection or a stream of a user that is allowed to use HTTP/2. */
  spoke(...what: Parameters<Spoke>): void {
    this.#spoke?.(...what)
  }

  /** Returns whether an origin has the same host name as the run's own host. */
  isHome(origin: string): boolean {
    return new URL(origin).hostname === this.#home
  }

  /** Returns the proxy through which an origin is reached; null if it is reached directly. */
  proxyFor(origin: string): Proxy | null {
    return this.#proxies?.for(placeOf(new URL(origin))) ?? null
  }

  /** Returns a connector, for example for one undici Client. `begun` receives each connection that the connector begins to open. */
  connectorFor(begun: (connecting: Connecting) => void, security = this.securities.default): Connector {
    return (options, callback) => {
      const connecting = new Connecting()
      begun(connecting)
      const refusal = this.#refusal(options) ?? this.#reserve(connecting)
      if (refusal) {
        nextTick(callback, refusal, null)
        return
      }
      this.#connect(connecting, security, options, (...[error, socket]) => {
        if (error) connecting.leavePlace()
        if (error) callback(error, null)
        else callback(null, socket)
      })
    }
  }

  /** Returns an error if burst may not connect to the target, or to the proxy for the target; otherwise undefined. */
  #refusal(options: buildConnector.Options): Error | undefined {
    const proxy = this.#proxies?.for(placeOf(options))
    return this.#targets.refusal(options.hostname) ?? (proxy ? this.#targets.refusal(proxy.hostname) : undefined)
  }

  /** Registers an owner whose idle connections may be closed when no descriptor is left. The owner that registered first is asked first. */
  enlist(owner: IdleOwner): void {
    this.#owners.delete(owner)
    this.#owners.add(owner)
  }

  forget(owner: IdleOwner): void {
    this.#owners.delete(owner)
  }

  /**
   * Reserves a place for one connection. If no place is free, closes an idle connection.
   * @returns an error if no place is free and no connection is idle; otherwise undefined
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

  /** Closes an idle connection of one owner, and moves this owner to the end of the list. The owners thus lose their idle connections in turn. */
  #closeIdle(): boolean {
    for (const owner of this.#owners) {
      if (!owner.closeIdle()) continue
      this.enlist(owner)
      return true
    }
    return false
  }

  #connect(
    connecting: Connecting,
    security: Security,
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): void {
    const target = placeOf(options)
    const proxy = this.#proxies?.for(target) ?? null
    const next = proxy ?? target
    this.#hosts.find(next, (error, addresses, looked) => {
      if (looked) connecting.phases.dnsMs = connecting.lap()
      if (error || connecting.aborted) return callback(atProxy(error ?? new Error('given up'), proxy), null)
      const attemptDelayMs = this.#hosts.attemptDelayMs(next.hostname)
      const { port } = next
      const common = { localAddress: this.#localAddress, opened: this.#opened, further: this.#further }
      connecting.dial = new Dial({ addresses, port, attemptDelayMs, ...common }, (failure, dialled) => {
        // Removes references to objects that were needed only to connect, because an idle user keeps its connection for a long time.
        connecting.dial = null
        if (failure) return callback(atProxy(failure, proxy), null)
        const { socket } = dialled as Dialled
        const stands = (): void => {
          this.#learn(connecting, dialled as Dialled, next.hostname)
          if (target.protocol === 'https:') this.#secure(connecting, socket, { security, options, callback })
          else ready(connecting, socket, callback)
        }
        if (!proxy || (target.protocol !== 'https:' && !connecting.tunnelled)) return stands()
        connecting.securing = socket
        const place = { proxy, target: hostAndPort(target.hostname, target.port) }
        openTunnel(socket, place, (refused) => (refused ? callback(atProxy(refused, proxy), null) : stands()))
      })
    })
  }

  #learn(connecting: Connecting, dialled: Dialled, hostname: string): void {
    dialled.socket.once('close', () => connecting.leavePlace())
    connecting.phases.connectMs = connecting.lap()
    this.#hosts.learn(hostname, dialled)
  }

  #secure(connecting: Connecting, plain: Socket, { security, options, callback }: Securing): void {
    const peer = hostAndPort(options.servername ?? options.hostname, options.port)
    const done: buildConnector.Callback = (...[error, socket]) => {
      connecting.securing = null
      if (error) return callback(error, null)
      connecting.wire = new Wire(socket)
      callback(null, socket)
    }
    const named = { ...options, hostname: bareHost(options.hostname), httpSocket: plain }
    const secured = security.secure(named, done, security.sessions?.of(peer))
    secured.on('session', (session: Buffer) => security.sessions?.keep(peer, session))
    connecting.securing = secured
    plain.on('error', (error) => secured.destroy(error))
    secured.once('error', (error: NodeJS.ErrnoException) => {
      if (isTlsCode(error.code ?? '')) connecting.alert = error
    })
    // This listener must run before undici's own listener, which starts the request.
    secured.prependOnceListener('secureConnect', () => {
      connecting.phases.tlsMs = connecting.lap()
      connecting.ready()
      this.#secured?.(secured.getProtocol() ?? 'unknown', security.verified)
    })
  }

  readonly #opened = (socket: Socket): void => {
    this.sockets++
    socket.once('close', () => this.sockets--)
  }
}

/** Completes a connection without TLS. The connection is usable as soon as its socket is connected. */
function ready(connecting: Connecting, socket: Socket, callback: buildConnector.Callback): void {
  connecting.ready()
  connecting.wire = new Wire(socket)
  callback(null, socket)
}

/** Adds the host and port of the proxy to an error that occurred at this proxy. */
function atProxy(error: Error, proxy: Proxy | null): Error {
  return proxy ? Object.assign(error, { proxy: proxy.shown }) : error
}
