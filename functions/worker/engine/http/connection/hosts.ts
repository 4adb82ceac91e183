import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import { performance } from '../../../../guard/built-ins.ts'
import { descriptorFault } from './descriptors.ts'
import type { Dialled } from './dial.ts'
import type { Targets } from '../../../../guard/targets.ts'

/** Decides which hosts and addresses connections may lead to. */
export type Guard = Pick<Targets, 'refusal' | 'refusalOf'>

const dnsTtlMs = 30_000
/** How many hosts are remembered. Without a limit, user code that invents names would fill the memory. */
const hostCap = 1_000
/** RFC 8305 §5: how long an address may take before the next one is tried as well, in milliseconds. */
const attemptDelayMs = { least: 250, most: 2_000 }

interface KnownHost {
  addresses: LookupAddress[]
  untilMs: number
  next: number
  /** Addresses that did not answer while another address did. They are tried last. */
  lame: Set<string>
  /** How long the latest connection to the host took, milliseconds. */
  tookMs: number
}

/**
 * Resolves a host once per 30 s for all users of the worker, and returns its addresses in rotation. Addresses that do not answer come last.
 */
export class Hosts {
  readonly #known = new Map<string, KnownHost>()
  readonly #waiting = new Map<string, ((error: Error | null) => void)[]>()
  readonly #targets: Guard

  constructor(targets: Guard) {
    this.#targets = targets
  }

  /** Finds the addresses to try, in order; `looked` says whether a DNS query was needed. */
  find(hostname: string, found: (error: Error | null, addresses: LookupAddress[], looked: boolean) => void): void {
    const family = isIP(hostname)
    if (family !== 0) found(null, [{ address: hostname, family }], false)
    else if ((this.#known.get(hostname)?.untilMs ?? 0) > performance.now()) found(null, this.#inTurn(hostname), false)
    else this.#resolve(hostname, (error) => found(error, error ? [] : this.#inTurn(hostname), true))
  }

  /**
   * How long the first address may take before the next one is tried as well. A host with a slow route gets more time, so that it does not
   * get two connections.
   */
  attemptDelayMs(hostname: string): number {
    const twice = 2 * (this.#known.get(hostname)?.tookMs ?? 0)
    return Math.min(attemptDelayMs.most, Math.max(attemptDelayMs.least, twice))
  }

  /** Stores the result of a connection: how long the address took, and which other addresses did not answer. */
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
    const turned = [...host.addresses.slice(start), ...host.addresses.slice(0, start)]
    if (host.lame.size === 0) return turned
    const isLame = ({ address }: LookupAddress): boolean => host.lame.has(address)
    return [...turned.filter((one) => !isLame(one)), ...turned.filter(isLame)]
  }

  #resolve(hostname: string, done: (error: Error | null) => void): void {
    const waiting = this.#waiting.get(hostname)
    if (waiting) {
      waiting.push(done)
      return
    }
    this.#waiting.set(hostname, [done])
    systemLookup(hostname, { all: true }, (error, addresses) => {
      // Check the resolved addresses: an allowed name may resolve to a refused address.
      const fault =
        (error && (descriptorFault() ?? error)) ??
        this.#targets.refusalOf(
          hostname,
          addresses.map(({ address }) => address),
        ) ??
        null
      if (!fault) this.#remember(hostname, addresses)
      const all = this.#waiting.get(hostname) ?? []
      this.#waiting.delete(hostname)
      for (const one of all) one(fault)
    })
  }

  #remember(hostname: string, addresses: LookupAddress[]): void {
    const before = this.#known.get(hostname)
    if (!before && this.#known.size >= hostCap) this.#known.clear()
    const untilMs = performance.now() + dnsTtlMs
    this.#known.set(hostname, { addresses, untilMs, next: 0, lame: new Set(), tookMs: before?.tookMs ?? 0 })
  }
}
