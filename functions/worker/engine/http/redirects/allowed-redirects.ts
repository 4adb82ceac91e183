import { isAllowedHost } from '../../../../../core/hosts/allowed-hosts.ts'

/**
 * One worker stores at most this number of origins to which the scenario's code has sent a request. Without a limit, code that generates host names
 * would fill the memory.
 */
const namedCap = 1_000

/**
 * Decides to which hosts a redirect may lead. Four kinds of hosts are allowed: the run's own host, the host that sent the redirect, hosts to which
 * the scenario's code has sent a request, and hosts in `allow`. A host consists of its name and its port; the default ports of http (80) and https
 * (443) count as the same port. An entry of `allow` without a port allows all ports.
 */
export class Redirects {
  readonly #own: string
  readonly #allowed: readonly string[]
  readonly #origins = new Set<string>()
  readonly #named = new Set<string>()

  constructor(host: string, allow: readonly string[] = []) {
    this.#own = new URL(host).host
    this.#allowed = allow
  }

  /**
   * Allows redirects to the host of this origin, because the scenario's code sends a request to it. Does nothing if `namedCap` origins are already
   * stored.
   */
  name(origin: string): void {
    if (this.#origins.has(origin) || this.#origins.size >= namedCap) return
    this.#origins.add(origin)
    this.#named.add(new URL(origin).host)
  }

  mayGo(from: string, to: URL): boolean {
    const { host, hostname } = to
    if (host === this.#own || this.#named.has(host) || host === new URL(from).host) return true
    return isAllowedHost(this.#allowed, hostname) || isAllowedHost(this.#allowed, host)
  }
}
