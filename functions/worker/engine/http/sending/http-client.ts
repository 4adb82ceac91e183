import type {
  GraphqlDocument,
  GraphqlOptions,
  Http,
  Options,
  RequestOptions,
  ServerEvent,
  SseOptions,
  StreamOptions,
} from '../../../../../core/authoring/requests/http.ts'
import type { WebSocketOptions } from '../../../../../core/authoring/requests/web-socket.ts'
import { openingRoute } from '../../websocket/checks.ts'
import type { TlsOptions } from '../../../../../core/authoring/requests/tls.ts'
import { BodyStream } from '../streams/body-stream.ts'
import { type OpenStream, type StreamServices, chunksOf, eventsOf } from '../streams/streamed-call.ts'
import { inWords } from '../../../../../core/values-in-words.ts'
import type { Call } from '../call.ts'
import type { CallPlan } from '../chain.ts'
import { graphqlFailure, graphqlRequest } from '../graphql/graphql.ts'
import { UserHeaders, headerPairs, mergedHeaders } from './headers.ts'
import { guardProperties } from './properties.ts'
import { checkRequestOptions, checkedRoute } from './request-checks.ts'
import type { Routes } from './routes.ts'

interface Opening {
  caller: string
  /**
   * Default headers. A header in the options of the request replaces the default header with the same name. A header in `this.http.headers` does not
   * replace a default header.
   */
  headers: readonly (readonly [string, string])[]
  /** Headers that replace all other headers with the same name. */
  last?: readonly (readonly [string, string])[]
  endsWithUser: boolean
}

/** The object `this.http` of a user. */
export class UserHttp implements Http {
  readonly #headers = new UserHeaders()
  readonly #send: (plan: CallPlan) => Call
  readonly #routes: Routes
  readonly #secure: (tls: TlsOptions | undefined) => void
  #tls: TlsOptions | undefined

  readonly #streams: StreamServices

  constructor(
    routes: Routes,
    send: (plan: CallPlan) => Call,
    secure: (tls: TlsOptions | undefined) => void,
    streams: StreamServices,
  ) {
    this.#streams = streams
    this.#routes = routes
    this.#send = send
    this.#secure = secure
  }

  get headers(): UserHeaders {
    return this.#headers
  }

  /** @throws TypeError always, because the headers can be changed only with `set` and `delete` */
  set headers(given: unknown) {
    throw new TypeError(
      `this.http.headers cannot be replaced by ${inWords(given)}: write this.http.headers.set(name, value) for each header`,
    )
  }

  get tls(): TlsOptions | undefined {
    return this.#tls
  }

  /**
   * Sets the TLS settings of the user.
   * @throws TypeError or BurstError that says why the user cannot have these settings
   * @throws an error of OpenSSL when a certificate or a key cannot be used
   */
  set tls(tls: TlsOptions | undefined) {
    this.#secure(tls)
    this.#tls = tls
  }

  get<P extends string>(route: P, ...options: [options?: Options<P>]): Call {
    return this.#call('GET', route, options, 'get')
  }

  post<P extends string>(route: P, ...options: [options?: Options<P>]): Call {
    return this.#call('POST', route, options, 'post')
  }

  put<P extends string>(route: P, ...options: [options?: Options<P>]): Call {
    return this.#call('PUT', route, options, 'put')
  }

  patch<P extends string>(route: P, ...options: [options?: Options<P>]): Call {
    return this.#call('PATCH', route, options, 'patch')
  }

  delete<P extends string>(route: P, ...options: [options?: Options<P>]): Call {
    return this.#call('DELETE', route, options, 'delete')
  }

  head<P extends string>(route: P, ...options: [options?: Options<P>]): Call {
    return this.#call('HEAD', route, options, 'head')
  }

  options<P extends string>(route: P, ...options: [options?: Options<P>]): Call {
    return this.#call('OPTIONS', route, options, 'options')
  }

  request<P extends string>(method: string, route: P, ...options: [options?: Options<P>]): Call {
    return this.#call(methodOf(method, 'request'), route, options, 'request')
  }

  graphql(query: GraphqlDocument, variables?: Readonly<Record<string, unknown>> | null, given?: GraphqlOptions): Call {
    const { route, options, operation, allowErrors } = graphqlRequest(query, variables, given)
    const url = checkedRoute(route, 'graphql')
    options.name ??= `${this.#routes.nameOf(url)} ${operation}`
    checkRequestOptions(options)
    const plan = this.#routes.prepare('POST', url, options, this.#headers.values)
    if (!allowErrors) plan.verify = graphqlFailure
    const call = this.#send(plan)
    call.askForBody()
    return call
  }

  stream<P extends string>(route: P, options?: StreamOptions<P>): AsyncGenerator<Uint8Array> {
    return chunksOf(() => this.#open(route, options, { caller: 'stream', headers: [], endsWithUser: false }))
  }

  sse<P extends string>(route: P, given?: SseOptions<P>): AsyncGenerator<ServerEvent> {
    const { reconnect, ...options }: { reconnect?: unknown; method?: unknown } = given ?? {}
    if (reconnect !== undefined && typeof reconnect !== 'boolean')
      throw new TypeError(`reconnect is ${inWords(reconnect)}; it must be true or false`)
    const headers = [['accept', 'text/event-stream'] as const, ['cache-control', 'no-cache'] as const]
    const send = (lastId: string): OpenStream =>
      this.#open(route, options, { caller: 'sse', headers, last: lastIdHeader(lastId), endsWithUser: true })
    return eventsOf(send, this.#streams, reconnect ?? isGet(options.method))
  }

  #open(route: string, given: object = {}, { caller, headers, last = [], endsWithUser }: Opening): OpenStream {
    const { method = 'GET', ...options }: RequestOptions & { method?: string } = given
    checkRequestOptions(options)
    // Streams are requested without compression, because the pieces of a compressed stream cannot be read one by one.
    const own = mergedHeaders([['accept-encoding', 'identity'], ...headers], headerPairs(options.headers ?? {}), last)
    const request = { ...options, headers: own }
    const plan = this.#routes.prepare(
      methodOf(method, caller),
      checkedRoute(route, caller),
      request,
      this.#headers.values,
    )
    const stream = new BodyStream(this.#streams, plan.timeoutMs, endsWithUser)
    plan.outgoing.sink = stream
    return { call: this.#send(plan), stream }
  }

  /** Returns the plan of the request that opens a WebSocket connection. */
  openingPlan(url: unknown, options: object = {}): CallPlan {
    const route = openingRoute(url)
    const { protocols: _, ...request }: WebSocketOptions = options
    const name = request.name ?? this.#routes.nameOf(route).replace(/^http/, 'ws')
    return this.#routes.prepare('WS', route, { ...request, name }, this.#headers.values)
  }

  #call(method: string, route: string, given: readonly [options?: RequestOptions], caller: string): Call {
    if (given.length > 1) throw severalOptions(caller, given.length)
    const [options] = given
    if (options !== undefined) checkRequestOptions(options)
    return this.#send(this.#routes.prepare(method, checkedRoute(route, caller), options, this.#headers.values))
  }
}

/** Maps the properties of other tools' HTTP clients to the corresponding settings of burst. */
const instead = new Map([
  ['auth', "the option auth of a request, or this.http.headers.set('authorization', …)"],
  ['verify', 'tls: { insecure: true } in scenario()'],
  ['cert', 'this.http.tls = { cert, key }'],
  ['proxies', 'proxy in scenario()'],
  ['proxy', 'proxy in scenario()'],
  ['baseurl', 'host in scenario()'],
  ['host', 'host in scenario()'],
  ['timeout', 'the option timeout of a request'],
  ['cookies', "this.http.headers.set('cookie', …)"],
])

guardProperties(UserHttp.prototype, {
  refusal: (name) => {
    const write = instead.get(name.toLowerCase().replaceAll('_', ''))
    return `this.http has no property '${name.slice(0, 40)}'${write === undefined ? '; only tls can be set' : `: use ${write}`}`
  },
})

/**
 * Returns the error for a call with several arguments after the route, such as k6's and axios's `post(url, body, params)`. JavaScript would ignore
 * the last argument.
 */
function severalOptions(caller: string, count: number): TypeError {
  return new TypeError(
    `http.${caller}() takes one object after the route, such as { json, headers }, but was given ${count} arguments`,
  )
}

/**
 * Checks the method of a request. Returns the method in upper case.
 * @throws TypeError for an invalid method, and for CONNECT, which requests a tunnel
 */
function methodOf(method: unknown, caller: string): string {
  const name = typeof method === 'string' ? method.toUpperCase() : ''
  if (!/^[!#$%&'*+.^_`|~0-9A-Z-]{1,40}$/.test(name)) {
    const order = caller === 'request' ? ', and the route must be the second argument' : ''
    throw new TypeError(
      `the method of http.${caller}() is ${inWords(method)}; it must be a string such as 'PROPFIND'${order}`,
    )
  }
  if (name === 'CONNECT') throw new TypeError('CONNECT requests a tunnel, which burst does not open')
  return name
}

function isGet(method: unknown): boolean {
  return method === undefined || (typeof method === 'string' && method.toUpperCase() === 'GET')
}

/**
 * Returns the `last-event-id` header for an id. The value has one character for each byte of the id in UTF-8. Returns an empty list for an empty id,
 * and for an id with a control character other than a tab, because such an id cannot be sent.
 */
function lastIdHeader(id: string): (readonly [string, string])[] {
  // oxlint-disable-next-line no-control-regex -- these characters cannot be part of a header
  if (id === '' || /[\0-\x08\x0a-\x1f\x7f]/.test(id)) return []
  return [['last-event-id', Buffer.from(id, 'utf8').toString('latin1')]]
}
