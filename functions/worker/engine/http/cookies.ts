import { Cookie, CookieJar } from 'tough-cookie'

/** The cookies of one life of a user. The jar is made at the first Set-Cookie; its header is kept per origin and path until it changes. */
export class Cookies {
  #jar: CookieJar | undefined
  readonly #headers = new Map<string, { value: string | undefined; untilMs: number }>()

  /** Takes the Set-Cookie headers of a response; what is no valid cookie for that URL is ignored, as browsers do. */
  store(setCookie: string | string[] | undefined, url: string): void {
    if (setCookie === undefined) return
    this.#jar ??= new CookieJar(undefined, {
      rejectPublicSuffixes: false,
      allowSpecialUseDomain: true,
      looseMode: true,
    })
    for (const one of Array.isArray(setCookie) ? setCookie : [setCookie]) {
      this.#jar.setCookieSync(one, url, { ignoreError: true })
    }
    this.#headers.clear()
  }

  /** The Cookie header for a request, undefined when there is none. */
  headerFor(origin: string, path: string): string | undefined {
    if (!this.#jar) return undefined
    const key = origin + path.replace(/\?.*$/s, '')
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
