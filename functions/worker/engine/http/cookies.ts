import { Cookie, CookieJar } from 'tough-cookie'
import { performance, wallNowMs } from '../../../guard/built-ins.ts'

/**
 * The maximum total length of a cookie's name and value (RFC 6265 §6.1). Like browsers, burst ignores a cookie that exceeds this length. An earlier
 * cookie with the same domain, path and name stays.
 */
const largestCookie = 4096
/**
 * The maximum number of cookies of one user. Browsers keep the same number for one site. If a user gets more cookies, its expired cookies are
 * dropped. If none has expired, its oldest cookie is dropped.
 */
const cookiesPerUser = 180
/** The latest moment that a `Date` can contain, in epoch milliseconds. */
const latestMs = 8.64e15
const allCookiesCap = 64 * 1024 * 1024
const wallAheadMs = wallNowMs() - performance.now()

/**
 * Returns the epoch milliseconds of a clock that does not jump, so that users do not lose their cookies when the system time is changed during a run.
 */
function steadyNowMs(): number {
  return wallAheadMs + performance.now()
}

/** The memory that the cookies of all users of a worker may use together. */
export class CookieBudget {
  /** `true` if a cookie was refused because the memory was used up. */
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

interface HeaderValue {
  value: string | undefined
  untilMs: number
}

type Headers = Record<string, string | string[]>

interface KeptCookie {
  cookie: Cookie
  bytes: number
}

/**
 * The cookies of one life of a user. The jar is created when the first cookie is set or restored. The Cookie header is cached per origin and path
 * until the jar changes or a cookie expires.
 */
export class Cookies {
  #jar: CookieJar | undefined
  readonly #budget: CookieBudget
  readonly #nowMs: () => number
  /** The cookies by domain, path and name, oldest first. Undefined until the jar is created, because most users have no cookies. */
  #kept: Map<string, KeptCookie> | undefined
  #headers: Map<string, HeaderValue> | undefined
  /**
   * The last result of `addTo`: `given` is the headers object without the cookies, and `headers` is the copy with the Cookie header. A later request
   * with the same headers object can use `headers` again. This is common, because all requests without options have the same headers object.
   */
  #joined: (HeaderValue & { given: Headers; url: string; headers: Headers }) | undefined

  /** @param nowMs returns the epoch milliseconds of a clock that does not jump */
  constructor(budget: CookieBudget, nowMs: () => number = steadyNowMs) {
    this.#budget = budget
    this.#nowMs = nowMs
  }

  /**
   * Stores the Set-Cookie headers of a response. Ignores a header that has more than 8192 characters. Like browsers, also ignores a cookie that is
   * invalid for the URL.
   */
  store(setCookie: string | string[] | undefined, url: string): void {
    if (setCookie === undefined) return
    const jar = this.#open()
    for (const one of Array.isArray(setCookie) ? setCookie : [setCookie]) {
      if (one.length > 2 * largestCookie) continue
      const cookie = jar.setCookieSync(one, url, { ignoreError: true })
      if (cookie) fixExpiry(cookie, this.#nowMs())
      this.#keep(cookie)
    }
    this.#headers?.clear()
    this.#joined = undefined
  }

  /** Returns all cookies as plain data, the oldest first. */
  carried(): object[] {
    return [...(this.#kept?.values() ?? [])].map(({ cookie }) => cookie.toJSON())
  }

  /**
   * Restores the cookies that `carried` returned in the previous worker. Ignores invalid cookies, and cookies that have expired or exceed a limit.
   */
  restore(carried: readonly unknown[]): void {
    for (const one of carried) {
      const cookie = Cookie.fromJSON(one)
      if (!cookie) continue
      this.#open()
      this.#put(cookie)
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

  /** Removes all cookies. Called when the user has ended. */
  clear(): void {
    for (const { bytes } of this.#kept?.values() ?? []) this.#budget.give(bytes)
    this.#kept = undefined
    this.#headers = undefined
    this.#joined = undefined
    this.#jar = undefined
  }

  /**
   * Keeps a cookie that the jar has stored. If this cookie has expired, removes it and any earlier cookie with the same domain, path and name. If
   * this cookie is too long, or if not enough memory is left, removes it and restores the earlier cookie, if there is one.
   */
  #keep(cookie: Cookie | undefined): void {
    const kept = this.#kept
    if (!cookie || !kept) return
    const key = `${cookie.domain}\n${cookie.path}\n${cookie.key}`
    const bytes = cookie.key.length + cookie.value.length
    if (bytes > largestCookie) return this.#undo(key, cookie)
    if (this.#isOver(cookie)) return this.#drop(key, cookie)
    if (!this.#hasRoom(key, bytes)) return this.#undo(key, cookie)
    // The newest cookie comes last.
    kept.delete(key)
    kept.set(key, { cookie, bytes })
    if (kept.size > cookiesPerUser) this.#dropOne(kept)
  }

  /** Removes a refused cookie from the jar. If the refused cookie has replaced an earlier cookie, puts back the earlier cookie. */
  #undo(key: string, refused: Cookie): void {
    const before = this.#kept?.get(key)
    if (before) this.#put(before.cookie)
    else this.#remove(refused)
  }

  /** Drops the expired cookies. If no cookie has expired, drops the oldest cookie. */
  #dropOne(kept: Map<string, KeptCookie>): void {
    this.#dropOver()
    const [oldest] = kept
    if (kept.size > cookiesPerUser && oldest) this.#drop(oldest[0], oldest[1].cookie)
  }

  /**
   * Reserves memory for a cookie. If the cookie replaces an earlier cookie, reserves only the difference between their lengths. Returns false if not
   * enough memory is left.
   */
  #hasRoom(key: string, bytes: number): boolean {
    const before = this.#kept?.get(key)
    if (before && this.#isOver(before.cookie)) this.#forget(key)
    const missing = bytes - (this.#kept?.get(key)?.bytes ?? 0)
    if (this.#budget.take(missing)) return true
    this.#dropOver()
    return this.#budget.take(missing)
  }

  /** Drops the expired cookies. Like browsers, burst drops expired cookies before other cookies. */
  #dropOver(): void {
    for (const [key, { cookie }] of this.#kept ?? []) if (this.#isOver(cookie)) this.#drop(key, cookie)
  }

  #drop(key: string, cookie: Cookie): void {
    this.#forget(key)
    this.#remove(cookie)
  }

  #forget(key: string): void {
    this.#budget.give(this.#kept?.get(key)?.bytes ?? 0)
    this.#kept?.delete(key)
  }

  #put(cookie: Cookie): void {
    // The store is in memory, so `putCookie` has stored the cookie when it returns.
    this.#jar?.store.putCookie(cookie, () => undefined)
  }

  #remove({ domain, path, key }: Cookie): void {
    // The store is in memory, so `removeCookie` has removed the cookie when it returns.
    this.#jar?.store.removeCookie(domain, path, key, () => undefined)
  }

  /**
   * Returns the headers for a request to a URL. Adds a Cookie header if the user has cookies for the URL and `headers` does not contain a Cookie
   * header. Does not change `headers`.
   */
  addTo(headers: Headers, url: string): Headers {
    if (!this.#jar || headers['cookie'] !== undefined) return headers
    const last = this.#joined
    if (last?.given === headers && last.url === url && this.#isFresh(last)) return last.headers
    const { value, untilMs } = this.#headerFor(url)
    return value === undefined ? headers : this.#join(headers, url, { value, untilMs })
  }

  /** Adds a Cookie header to a copy of the headers. */
  #join(given: Headers, url: string, { value, untilMs }: HeaderValue & { value: string }): Headers {
    const last = this.#joined
    const isSame = last?.given === given && last.value === value
    const headers = isSame ? last.headers : { ...given, cookie: value }
    this.#joined = { value, untilMs, given, url, headers }
    return headers
  }

  /** Returns the Cookie header for a request to a URL; undefined when no cookie applies. */
  headerFor(url: string): string | undefined {
    return this.#jar && this.#headerFor(url).value
  }

  #headerFor(url: string): HeaderValue {
    const jar = this.#open()
    const queryAt = url.indexOf('?')
    const key = queryAt === -1 ? url : url.slice(0, queryAt)
    this.#headers ??= new Map()
    const known = this.#headers.get(key)
    if (known && this.#isFresh(known)) return known
    // With `expire: false`, the jar does not remove expired cookies. The jar would compare their times with the system time, which may jump.
    const stored = jar.getCookiesSync(url, { expire: false, sort: true })
    const cookies = stored.filter((cookie) => !this.#isOver(cookie))
    if (cookies.length < stored.length) this.#dropOver()
    const value = cookies.length === 0 ? undefined : cookies.map((cookie) => cookie.cookieString()).join('; ')
    if (this.#headers.size > 200) this.#headers.clear()
    const made = { value, untilMs: earliestExpiry(cookies) }
    this.#headers.set(key, made)
    return made
  }

  #isOver(cookie: Cookie): boolean {
    return (cookie.expiryTime() ?? Infinity) <= this.#nowMs()
  }

  #isFresh({ untilMs }: HeaderValue): boolean {
    return untilMs === Infinity || untilMs > this.#nowMs()
  }
}

/**
 * Sets the expiry of a cookie to a moment of the steady clock. Browsers count `Max-Age` from the response (RFC 6265 §5.2.2). tough-cookie counts
 * `Max-Age` from the last use of the cookie, so a cookie in use would never expire. If a cookie has only `Expires`, which is a moment of the wall
 * clock, its lifetime is the time from now until this moment.
 */
function fixExpiry(cookie: Cookie, nowMs: number): void {
  const lifeMs = lifeOf(cookie)
  if (lifeMs === undefined) return
  cookie.expires = new Date(Math.min(latestMs, nowMs + lifeMs))
  cookie.maxAge = null
}

/**
 * Returns the lifetime of a new cookie in milliseconds; negative if `Expires` is in the past. Returns undefined if the cookie does not expire, or if
 * its `Max-Age` deletes it immediately.
 */
function lifeOf({ maxAge, expires }: Cookie): number | undefined {
  if (maxAge !== null) return typeof maxAge === 'number' && maxAge > 0 ? maxAge * 1000 : undefined
  return expires instanceof Date ? expires.getTime() - wallNowMs() : undefined
}

function earliestExpiry(cookies: readonly Cookie[]): number {
  return cookies.reduce((earliest, cookie) => Math.min(earliest, cookie.expiryTime() ?? Infinity), Infinity)
}
