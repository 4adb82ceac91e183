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

/** The duration of each phase of opening a connection; null: the phase did not happen (an address needs no DNS, plain HTTP needs no TLS). */
export interface ConnectPhases {
  startedMs: number
  dnsMs: number | null
  connectMs: number | null
  tlsMs: number | null
  /** The time at which the connection was usable; 0 before that. */
  readyMs: number
}

export type Connector = buildConnector.connector

/** A connection that is being opened, and its socket. */
export class Connecting {
  readonly phases: ConnectPhases = {
    startedMs: performance.now(),
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    readyMs: 0,
  }
  /** The socket; null until it is connected. */
  wire: Wire | null = null
  aborted = false
  /** `true` if a proxy must open a tunnel even without TLS, as for WebSocket connections (RFC 6455 §4.1). */
  tunnelled = false
  dial: Dial | null = null
  /** Releases the connection's place in the budget; null if it has no place. */
  place: (() => void) | null = null
  /** The socket during the TLS handshake. */
  securing: Socket | null = null
  /** A TLS alert that ended the connection. undici reports only that the connection ended. */
  alert: Error | null = null
  #markMs = this.phases.startedMs

  /** Abandons the connection. Otherwise, a host that does not answer would occupy a descriptor for minutes. */
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

  /** Returns the milliseconds since the last call, or since the start. */
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

/** A call of undici that adds TLS to a connection. */
interface Securing {
  security: Security
  options: buildConnector.Options
  callback: buildConnector.Callback
}

interface MakerOptions {
  /** The maximum number of open connections. Default: as many as the process's limit of open files permits. */
  budget?: number
  securities?: Securities
  /** The run's own host, as a URL. */
  home?: string
  network?: Network | undefined
  proxyUserinfo?: Readonly<Record<string, string>> | undefined
  /** Called when the TLS handshake of a connection has succeeded, with the version of TLS, and whether certificates are verified. */
  secured?: (version: string, verified: boolean) => void
  /** Called with the origin, for each connection and each stream of users that may speak HTTP/2. */
  spoke?: Spoke
}

/** Receives the protocol of a connection of a user that may speak HTTP/2. */
export type Spoke = (origin: string, protocol: 'HTTP/1.1' | 'HTTP/2', what: 'connection' | 'stream') => void

/** Opens connections and measures each phase. */
export class ConnectionMaker {
  /** The connections that are open or opening. */
  sockets = 0
  /** The number of connections that are open, opening, or waiting for DNS; at most `budget`. */
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

  /** Counts a connection or a stream of a user that may speak HTTP/2. */
  spoke(...what: Parameters<Spoke>): void {
    this.#spoke?.(...what)
  }

  /** Returns whether an origin has the same host name as the run's own host. */
  isHome(origin: string): boolean {
    return new URL(origin).hostname === this.#home
  }

  /** Returns the proxy through which an origin is reached; null: none. */
  proxyFor(origin: string): Proxy | null {
    return this.#proxies?.for(placeOf(new URL(origin))) ?? null
  }

  /** Returns a connector for one undici Client. `begun` receives each connection that is being made. */
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

  /** Returns the error for a connection to a target, or through a proxy, that is not allowed. */
  #refusal(options: buildConnector.Options): Error | undefined {
    const proxy = this.#proxies?.for(placeOf(options))
    return this.#targets.refusal(options.hostname) ?? (proxy ? this.#targets.refusal(proxy.hostname) : undefined)
  }

  /**
   * Registers an owner whose idle connections may be closed when descriptors run out. Owners are asked in the reverse order of their registration.
   */
  enlist(owner: IdleOwner): void {
    this.#owners.delete(owner)
    this.#owners.add(owner)
  }

  forget(owner: IdleOwner): void {
    this.#owners.delete(owner)
  }

  /**
   * Reserves a place for one connection. If no place is free, closes an idle connection.
   * @returns an error if no place is free and no connection is idle
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

  /** Closes an idle connection of one owner, and moves this owner to the end of the list, so that no owner loses all its idle connections. */
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
    // These listeners are registered before undici's own listeners, so that they run before undici starts the request.
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

/** Completes a connection without TLS, which is usable as soon as it is connected. */
function ready(connecting: Connecting, socket: Socket, callback: buildConnector.Callback): void {
  connecting.ready()
  connecting.wire = new Wire(socket)
  callback(null, socket)
}

/** Adds the proxy to the message of an error that occurred at a proxy. */
function atProxy(error: Error, proxy: Proxy | null): Error {
  return proxy ? Object.assign(error, { proxy: proxy.shown }) : error
}
