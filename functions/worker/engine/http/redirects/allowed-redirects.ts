import { isAllowedHost } from '../../../../../core/hosts/allowed-hosts.ts'

/**
 * The maximum number of hosts from the scenario's code that one worker remembers. Without a limit, code that makes up host names would fill the
 * memory.
 */
const namedCap = 1_000

/**
 * Decides to which hosts a redirect may lead. Allowed are the run's own host, the host that sent the redirect, hosts to which the scenario's code has
 * sent a request, and hosts of `allow`. Different ports of the same name are different hosts, except that ports 80 and 443 count as one host.
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

  /** Remembers that the scenario's code sends a request to this origin. */
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
