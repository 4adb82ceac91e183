import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction, Socket } from 'node:net'
import { buildConnector } from 'undici'
import type { Targets } from './targets.ts'

/** What setting up one connection took; null: that phase did not happen (an address needs no DNS, plain HTTP no TLS). */
export interface ConnectPhases {
  startedMs: number
  dnsMs: number | null
  connectMs: number | null
  tlsMs: number | null
  /** When the connection was usable; 0 while it is not. */
  readyMs: number
}

const dnsTtlMs = 30_000

interface CachedHost {
  addresses: LookupAddress[]
  untilMs: number
  next: number
}

/** Resolves a host once per `dnsTtlMs` for all users of the worker and hands out its addresses in turn. */
class HostCache {
  readonly #known = new Map<string, CachedHost>()
  readonly #waiting = new Map<string, ((error: Error | null) => void)[]>()
  readonly #targets: Guard

  constructor(targets: Guard) {
    this.#targets = targets
  }

  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const answer = (): void => {
      const host = this.#known.get(hostname) as CachedHost
      const start = host.next++ % host.addresses.length
      const turned = [...host.addresses.slice(start), ...host.addresses.slice(0, start)]
      if (options.all) callback(null, turned)
      else callback(null, (turned[0] as LookupAddress).address, (turned[0] as LookupAddress).family)
    }
    if ((this.#known.get(hostname)?.untilMs ?? 0) > performance.now()) {
      process.nextTick(answer)
      return
    }
    this.#resolve(hostname, (error) => {
      if (error) callback(error, '', 0)
      else answer()
    })
  }

  /** Whether the next lookup of the host needs no DNS. */
  knows(hostname: string): boolean {
    return (this.#known.get(hostname)?.untilMs ?? 0) > performance.now()
  }

  #resolve(hostname: string, done: (error: Error | null) => void): void {
    const waiting = this.#waiting.get(hostname)
    if (waiting) {
      waiting.push(done)
      return
    }
    this.#waiting.set(hostname, [done])
    systemLookup(hostname, { all: true }, (error, addresses) => {
      // Judged by what was resolved, so that no name leads to where no address may.
      const found =
        error ??
        this.#targets.refusalOf(
          hostname,
          addresses.map(({ address }) => address),
        ) ??
        null
      if (!found) this.#known.set(hostname, { addresses, untilMs: performance.now() + dnsTtlMs, next: 0 })
      const all = this.#waiting.get(hostname) ?? []
      this.#waiting.delete(hostname)
      for (const one of all) one(found)
    })
  }
}

/** Who says where connections may lead. */
type Guard = Pick<Targets, 'refusal' | 'refusalOf'>

export type Connector = buildConnector.connector

/** Opens connections and takes the time of each phase. */
export class ConnectionMaker {
  readonly #hosts: HostCache
  readonly #targets: Guard
  readonly #connect: Connector
  /** Connections that are open or opening. */
  sockets = 0

  constructor(targets: Guard) {
    this.#targets = targets
    this.#hosts = new HostCache(targets)
    // HTTP/1.1 only: one user, one connection, one request at a time. The request's own timeout covers connecting.
    this.#connect = buildConnector({ allowH2: false, timeout: 0, lookup: this.#hosts.lookup, autoSelectFamily: true })
  }

  /** A connector for one undici Client that reports each connection's phases. */
  connectorFor(report: (phases: ConnectPhases) => void): Connector {
    return (options, callback) => {
      const phases: ConnectPhases = {
        startedMs: performance.now(),
        dnsMs: null,
        connectMs: null,
        tlsMs: null,
        readyMs: 0,
      }
      const cached = this.#hosts.knows(options.hostname)
      report(phases)
      const refusal = this.#targets.refusal(options.hostname)
      if (refusal) {
        process.nextTick(callback, refusal, null)
        return
      }
      // undici's types say nothing of the socket that its connector returns at once; the phases are its events.
      const socket = this.#connect(options, callback) as unknown as Socket
      this.sockets++
      socket.once('close', () => this.sockets--)
      let markMs = phases.startedMs
      const lap = (): number => {
        const nowMs = performance.now()
        const tookMs = nowMs - markMs
        markMs = nowMs
        return tookMs
      }
      // Before undici's own listeners, which start the request.
      socket.prependOnceListener('lookup', () => {
        const tookMs = lap()
        if (!cached) phases.dnsMs = tookMs
      })
      socket.prependOnceListener('connect', () => {
        phases.connectMs = lap()
        if (options.protocol !== 'https:') phases.readyMs = markMs
      })
      socket.prependOnceListener('secureConnect', () => {
        phases.tlsMs = lap()
        phases.readyMs = markMs
      })
    }
  }
}
