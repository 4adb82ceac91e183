import { type SecureContext, type TLSSocket, createSecureContext } from 'node:tls'
import type { buildConnector } from 'undici'
import makeConnector from 'undici/lib/core/connect.js'
import { type TlsTexts, checkedTls, tlsTexts } from '../../../../../core/authoring/describing/tls-texts.ts'
import type { TlsOptions } from '../../../../../core/authoring/requests/tls.ts'

/** The TLS settings for the connections of one user, or of all users. */
export interface Security {
  /** Adds TLS to a connected socket. If a TLS session is given, resumes this session. */
  readonly secure: Secure
  /** `true` if the certificates of targets are verified. */
  readonly verified: boolean
  /** The TLS server name for the run's own host; undefined if the server name is the name of the host. */
  readonly servername: string | undefined
  /** Returns these settings for connections that offer HTTP/2 and HTTP/1.1 to the target and prefer HTTP/2 (ALPN). */
  withHttp2(): Security
  /** The TLS sessions that connections can resume. If absent, no session is resumed. */
  readonly sessions?: Sessions
}

type Secure = (options: buildConnector.Options, callback: buildConnector.Callback, session?: Buffer) => TLSSocket

/** The maximum number of hosts for which one user keeps a TLS session. Each session takes about 2 KB. */
const sessionCap = 10

/** The latest TLS session with each of the last `sessionCap` hosts. */
class Sessions {
  #known: Map<string, Buffer> | undefined

  of(peer: string): Buffer | undefined {
    return this.#known?.get(peer)
  }

  keep(peer: string, session: Buffer): void {
    this.#known ??= new Map()
    this.#known.delete(peer)
    this.#known.set(peer, session)
    const [oldest] = this.#known.keys()
    if (this.#known.size > sessionCap && oldest !== undefined) this.#known.delete(oldest)
  }
}

/**
 * Returns a copy of these settings, with separate TLS sessions. Like a browser, a user resumes only its own sessions, so the first connection of a
 * new user needs a full handshake. Users that share connections also share sessions.
 */
export function withOwnSessions(security: Security): Security {
  const sessions = new Sessions()
  return { ...security, sessions, withHttp2: () => ({ ...security.withHttp2(), sessions }) }
}

/**
 * The maximum number of TLS contexts that one worker stores; when it is reached, burst removes all stored contexts. Users with different client
 * certificates need different contexts. Each context takes about 50 KB.
 */
const contextCap = 1_000

/** The TLS settings of a run. */
export class Securities {
  /** The settings of users that do not set `this.http.tls`. */
  readonly default: Security
  /** `true` if the command line contains `--insecure`. */
  readonly #insecure: boolean
  readonly #options: TlsOptions
  readonly #contexts = new Map<string, SecureContext>()

  /**
   * Creates the TLS settings of a run.
   * @throws TypeError when a file is not part of the bundle
   * @throws an error of OpenSSL when a certificate or a key cannot be used
   */
  constructor(options: TlsOptions = {}, insecure = false) {
    this.#options = options
    this.#insecure = insecure
    this.default = this.#securityOf(options)
  }

  /**
   * Returns the settings of one user.
   * @throws BurstError or TypeError that says what is wrong with the settings
   * @throws an error of OpenSSL when a certificate or a key cannot be used
   */
  of(given: unknown): Security {
    const own = checkedTls(given, 'this.http.tls')
    return this.#securityOf({ ...this.#options, ...own })
  }

  #securityOf(options: TlsOptions): Security {
    const { insecure = false, servername, ...rest } = tlsTexts(options)
    const verified = !insecure && !this.#insecure && process.env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0'
    const context = Object.keys(rest).length === 0 ? undefined : this.#contextOf(rest)
    // undici's timeout for connecting is off, because the timeout of the request includes the time to connect.
    const common = {
      timeout: 0,
      ...(context && { secureContext: context }),
      ...(!verified && { rejectUnauthorized: false }),
    }
    let offering: Security | undefined
    const security: Security = {
      secure: connectorWith({ ...common, allowH2: false }),
      verified,
      servername,
      withHttp2: () =>
        (offering ??= { ...security, secure: connectorWith({ ...common, allowH2: true, preferH2: true }) }),
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

/**
 * Returns a connector that uses burst's TLS sessions instead of undici's. undici would share its sessions between all users, and a garbage collection
 * could remove them.
 */
function connectorWith(common: buildConnector.BuildOptions): Secure {
  const plain = makeConnector({ ...common, maxCachedSessions: 0 })
  return (options, callback, session) => {
    const connect = session ? makeConnector({ ...common, maxCachedSessions: 0, session }) : plain
    // undici's connector returns the socket immediately, but undici's types do not say so.
    return connect(options, callback) as unknown as TLSSocket
  }
}

/** Returns a list that contains the private key of the options; an empty list if the options have no key. */
export function keysIn(options: TlsOptions | undefined): string[] {
  const { key } = tlsTexts(options ?? {})
  return key === undefined ? [] : [key]
}
