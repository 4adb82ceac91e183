import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import { performance } from '../../../../guard/built-ins.ts'
import { descriptorFault } from './descriptors.ts'
import type { Dialled } from './dial.ts'
import type { AddressFamily, Network } from '../../../../../core/hosts/network.ts'
import type { Targets } from '../../../../guard/targets.ts'

/** Decides which hosts and addresses burst may connect to. */
export type Guard = Pick<Targets, 'refusal' | 'refusalOf'>

const dnsTtlMs = 30_000
/**
 * The maximum number of hosts whose addresses are stored; when it is reached, burst removes all stored addresses. Without a limit, user code that
 * generates host names would fill the memory.
 */
const hostCap = 1_000
/** The shortest and the longest time, in milliseconds, for which burst waits for one address before it also tries the next address (RFC 8305 §5). */
const attemptDelayMs = { least: 250, most: 2_000 }

interface KnownHost {
  addresses: LookupAddress[]
  untilMs: number
  next: number
  /**
   * The addresses that failed or did not answer in time, while another address of the host answered. They are tried last, until the next DNS query.
   */
  lame: Set<string>
  /** The time, in milliseconds, that the latest connection to the host took. */
  tookMs: number
}

/**
 * Resolves a host for all users of the worker, by default at most once every 30 s. The addresses from DNS are returned in a different order each
 * time. Addresses that did not answer come last. The addresses from `--resolve` keep their order.
 */
export class Hosts {
  readonly #known = new Map<string, KnownHost>()
  readonly #waiting = new Map<string, ((error: Error | null) => void)[]>()
  readonly #targets: Guard
  /** The addresses that `--resolve` sets for a host and a port. */
  readonly #given: ReadonlyMap<string, readonly string[]>
  readonly #family: AddressFamily | undefined
  readonly #ttlMs: number

  constructor(targets: Guard, { resolve = [], addressFamily, dnsMs = dnsTtlMs }: Network = {}) {
    this.#targets = targets
    this.#given = new Map(resolve.map(({ host, port, addresses }) => [`${host}:${port}`, addresses]))
    this.#family = addressFamily
    this.#ttlMs = dnsMs ?? Number.POSITIVE_INFINITY
  }

  /** Passes the addresses of a host to `found`, in the order in which they must be tried. `looked` is true if a DNS query was needed. */
  find(
    { hostname, port }: { hostname: string; port: number },
    found: (error: Error | null, addresses: LookupAddress[], looked: boolean) => void,
  ): void {
    const given = this.#given.get(`${hostname}:${port}`)
    if (given) return this.#findGiven(hostname, given, found)
    const family = isIP(hostname)
    if (family !== 0) found(null, [{ address: hostname, family }], false)
    else if ((this.#known.get(hostname)?.untilMs ?? 0) > performance.now()) found(null, this.#inTurn(hostname), false)
    else this.#resolve(hostname, (error) => found(error, error ? [] : this.#inTurn(hostname), true))
  }

  #findGiven(
    hostname: string,
    given: readonly string[],
    found: (error: Error | null, addresses: LookupAddress[], looked: boolean) => void,
  ): void {
    const fault = this.#targets.refusalOf(hostname, given) ?? null
    found(fault, fault ? [] : given.map((address) => ({ address, family: isIP(address) })), false)
  }

  /**
   * Returns how long burst waits for one address before it also tries the next address. If connections to the host take long, burst waits longer, so
   * that it does not open two connections.
   */
  attemptDelayMs(hostname: string): number {
    const twice = 2 * (this.#known.get(hostname)?.tookMs ?? 0)
    return Math.min(attemptDelayMs.most, Math.max(attemptDelayMs.least, twice))
  }

  /** Stores how long a connection to a host took, and which addresses did not answer. */
  learn(hostname: string, { address, tookMs, lame }: Omit<Dialled, 'socket'>): void {
    const host = this.#known.get(hostname)
    if (!host) return
    host.tookMs = tookMs
    host.lame.delete(address)
    for (const one of lame) host.lame.add(one)
  }

  #inTurn(hostname: string): LookupAddress[] {
    const host = this.#known.get(hostname) as KnownHost
    const start = host.next++ % host.addresses.length
    const turned = this.#inOrder([...host.addresses.slice(start), ...host.addresses.slice(0, start)])
    if (host.lame.size === 0) return turned
    const isLame = ({ address }: LookupAddress): boolean => host.lame.has(address)
    return [...turned.filter((one) => !isLame(one)), ...turned.filter(isLame)]
  }

  /** Puts addresses of the preferred family first. Without a preferred family, the families alternate. */
  #inOrder(addresses: LookupAddress[]): LookupAddress[] {
    if (!this.#family?.endsWith('-first')) return alternating(addresses)
    const first = this.#family === 'ipv4-first' ? 4 : 6
    return addresses.toSorted((a, b) => Number(b.family === first) - Number(a.family === first))
  }

  #resolve(hostname: string, done: (error: Error | null) => void): void {
    if (this.#ttlMs === 0) return this.#lookUp(hostname, done)
    const waiting = this.#waiting.get(hostname)
    if (waiting) {
      waiting.push(done)
      return
    }
    this.#waiting.set(hostname, [done])
    this.#lookUp(hostname, (fault) => {
      const all = this.#waiting.get(hostname) ?? []
      this.#waiting.delete(hostname)
      for (const one of all) one(fault)
    })
  }

  #lookUp(hostname: string, done: (fault: Error | null) => void): void {
    systemLookup(hostname, { all: true }, (error, all) => {
      const addresses = error ? [] : this.#ofFamily(all)
      // An allowed name may resolve to an address that is not allowed, so the addresses are checked too.
      const fault =
        (error && (descriptorFault() ?? error)) ??
        this.#targets.refusalOf(
          hostname,
          addresses.map(({ address }) => address),
        ) ??
        (addresses.length === 0 ? noAddress(this.#family) : null)
      if (!fault) this.#remember(hostname, addresses)
      done(fault)
    })
  }

  #ofFamily(addresses: LookupAddress[]): LookupAddress[] {
    if (this.#family !== 'ipv4' && this.#family !== 'ipv6') return addresses
    const wanted = this.#family === 'ipv4' ? 4 : 6
    return addresses.filter(({ family }) => family === wanted)
  }

  #remember(hostname: string, addresses: LookupAddress[]): void {
    const before = this.#known.get(hostname)
    if (!before && this.#known.size >= hostCap) this.#known.clear()
    const untilMs = performance.now() + this.#ttlMs
    this.#known.set(hostname, {
      addresses,
      untilMs,
      next: before?.next ?? 0,
      lame: new Set(),
      tookMs: before?.tookMs ?? 0,
    })
  }
}

/**
 * Returns the addresses in an order in which IPv4 and IPv6 alternate, beginning with the family of the first address (RFC 8305 §4). If the network
 * does not support one of the families, a connection thus waits for at most one address of this family.
 */
function alternating(addresses: LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family)
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family)
  const longest = Math.max(first.length, others.length)
  return Array.from({ length: longest }, (_, k) => [...first.slice(k, k + 1), ...others.slice(k, k + 1)]).flat()
}

function noAddress(family: AddressFamily | undefined): Error {
  const kind = family === 'ipv6' ? 'IPv6' : 'IPv4'
  return Object.assign(new Error(`the host has no ${kind} address`), { code: 'EAFNOSUPPORT' })
}
