import type { Http, Options, RequestOptions } from '../../../../../core/authoring/http.ts'
import { inWords } from '../../../../../core/values-in-words.ts'
import type { RunPlan } from '../../../../../core/plan/plan.ts'
import { acceptEncoding } from '../body.ts'
import type { Call } from '../call.ts'
import type { Outgoing } from '../exchange.ts'
import { basic, userinfoOf } from './credentials.ts'
import { UserHeaders, setHeader } from './headers.ts'
import { isHopHeader } from './hop-headers.ts'
import { pairsOf, plainPairs } from './plain-pairs.ts'
import type { RouteRow } from '../../counting/recorder.ts'
import { type RequestBody, jsonBody, rawBody } from './request-body.ts'
import { checkOptions, checkValues, checkedRoute, checkedTimeoutMs } from './request-checks.ts'
import { type Template, fillTemplate, nameOfRoute, parseTemplate, withQuery } from './route.ts'

/** A request made from a route and its options, before its user's cookies are added. */
export interface Prepared {
  row: RouteRow
  url: string
  outgoing: Outgoing
  timeoutMs: number
  redirects: number
}

const defaultTimeoutMs = 60_000
const defaultRedirects = 10
/** How many split routes are kept; otherwise code that builds its URLs by hand would fill the memory. */
const routeCap = 5000

interface KnownRoute {
  template: Template
  row: RouteRow
  /** The `Authorization` header for the user name and password in the route. */
  authorization: string | undefined
}

/** The host of requests whose route does not name one. */
export interface HomeHost {
  host: string
  build: string
  /** The `Authorization` header for requests to this host that do not have their own. */
  authorization: string | undefined
}

export function homeOf({ host, build, hostUserinfo }: Pick<RunPlan, 'host' | 'build' | 'hostUserinfo'>): HomeHost {
  const authorization = hostUserinfo === undefined ? undefined : userinfoOf(`http://${hostUserinfo}@host`).authorization
  return { host, build, authorization }
}

/** Where rows are looked up and notices are reported. */
export interface RouteBook {
  row(method: string, name: string): RouteRow
  notice(text: string): void
}

/** The routes of one worker: each is split and named once. */
export class Routes {
  readonly #host: string
  readonly #origin: string
  readonly #basePath: string
  readonly #userAgent: string
  readonly #authorization: string | undefined
  readonly #book: RouteBook
  readonly #known = new Map<string, KnownRoute>()

  constructor({ host, build, authorization }: HomeHost, book: RouteBook) {
    const url = new URL(host)
    this.#origin = url.origin
    this.#basePath = url.pathname.replace(/\/$/, '')
    this.#host = this.#origin + this.#basePath
    this.#userAgent = `burst/${build.replace(/[^\w.-].*$/, '')}`
    this.#authorization = authorization
    this.#book = book
  }

  /** Origin of the service under load. */
  get origin(): string {
    return this.#origin
  }

  /**
   * @throws TypeError when a parameter is missing, the URL is not a valid one, a header cannot be sent, or more than one kind of body is given
   */
  // oxlint-disable-next-line max-params -- called for each request: an object would be made for each
  prepare(
    method: string,
    route: string,
    options: RequestOptions & { params?: Record<string, string | number> },
    headers: Readonly<Record<string, string | string[]>>,
  ): Prepared {
    const known = this.#route(method, route, options.name)
    checkValues(options, known.template)
    const filled = withQuery(fillTemplate(known.template, options.params), options.query)
    const target = this.#target(filled)
    const body = bodyOf(options)
    const outgoing: Outgoing = {
      origin: target.origin,
      path: target.path,
      method,
      headers: this.#defaults(target.origin, body?.type),
      hopHeaders: false,
      body: body?.content ?? null,
      ready: body?.ready,
      keepBody: false,
    }
    Object.assign(outgoing.headers, headers)
    if (known.authorization !== undefined) outgoing.headers['authorization'] = known.authorization
    addHeaders(outgoing.headers, options)
    this.#checkHopHeaders(outgoing)
    return {
      row: known.row,
      url: target.origin + target.path,
      outgoing,
      timeoutMs: options.timeout === undefined ? defaultTimeoutMs : checkedTimeoutMs(options.timeout),
      redirects: options.redirects ?? defaultRedirects,
    }
  }

  #route(method: string, route: string, name: string | undefined): KnownRoute {
    const key = name === undefined ? `${method} ${route}` : `${method} ${route}\n${name}`
    const known = this.#known.get(key)
    if (known) return known
    const { url, authorization } = userinfoOf(route)
    const rowName = name === undefined ? nameOfRoute(url, this.#host) : name
    const made = { template: parseTemplate(url), row: this.#book.row(method, rowName), authorization }
    if (this.#known.size < routeCap) this.#known.set(key, made)
    return made
  }

  #target(filled: string): { origin: string; path: string } {
    if (filled.startsWith('/')) return { origin: this.#origin, path: this.#basePath + encodePath(filled) }
    if (!/^https?:\/\//i.test(filled)) return { origin: this.#origin, path: `${this.#basePath}/${encodePath(filled)}` }
    if (!URL.canParse(filled)) throw new TypeError(`not a valid URL: ${filled}`)
    const url = new URL(filled)
    return { origin: url.origin, path: url.pathname + url.search }
  }

  #defaults(origin: string, type: string | undefined): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = {
      'user-agent': this.#userAgent,
      accept: '*/*',
      'accept-encoding': acceptEncoding,
    }
    if (type !== undefined) headers['content-type'] = type
    if (this.#authorization !== undefined && origin === this.#origin) headers['authorization'] = this.#authorization
    return headers
  }

  /** Marks headers of the connection, and leaves the body's length and encoding to burst. */
  #checkHopHeaders(outgoing: Outgoing): void {
    const { headers } = outgoing
    for (const name of Object.keys(headers)) {
      if (isHopHeader(name)) outgoing.hopHeaders = true
    }
    if (outgoing.hopHeaders) checkEncoding(headers['transfer-encoding'])
    if (Array.isArray(headers['host'])) throw new TypeError('a request has one host header')
    if (headers['content-length'] !== undefined) this.#dropLength(outgoing)
  }

  #dropLength({ headers, body, ready }: Outgoing): void {
    const length = headers['content-length']
    delete headers['content-length']
    const bytes = body === null ? 0 : Buffer.byteLength(body)
    if (!ready && Number(length) !== bytes)
      this.#book.notice('a content-length header was wrong: the length of the body was sent')
  }
}

function addHeaders(into: Record<string, string | string[]>, { auth, headers }: RequestOptions): void {
  if (auth !== undefined) setHeader(into, 'authorization', authorization(auth))
  if (headers === undefined) return
  for (const [name, value] of pairsOf(headers, 'headers')) setHeader(into, name, value)
}

function checkEncoding(value: string | string[] | undefined): void {
  if (value === undefined || String(value).trim().toLowerCase() === 'chunked') return
  throw new TypeError(`transfer-encoding '${String(value).slice(0, 40)}' cannot be sent: burst knows chunked`)
}

/** `this.http` of a user. */
export class UserHttp implements Http {
  readonly headers = new UserHeaders()
  readonly #send: (prepared: Prepared) => Call
  readonly #routes: Routes

  constructor(routes: Routes, send: (prepared: Prepared) => Call) {
    this.#routes = routes
    this.#send = send
  }

  get<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('GET', route, options)
  }

  post<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('POST', route, options)
  }

  put<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('PUT', route, options)
  }

  patch<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('PATCH', route, options)
  }

  delete<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('DELETE', route, options)
  }

  head<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('HEAD', route, options)
  }

  options<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('OPTIONS', route, options)
  }

  request<P extends string>(method: string, route: P, options?: Options<P>): Call {
    return this.#call(methodOf(method), route, options, 'request')
  }

  // oxlint-disable-next-line max-params -- called for each request: an object would be made for each
  #call(method: string, route: string, options: RequestOptions = {}, caller = method.toLowerCase()): Call {
    checkOptions(options)
    return this.#send(this.#routes.prepare(method, checkedRoute(route, caller), options, this.headers.values))
  }
}

function bodyOf(options: RequestOptions): RequestBody | null {
  const given = [options.json, options.form, options.body ?? undefined].filter((one) => one !== undefined)
  if (given.length > 1) throw new TypeError('a request takes one of json, form and body')
  if (options.json !== undefined) return jsonBody(options.json)
  if (options.form !== undefined) {
    const fields = new URLSearchParams(plainPairs(options.form, 'form'))
    return { content: fields.toString(), type: 'application/x-www-form-urlencoded' }
  }
  return given.length === 0 ? null : rawBody(options.body)
}

function authorization(auth: NonNullable<RequestOptions['auth']>): string {
  if (typeof auth === 'string') return auth
  if ('bearer' in auth) return `Bearer ${auth.bearer}`
  return basic(auth.user, auth.password)
}

/** @throws TypeError for an impossible method, and for CONNECT, which asks for a tunnel */
function methodOf(method: unknown): string {
  const name = typeof method === 'string' ? method.toUpperCase() : ''
  if (!/^[!#$%&'*+.^_`|~0-9A-Z-]{1,40}$/.test(name)) {
    throw new TypeError(
      `the method of http.request() is ${inWords(method)}; it is a text such as 'PROPFIND', and the route comes after it`,
    )
  }
  if (name === 'CONNECT') throw new TypeError('CONNECT asks for a tunnel, which burst does not open')
  return name
}

/** Encodes spaces and the like in routes; text that is already encoded stays unchanged. */
function encodePath(path: string): string {
  return /[^\x21-\x7e]/.test(path) ? encodeURI(path).replaceAll('%25', '%') : path
}
