import { type SecureContext, createSecureContext } from 'node:tls'
import type { buildConnector } from 'undici'
import makeConnector from 'undici/lib/core/connect.js'
import { type TlsTexts, checkedTls, tlsTexts } from '../../../../../core/authoring/describing/tls-texts.ts'
import type { TlsOptions } from '../../../../../core/authoring/tls.ts'

/** How the connections of one user, or of all users, are secured. */
export interface Security {
  /** Adds TLS to a connected socket. */
  readonly secure: buildConnector.connector
  /** Whether the certificates of targets are verified. */
  readonly verified: boolean
  /** The name that is sent to the run's own host, if it is another one than the host's. */
  readonly servername: string | undefined
  /** The same settings, for connections that offer HTTP/2 before HTTP/1.1 (ALPN). */
  withHttp2(): Security
}

/** How many contexts of different client certificates one worker keeps. Each takes about 50 KB. */
const contextCap = 1_000

/** The TLS settings of a run. */
export class Securities {
  /** The settings of users that have no settings of their own. */
  readonly default: Security
  /** Whether `--insecure` was given. */
  readonly #insecure: boolean
  readonly #options: TlsOptions
  readonly #contexts = new Map<string, SecureContext>()

  /** @throws an error of OpenSSL when a certificate or a key cannot be used */
  constructor(options: TlsOptions = {}, insecure = false) {
    this.#options = options
    this.#insecure = insecure
    this.default = this.#securityOf(options)
  }

  /**
   * The settings of one user.
   * @throws BurstError or TypeError that says what is wrong with them
   */
  of(given: unknown): Security {
    const own = checkedTls(given, 'this.http.tls')
    return this.#securityOf({ ...this.#options, ...own })
  }

  /** Each has its own connector, because connectors resume TLS sessions, and a session belongs to a client certificate. */
  #securityOf(options: TlsOptions): Security {
    const { insecure = false, servername, ...rest } = tlsTexts(options)
    const verified = !insecure && !this.#insecure && process.env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0'
    const context = Object.keys(rest).length === 0 ? undefined : this.#contextOf(rest)
    // The request's own timeout covers connecting.
    const common = {
      timeout: 0,
      ...(context && { secureContext: context }),
      ...(!verified && { rejectUnauthorized: false }),
    }
    let offering: Security | undefined
    const security: Security = {
      secure: makeConnector({ ...common, allowH2: false }),
      verified,
      servername,
      withHttp2: () =>
        (offering ??= { ...security, secure: makeConnector({ ...common, allowH2: true, preferH2: true }) }),
    }
    return security
  }

  #contextOf(options: Omit<TlsTexts, 'insecure' | 'servername'>): SecureContext {
    const key = JSON.stringify(options)
    const known = this.#contexts.get(key)
    if (known) return known
    const { ca, ...rest } = options
    const context = createSecureContext({ ...rest, ...(ca && { ca: [...ca] }) })
    if (this.#contexts.size >= contextCap) this.#contexts.clear()
    this.#contexts.set(key, context)
    return context
  }
}

/** The private keys that the options contain, as texts. */
export function keysIn(options: TlsOptions | undefined): string[] {
  const { key } = tlsTexts(options ?? {})
  return key === undefined ? [] : [key]
}
