import type { RequestOptions } from '../../../../../core/authoring/requests/http.ts'
import type { RunPlan } from '../../../../../core/plan/plan.ts'
import { acceptEncoding } from '../body.ts'
import type { CallPlan } from '../chain.ts'
import type { Outgoing } from '../outgoing.ts'
import { basic, userinfoOf } from './credentials.ts'
import { headerPairs, noOwnHeaders, setHeader } from './headers.ts'
import { isHopHeader } from './hop-headers.ts'
import { type RequestBody, StreamSource } from '../bodies/stream-source.ts'
import type { RouteRow } from '../../counting/recorder.ts'
import { bodyOf } from './request-body.ts'
import { checkName, checkValues, checkedTimeoutMs } from './request-checks.ts'
import { type Template, fillTemplate, nameOfRoute, parseTemplate, withQuery } from './route.ts'

const defaultTimeoutMs = 60_000
const defaultRedirects = 10
/** The maximum number of parsed routes in the cache. Without a limit, code that puts values into its URLs would fill the memory. */
const routeCap = 5000
/** The maximum number of methods whose routes the cache stores. */
const methodCap = 50

type RouteOptions = RequestOptions & { params?: Record<string, string | number> }

interface KnownRoute {
  template: Template
  row: RouteRow
  /** The `Authorization` header for the user name and password in the route. */
  authorization: string | undefined
  /** The part of the plan that all requests without options share. Null if the route has parameters, or does not begin with `/`. */
  plain: (Pick<Outgoing, 'origin' | 'path' | 'headers'> & { url: string }) | null
}

/** The host to which requests are sent if their routes do not contain a host. */
export interface HomeHost {
  host: string
  build: string
  /** The `Authorization` header for requests to this host, unless a request sets its own `Authorization` header. */
  authorization: string | undefined
}

export function homeOf({ host, build, hostUserinfo }: Pick<RunPlan, 'host' | 'build' | 'hostUserinfo'>): HomeHost {
  const authorization = hostUserinfo === undefined ? undefined : userinfoOf(`http://${hostUserinfo}@host`).authorization
  return { host, build, authorization }
}

/** The recorder, which provides rows of the statistics and records notices. */
export interface RouteBook {
  row(method: string, name: string): RouteRow
  notice(text: string): void
}

/**
 * The routes of one worker. burst parses a route, and determines its name, once for each method and `name`. When the cache is full, burst parses a
 * route that is not in the cache again for each request.
 */
export class Routes {
  readonly #host: string
  readonly #origin: string
  readonly #basePath: string
  readonly #userAgent: string
  readonly #authorization: string | undefined
  readonly #book: RouteBook
  /** The known routes, by method and route. */
  readonly #known = new Map<string, Map<string, KnownRoute>>()
  /** The known routes of requests with a `name`, by method, route and name. */
  readonly #named = new Map<string, KnownRoute>()
  #ownHeaders: Readonly<Outgoing['headers']> | undefined
  #count = 0

  constructor({ host, build, authorization }: HomeHost, book: RouteBook) {
    const url = new URL(host)
    this.#origin = url.origin
    this.#basePath = url.pathname.replace(/\/$/, '')
    this.#host = this.#origin + this.#basePath
    this.#userAgent = `burst/${build.replace(/[^\w.-].*$/, '')}`
    this.#authorization = authorization
    this.#book = book
  }

  /** The origin of the service under load. */
  get origin(): string {
    return this.#origin
  }

  /**
   * Returns the plan of a request.
   * @throws TypeError when the request cannot be sent: a parameter is missing, the URL is invalid, a header cannot be sent, an option has a wrong
   * value, or the options contain more than one kind of body
   * @throws BurstError when the timeout is not a duration
   */
  prepare(
    method: string,
    route: string,
    options: RouteOptions | undefined,
    headers: Readonly<Record<string, string | string[]>>,
  ): CallPlan {
    const known = this.#route(method, route, options?.name)
    const isPlain = options === undefined && headers === noOwnHeaders
    if (isPlain && known.plain) return planOf(known, plainRequest(known.plain, method), known.plain.url)
    return this.#withOptions(known, method, options ?? {}, headers)
  }

  #withOptions(
    known: KnownRoute,
    method: string,
    options: RouteOptions,
    headers: Readonly<Record<string, string | string[]>>,
  ): CallPlan {
    checkValues(options, known.template)
    const filled = withQuery(fillTemplate(known.template, options.params), options.query, options.arrays)
    const target = this.#target(filled)
    const body = bodyOf(options)
    const outgoing: Outgoing = {
      origin: target.origin,
      path: target.path,
      method,
      headers: this.#defaults(target.origin, body?.type),
      hopHeaders: false,
      close: closesOf(options),
      body: body?.content ?? null,
      ready: body?.ready,
      keepBody: false,
    }
    Object.assign(outgoing.headers, headers)
    if (known.authorization !== undefined) outgoing.headers['authorization'] = known.authorization
    addHeaders(outgoing.headers, options)
    fitForm(outgoing, body)
    this.#checkHopHeaders(outgoing)
    const plan = planOf(known, outgoing, outgoing.origin + outgoing.path)
    if (options.timeout !== undefined) plan.timeoutMs = checkedTimeoutMs(options.timeout)
    if (options.redirects !== undefined) plan.redirects = options.redirects
    return plan
  }

  #route(method: string, route: string, name: string | undefined): KnownRoute {
    if (name === undefined) return this.#routesOf(method).get(route) ?? this.#learn(method, route)
    checkName(name)
    const key = `${method} ${route}\n${name}`
    return this.#named.get(key) ?? this.#keep(this.#named, key, this.#read(method, route, name))
  }

  #routesOf(method: string): Map<string, KnownRoute> {
    const known = this.#known.get(method)
    if (known) return known
    const routes = new Map<string, KnownRoute>()
    if (this.#known.size < methodCap) this.#known.set(method, routes)
    return routes
  }

  /** Returns the name of a route in the statistics. A request to the route has this name if it does not set its own name. */
  nameOf(route: string): string {
    return nameOfRoute(userinfoOf(route).url, this.#host)
  }

  #learn(method: string, route: string): KnownRoute {
    return this.#keep(this.#routesOf(method), route, this.#read(method, route, this.nameOf(route)))
  }

  #keep(routes: Map<string, KnownRoute>, key: string, route: KnownRoute): KnownRoute {
    if (this.#count >= routeCap) return route
    this.#count++
    routes.set(key, route)
    return route
  }

  #read(method: string, route: string, name: string): KnownRoute {
    const { url, authorization } = userinfoOf(route)
    const template = parseTemplate(url)
    return {
      template,
      row: this.#book.row(method, name),
      authorization,
      plain: this.#plain(template, authorization),
    }
  }

  #plain({ pieces, params }: Template, authorization: string | undefined): KnownRoute['plain'] {
    const [path] = pieces
    if (params.length > 0 || !path?.startsWith('/')) return null
    const { origin, path: target } = this.#target(withQuery(path, undefined))
    return { origin, path: target, url: origin + target, headers: this.#sharedHeaders(origin, authorization) }
  }

  /**
   * Returns the headers of plain requests to an origin. Plain requests to the run's host share one object. Each route that contains a user name and a
   * password has its own object.
   */
  #sharedHeaders(origin: string, authorization: string | undefined): Readonly<Outgoing['headers']> {
    if (authorization !== undefined) return Object.freeze({ ...this.#defaults(origin, undefined), authorization })
    if (origin !== this.#origin) return Object.freeze(this.#defaults(origin, undefined))
    this.#ownHeaders ??= Object.freeze(this.#defaults(origin, undefined))
    return this.#ownHeaders
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

  /**
   * Sets `hopHeaders` if some headers concern the connection. Removes `content-length`, because burst sets this header itself.
   * @throws TypeError for a `transfer-encoding` other than `chunked`, and for several `host` headers
   */
  #checkHopHeaders(outgoing: Outgoing): void {
    const { headers } = outgoing
    for (const name of Object.keys(headers)) {
      if (isHopHeader(name)) outgoing.hopHeaders = true
    }
    if (outgoing.hopHeaders) checkEncoding(headers['transfer-encoding'])
    if (Array.isArray(headers['host'])) throw new TypeError('a request cannot have more than one host header')
    if (headers['content-length'] !== undefined) this.#dropLength(outgoing)
  }

  #dropLength({ headers, body, ready }: Outgoing): void {
    const length = headers['content-length']
    delete headers['content-length']
    const bytes = body instanceof StreamSource ? body.length : Buffer.byteLength(body ?? '')
    if (!ready && bytes !== null && Number(length) !== bytes)
      this.#book.notice('a content-length header was wrong: burst sent the actual length of the body instead')
  }
}

function plainRequest({ origin, path, headers }: NonNullable<KnownRoute['plain']>, method: string): Outgoing {
  return {
    origin,
    path,
    method,
    headers,
    hopHeaders: false,
    close: undefined,
    body: null,
    ready: undefined,
    keepBody: false,
  }
}

function closesOf({ connection }: RequestOptions): boolean | undefined {
  return connection === undefined ? undefined : connection === 'close'
}

/** Returns the plan of a request. Values that depend on the state of the user are set later. */
function planOf({ row }: KnownRoute, outgoing: Outgoing, url: string): CallPlan {
  return {
    number: 0,
    row,
    url,
    outgoing,
    timeoutMs: defaultTimeoutMs,
    redirects: defaultRedirects,
    intentMs: 0,
    lagBeforeMs: 0,
    pacedLossMs: null,
    verify: null,
  }
}

function addHeaders(into: Record<string, string | string[]>, { auth, headers }: RequestOptions): void {
  if (auth !== undefined) setHeader(into, 'authorization', authorization(auth))
  if (headers === undefined) return
  for (const [name, value] of headerPairs(headers)) setHeader(into, name, value)
}

/** If the scenario sets the `content-type` of a form, adapts the form and this header so that they contain the same boundary. */
function fitForm(outgoing: Outgoing, body: RequestBody | null): void {
  const type = onlyValue(outgoing.headers['content-type'])
  if (type === undefined || type === body?.type || !body?.typed) return
  const typed = body.typed(type)
  if (typed.type !== undefined) outgoing.headers['content-type'] = typed.type
  outgoing.body = typed.content
  outgoing.ready = typed.ready
}

/** Returns the value of a header; undefined if the header is missing or has several values. */
function onlyValue(header: string | string[] = []): string | undefined {
  const values = [header].flat()
  return values.length === 1 ? values[0] : undefined
}

function checkEncoding(value: string | string[] | undefined): void {
  if (value === undefined || String(value).trim().toLowerCase() === 'chunked') return
  throw new TypeError(`transfer-encoding '${String(value).slice(0, 40)}' cannot be sent: burst supports only chunked`)
}

function authorization(auth: NonNullable<RequestOptions['auth']>): string {
  if (typeof auth === 'string') return auth
  if ('bearer' in auth) return `Bearer ${auth.bearer}`
  return basic(auth.user, auth.password)
}

/**
 * Percent-encodes a path that contains a space, a control character or a character beyond ASCII. Characters that are already encoded stay unchanged.
 */
function encodePath(path: string): string {
  return /[^\x21-\x7e]/.test(path) ? encodeURI(path.toWellFormed()).replaceAll('%25', '%') : path
}
