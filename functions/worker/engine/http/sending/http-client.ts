import type {
  GraphqlDocument,
  GraphqlOptions,
  Http,
  Options,
  RequestOptions,
} from '../../../../../core/authoring/http.ts'
import type { WebSocketOptions } from '../../../../../core/authoring/web-socket.ts'
import { openingRoute } from '../../websocket/checks.ts'
import type { TlsOptions } from '../../../../../core/authoring/tls.ts'
import { inWords } from '../../../../../core/values-in-words.ts'
import type { Call } from '../call.ts'
import type { CallPlan } from '../chain.ts'
import { graphqlFailure, graphqlRequest } from '../graphql/graphql.ts'
import { UserHeaders } from './headers.ts'
import { checkOptions, checkedRoute } from './request-checks.ts'
import type { Routes } from './routes.ts'

/** `this.http` of a user. */
export class UserHttp implements Http {
  readonly headers = new UserHeaders()
  readonly #send: (plan: CallPlan) => Call
  readonly #routes: Routes
  readonly #secure: (tls: TlsOptions | undefined) => void
  #tls: TlsOptions | undefined

  constructor(routes: Routes, send: (plan: CallPlan) => Call, secure: (tls: TlsOptions | undefined) => void) {
    this.#routes = routes
    this.#send = send
    this.#secure = secure
  }

  get tls(): TlsOptions | undefined {
    return this.#tls
  }

  /** @throws TypeError or BurstError that says why the user cannot have these settings */
  set tls(tls: TlsOptions | undefined) {
    this.#secure(tls)
    this.#tls = tls
  }

  get<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('GET', route, options, 'get')
  }

  post<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('POST', route, options, 'post')
  }

  put<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('PUT', route, options, 'put')
  }

  patch<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('PATCH', route, options, 'patch')
  }

  delete<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('DELETE', route, options, 'delete')
  }

  head<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('HEAD', route, options, 'head')
  }

  options<P extends string>(route: P, options?: Options<P>): Call {
    return this.#call('OPTIONS', route, options, 'options')
  }

  request<P extends string>(method: string, route: P, options?: Options<P>): Call {
    return this.#call(methodOf(method), route, options, 'request')
  }

  graphql(query: GraphqlDocument, variables?: Readonly<Record<string, unknown>> | null, given?: GraphqlOptions): Call {
    const { route, options, operation, allowErrors } = graphqlRequest(query, variables, given)
    const url = checkedRoute(route, 'graphql')
    options.name ??= `${this.#routes.nameOf(url)} ${operation}`
    checkOptions(options)
    const plan = this.#routes.prepare('POST', url, options, this.headers.values)
    if (!allowErrors) plan.verify = graphqlFailure
    const call = this.#send(plan)
    call.askForBody()
    return call
  }

  /** The plan of the request that opens a WebSocket connection. */
  openingPlan(url: unknown, options: object = {}): CallPlan {
    const route = openingRoute(url)
    const { protocols: _, ...request }: WebSocketOptions = options
    const name = request.name ?? this.#routes.nameOf(route).replace(/^http/, 'ws')
    return this.#routes.prepare('WS', route, { ...request, name }, this.headers.values)
  }

  // oxlint-disable-next-line max-params -- called for each request: an object would be made for each
  #call(method: string, route: string, options: RequestOptions | undefined, caller: string): Call {
    if (options !== undefined) checkOptions(options)
    return this.#send(this.#routes.prepare(method, checkedRoute(route, caller), options, this.headers.values))
  }
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
