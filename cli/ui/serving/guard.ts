import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** The status and the message with which a request is refused. */
export interface Refusal {
  status: 403 | 405 | 421
  message: string
}

/**
 * Decides which requests may read and change runs. A page of another site in the same browser can send requests to this server, and the other site
 * can point its host name to this server. The server refuses such requests, because they lack the token and have a foreign `Origin` or `Host`.
 */
export class Guard {
  readonly token = randomBytes(24).toString('base64url')
  /** The address on which the server listens (`--ui-host`). */
  readonly #host: string
  #port = 0

  constructor(host: string) {
    this.#host = host
  }

  /** Browsers send a cookie to every port of a host, so the name of the cookie contains the port. */
  get cookie(): string {
    return `burst-ui-${this.#port}`
  }

  listensOn(port: number): void {
    this.#port = port
  }

  /** Returns a refusal if the `Host` header of a request is not a name of this server with its port; otherwise undefined. */
  refusalOfHost({ headers }: IncomingMessage): Refusal | undefined {
    if (this.#isOwn(headers.host ?? '')) return undefined
    return {
      status: 421,
      message: 'this server does not accept the host name of the request: open the address that burst ui printed',
    }
  }

  /** Returns the refusal of a request that reads or changes runs; undefined if the request is allowed. */
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

  /** A browser sends `Origin` with each request that changes state. A program that sends the token in a header does not need `Origin`. */
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
    // A server that listens on all addresses can be reached at each of its addresses and by the name of the machine.
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
