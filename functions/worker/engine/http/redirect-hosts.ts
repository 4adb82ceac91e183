import { isAllowedHost } from '../../../../core/allowed-hosts.ts'

/** Which hosts a redirect may lead to: the run's own, and those that the scenario allows. Nobody else asked for the load. */
export class Redirects {
  readonly #own: string
  readonly #allowed: readonly string[]

  constructor(host: string, allow: readonly string[] = []) {
    this.#own = new URL(host).hostname
    this.#allowed = allow
  }

  mayGoTo(url: URL): boolean {
    const { hostname } = url
    return hostname === this.#own || isAllowedHost(this.#allowed, hostname)
  }
}
