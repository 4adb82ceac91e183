import { Cookie, CookieJar } from 'tough-cookie'

/** A cookie whose name and value together exceed this is not kept (RFC 6265 §6.1, as in browsers). */
const largestCookie = 4096
/** How many cookies one user keeps: as many as browsers keep for one site. The oldest are dropped. */
const cookiesPerUser = 180
const allCookiesCap = 64 * 1024 * 1024

/** The memory that the cookies of all users of a worker may use together. */
export class CookieBudget {
  /** Whether a cookie was refused because of the limit. */
  refused = false
  #bytes = 0
  readonly #cap: number

  constructor(capBytes = allCookiesCap) {
    this.#cap = capBytes
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#cap) {
      this.refused = true
      return false
    }
    this.#bytes += bytes
    return true
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }
}

interface KeptCookie {
  cookie: Cookie
  bytes: number
}

/**
 * The cookies of one life of a user. The jar is created at the first Set-Cookie. The Cookie header is cached per origin and path until the
 * jar changes.
 */
export class Cookies {
  #jar: CookieJar | undefined
  readonly #budget: CookieBudget
  /** The cookies by domain, path and name, the oldest first. Created with the jar, because most users have no cookies. */
  #kept: Map<string, KeptCookie> | undefined
  #headers: Map<string, { value: string | undefined; untilMs: number }> | undefined

  constructor(budget: CookieBudget) {
    this.#budget = budget
  }

  /** Stores the Set-Cookie headers of a response; cookies that are invalid for the URL are ignored, as in browsers. */
  store(setCookie: string | string[] | undefined, url: string): void {
    if (setCookie === undefined) return
    const jar = this.#open()
    for (const one of Array.isArray(setCookie) ? setCookie : [setCookie]) {
      if (one.length <= 2 * largestCookie) this.#keep(jar.setCookieSync(one, url, { ignoreError: true }))
    }
    this.#headers?.clear()
  }

  /** All cookies as plain data, the oldest first. */
  carried(): object[] {
    return [...(this.#kept?.values() ?? [])].map(({ cookie }) => cookie.toJSON())
  }

  /** Restores cookies that `carried` returned in another worker; invalid ones are ignored. */
  restore(carried: readonly unknown[]): void {
    for (const one of carried) {
      const cookie = Cookie.fromJSON(one)
      if (!cookie) continue
      // The store is in memory, so the call is complete when it returns.
      this.#open().store.putCookie(cookie, () => undefined)
      this.#keep(cookie)
    }
  }

  #open(): CookieJar {
    this.#kept ??= new Map()
    this.#jar ??= new CookieJar(undefined, {
      rejectPublicSuffixes: false,
      allowSpecialUseDomain: true,
      looseMode: true,
    })
    return this.#jar
  }

  /** Forgets all cookies when the user has ended. */
  clear(): void {
    for (const { bytes } of this.#kept?.values() ?? []) this.#budget.give(bytes)
    this.#kept = undefined
    this.#headers = undefined
    this.#jar = undefined
  }

  #keep(cookie: Cookie | undefined): void {
    const kept = this.#kept
    if (!cookie || !kept) return
    const key = `${cookie.domain}\n${cookie.path}\n${cookie.key}`
    const bytes = cookie.key.length + cookie.value.length
    this.#forget(key)
    if (bytes > largestCookie || !this.#budget.take(bytes)) return this.#remove(cookie)
    kept.set(key, { cookie, bytes })
    const [oldest] = kept
    if (kept.size <= cookiesPerUser || !oldest) return
    this.#forget(oldest[0])
    this.#remove(oldest[1].cookie)
  }

  #forget(key: string): void {
    this.#budget.give(this.#kept?.get(key)?.bytes ?? 0)
    this.#kept?.delete(key)
  }

  #remove({ domain, path, key }: Cookie): void {
    // The store is in memory, so the call is complete when it returns.
    this.#jar?.store.removeCookie(domain, path, key, () => undefined)
  }

  /** The Cookie header for a request, undefined when there is none. */
  headerFor(origin: string, path: string): string | undefined {
    if (!this.#jar) return undefined
    const key = origin + path.replace(/\?.*$/s, '')
    this.#headers ??= new Map()
    const known = this.#headers.get(key)
    if (known && known.untilMs > Date.now()) return known.value
    const cookies = this.#jar.getCookiesSync(origin + path)
    const value = cookies.length === 0 ? undefined : cookies.map((cookie) => cookie.cookieString()).join('; ')
    if (this.#headers.size > 200) this.#headers.clear()
    this.#headers.set(key, { value, untilMs: earliestExpiry(cookies) })
    return value
  }
}

function earliestExpiry(cookies: readonly Cookie[]): number {
  return cookies.reduce((earliest, cookie) => Math.min(earliest, cookie.expiryTime() ?? Infinity), Infinity)
}
