import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** What a request is refused with. */
export interface Refusal {
  status: 403 | 405 | 421
  message: string
}

/**
 * Decides which requests may see runs and change them. A page of another origin in the same browser can send requests here, and a name of
 * another site can be made to lead here: both lack the token, and are told by `Origin` and `Host` besides.
 */
export class Guard {
  readonly token = randomBytes(24).toString('base64url')
  /** The address that was asked for with `--ui-host`. */
  readonly #host: string
  #port = 0

  constructor(host: string) {
    this.#host = host
  }

  /** Cookies do not tell ports apart, so their names do. */
  get cookie(): string {
    return `burst-ui-${this.#port}`
  }

  listensOn(port: number): void {
    this.#port = port
  }

  /** Whatever is asked for has to be asked of this server by its own name. */
  refusalOfHost({ headers }: IncomingMessage): Refusal | undefined {
    if (this.#isOwn(headers.host ?? '')) return undefined
    return { status: 421, message: 'this server does not answer to that name: open the address that burst ui printed' }
  }

  /** For everything that shows or changes runs. */
  refusal(request: IncomingMessage): Refusal | undefined {
    const wrongHost = this.refusalOfHost(request)
    if (wrongHost) return wrongHost
    if (!this.hasToken(request)) {
      return { status: 403, message: 'the token is missing or wrong: open the address that burst ui printed' }
    }
    if (this.#isForeign(request)) return { status: 403, message: 'requests of other sites are refused' }
    return undefined
  }

  hasToken({ headers }: IncomingMessage): boolean {
    const bearer = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
    return this.isToken(bearer ?? cookieIn(headers.cookie ?? '', this.cookie))
  }

  isToken(given: string | null | undefined): boolean {
    const [mine, theirs] = [Buffer.from(this.token), Buffer.from(given ?? '')]
    return mine.length === theirs.length && timingSafeEqual(mine, theirs)
  }

  /** A browser names the origin of whatever changes something; a program that sends the token itself need not. */
  #isForeign({ method, headers }: IncomingMessage): boolean {
    const { origin, host } = headers
    if (origin !== undefined) return origin !== `http://${host}`
    const site = headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
    return method !== 'GET' && headers.authorization === undefined
  }

  #isOwn(host: string): boolean {
    const [, name = '', port = '80'] = /^(\[[\da-f:]+\]|[\w.-]+)(?::(\d+))?$/i.exec(host.toLowerCase()) ?? []
    if (Number(port) !== this.#port) return false
    const bare = name.replace(/^\[|\]$/g, '')
    if (['localhost', '127.0.0.1', '::1', this.#host.toLowerCase()].includes(bare)) return true
    // Listening on all addresses, it is known by any of them, and by the machine's name.
    return isEverywhere(this.#host) && (isIP(bare) !== 0 || bare === hostname().toLowerCase())
  }
}

export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function cookieIn(header: string, name: string): string | undefined {
  for (const pair of header.split(/;\s*/)) if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1)
  return undefined
}
