import type { Http, Options, RequestOptions } from '../../../../core/authoring/http.ts'
import { durationMs } from '../../../../core/duration.ts'
import { acceptEncoding } from './body.ts'
import type { Call } from './call.ts'
import type { Outgoing } from './exchange.ts'
import { UserHeaders, headerValue } from './headers.ts'
import type { RouteRow } from '../counting/recorder.ts'
import { type Template, capName, fillTemplate, nameOfRoute, parseTemplate, withQuery } from './route.ts'

/** A request as it was worked out from a route and its options, before its user adds cookies. */
export interface Prepared {
  row: RouteRow
  url: string
  outgoing: Outgoing
  timeoutMs: number
  redirects: number
}

const defaultTimeoutMs = 60_000
const defaultRedirects = 10
/** Routes that are kept split; code that builds its URLs by hand would otherwise fill the memory. */
const routeCap = 5000

interface KnownRoute {
  template: Template
  row: RouteRow
}

/** Routes of one worker: split and named once. */
export class Routes {
  readonly #host: string
  readonly #origin: string
  readonly #basePath: string
  readonly #userAgent: string
  readonly #row: (method: string, name: string) => RouteRow
  readonly #known = new Map<string, KnownRoute>()

  constructor(host: string, build: string, row: (method: string, name: string) => RouteRow) {
    const url = new URL(host)
    this.#origin = url.origin
    this.#basePath = url.pathname.replace(/\/$/, '')
    this.#host = this.#origin + this.#basePath
    this.#userAgent = `burst/${build.replace(/[^\w.-].*$/, '')}`
    this.#row = row
  }

  /**
   * @throws TypeError when a parameter is missing, the URL is no http URL, or more than one kind of body is given
   */
  // oxlint-disable-next-line max-params -- called for each request: an object would be made for each
  prepare(
    method: string,
    route: string,
    options: RequestOptions & { params?: Record<string, string | number> },
    headers: Readonly<Record<string, string>>,
  ): Prepared {
    const { template, row } = this.#route(method, route, options.name)
    const filled = withQuery(fillTemplate(template, options.params), options.query)
    const target = this.#target(filled)
    const body = bodyOf(options)
    return {
      row,
      url: target.origin + target.path,
      outgoing: {
        origin: target.origin,
        path: target.path,
        method,
        headers: this.#headers(headers, options, body?.type),
        body: body?.content ?? null,
        keepBody: false,
      },
      timeoutMs: options.timeout === undefined ? defaultTimeoutMs : durationMs(options.timeout, 'timeout'),
      redirects: options.redirects ?? defaultRedirects,
    }
  }

  #route(method: string, route: string, name: string | undefined): KnownRoute {
    const key = name === undefined ? `${method} ${route}` : `${method} ${route}\n${name}`
    const known = this.#known.get(key)
    if (known) return known
    const rowName = name === undefined ? nameOfRoute(route, this.#host) : capName(name)
    const made = { template: parseTemplate(route), row: this.#row(method, rowName) }
    if (this.#known.size < routeCap) this.#known.set(key, made)
    return made
  }

  #target(filled: string): { origin: string; path: string } {
    if (filled.startsWith('/')) return { origin: this.#origin, path: this.#basePath + encodePath(filled) }
    if (!/^https?:\/\//i.test(filled)) return { origin: this.#origin, path: `${this.#basePath}/${encodePath(filled)}` }
    if (!URL.canParse(filled)) throw new TypeError(`${filled.slice(0, 100)} is no valid URL`)
    const url = new URL(filled)
    return { origin: url.origin, path: url.pathname + url.search }
  }

  #headers(
    own: Readonly<Record<string, string>>,
    options: RequestOptions,
    type: string | undefined,
  ): Record<string, string> {
    const headers: Record<string, string> = {
      'user-agent': this.#userAgent,
      accept: '*/*',
      'accept-encoding': acceptEncoding,
    }
    if (type !== undefined) headers['content-type'] = type
    Object.assign(headers, own)
    if (options.auth !== undefined) headers['authorization'] = authorization(options.auth)
    for (const [name, value] of Object.entries(options.headers ?? {}))
      headers[name.toLowerCase()] = headerValue(name, value)
    return headers
  }
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
    return this.#request('GET', route, options)
  }

  post<P extends string>(route: P, options?: Options<P>): Call {
    return this.#request('POST', route, options)
  }

  put<P extends string>(route: P, options?: Options<P>): Call {
    return this.#request('PUT', route, options)
  }

  patch<P extends string>(route: P, options?: Options<P>): Call {
    return this.#request('PATCH', route, options)
  }

  delete<P extends string>(route: P, options?: Options<P>): Call {
    return this.#request('DELETE', route, options)
  }

  head<P extends string>(route: P, options?: Options<P>): Call {
    return this.#request('HEAD', route, options)
  }

  options<P extends string>(route: P, options?: Options<P>): Call {
    return this.#request('OPTIONS', route, options)
  }

  #request(method: string, route: string, options: RequestOptions = {}): Call {
    return this.#send(this.#routes.prepare(method, route, options, this.headers.values))
  }
}

function bodyOf(options: RequestOptions): { content: string | Uint8Array; type: string | undefined } | null {
  const given = [options.json, options.form, options.body].filter((one) => one !== undefined)
  if (given.length > 1) throw new TypeError('a request takes one of json, form and body')
  if (options.json !== undefined) return { content: JSON.stringify(options.json), type: 'application/json' }
  if (options.form !== undefined) {
    const fields = Object.entries(options.form).map(([name, value]): [string, string] => [name, String(value)])
    return { content: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' }
  }
  return options.body === undefined ? null : { content: options.body, type: undefined }
}

function authorization(auth: NonNullable<RequestOptions['auth']>): string {
  if (typeof auth === 'string') return auth
  if ('bearer' in auth) return `Bearer ${auth.bearer}`
  return `Basic ${Buffer.from(`${auth.user}:${auth.password}`, 'utf8').toString('base64')}`
}

/** Spaces and the like that people write into routes; what is encoded already stays. */
function encodePath(path: string): string {
  return /[^\x21-\x7e]/.test(path) ? encodeURI(path).replaceAll('%25', '%') : path
}
