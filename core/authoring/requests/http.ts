import type { Duration } from '../../duration.ts'
import type { ArrayStyle, Body, FieldValue, Fields, PartValue, Plain } from './bodies.ts'
import type { RouteParams } from './route-params.ts'
import type { Output, StandardSchema } from './schema.ts'
import type { TlsOptions } from './tls.ts'

/** The headers of a request. A list is sent as several headers; `undefined` and `null` remove a header. */
export type HeaderValue = Plain | readonly Plain[] | null | undefined

/** The options of a request. All are optional; at most one of `json`, `form`, `multipart` and `body` is allowed. */
export interface RequestOptions {
  /** Sent as JSON with `content-type: application/json`. */
  json?: unknown
  /** Sent as `application/x-www-form-urlencoded`. */
  form?: Fields<FieldValue>
  /** Sent as `multipart/form-data`. Each value is a field or a file (`file(…)`, bytes or a `Blob`). */
  multipart?: Fields<PartValue>
  /**
   * The body as a string or bytes, sent unchanged. `URLSearchParams`, `FormData`, `Blob` and `file(…)` set their own `content-type`. A function
   * returns a sync or async iterable of strings or bytes; burst sends each item when it is available.
   */
  body?: Body
  /** The notation of a list in `query`, `form` or `multipart`. Default `'repeat'`: `a=1&a=2`. */
  arrays?: ArrayStyle
  /**
   * Headers of this request, in addition to `this.http.headers`. A header of this request replaces a header of the same name in `this.http.headers`.
   */
  headers?: Fields<HeaderValue>
  /** The query parameters. burst appends them to the URL, but not to the name in the statistics. */
  query?: Fields<FieldValue>
  /** The `Authorization` header: Basic or Bearer credentials, or the complete value of the header. */
  auth?: { user: string; password: string } | { bearer: string } | string
  /**
   * The maximum time from the start of connecting to the last byte of the response, precise to 50 ms. When a request takes longer, the request fails,
   * and burst closes the connection. Default `'60s'`.
   */
  timeout?: Duration
  /**
   * The name of the request in the statistics. Default: the route template without its query. The default name also omits the origin if the request
   * goes to the run's host.
   */
  name?: string
  /**
   * The maximum number of redirects to follow; 0 returns the 3xx response itself. Default 10. `allow` of `scenario()` determines to which hosts
   * redirects may lead.
   */
  redirects?: number
  /** `'close'`: the connection closes after the response. Default: `static connection` of the class. */
  connection?: 'close' | 'keep-alive'
}

/**
 * The options of a request. If the route has parameters such as `:id`, `params` must have a value for each of them. burst percent-encodes these
 * values.
 */
export type Options<P extends string> = RequestOptions &
  ([RouteParams<P>] extends [never] ? { params?: never } : { params: { [K in RouteParams<P>]: string | number } })
type Arguments<P extends string> = [RouteParams<P>] extends [never] ? [options?: Options<P>] : [options: Options<P>]

export interface ReadonlyHeaders {
  /**
   * Returns the value of the header; several values are joined by ', '. Returns null when the header is absent. The case of the name does not matter.
   */
  get(name: string): string | null
  /** Returns a list of the header's values; an empty list when the header is absent. */
  getAll(name: string): string[]
  /** Returns each `Set-Cookie` header separately, because joined values could not be separated again. */
  getSetCookie(): string[]
  has(name: string): boolean
  /** Returns the headers as pairs of a name in lower case and a value; several values are joined by ', '. */
  entries(): IterableIterator<[string, string]>
}

export interface MutableHeaders extends ReadonlyHeaders {
  /**
   * Sets a header, and replaces an earlier value. `undefined` and `null` remove the header.
   * @throws TypeError when HTTP does not allow the name or the value
   */
  set(name: string, value: HeaderValue): void
  delete(name: string): void
}

/** The response to a finished request. After a network error, `ok` is false and the status is 0. */
export interface Response {
  /** `true` if the status is 200–399 and `error` is null. Expectations do not change this value. */
  readonly ok: boolean
  readonly status: number
  readonly headers: ReadonlyHeaders
  /** The time in milliseconds from writing the request to the last byte of the response; 0 if the request was never written. */
  readonly latencyMs: number
  /**
   * The reason why there is no complete response, or why a redirect was not followed; null otherwise. With an error status, such as 500, the value is
   * null.
   */
  readonly error: string | null
  /**
   * The decompressed body as a string. burst keeps the body only if a call that is chained to the request, such as `.check(…)`, can read the body.
   * Reading this field throws when burst did not keep the body, when there is no response, or when the body is larger than 64 MiB.
   */
  readonly body: string
  /** Returns the value of `body`. Throws in the same cases as `body`. */
  text(): string
  /** Returns the body parsed as JSON. Throws in the same cases as `body`, and also when the body is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON without a schema has no type; unknown would force a cast on every line
  json(): any
}

export interface Expectation {
  /** The expected status. Default: any status below 400. */
  status?: number | readonly number[]
  /** The latency must be below this time. */
  under?: Duration
  /**
   * A condition for the body: a string that the body must contain, a RegExp that must match it, or a function that receives the body. The function
   * may be async. Its result has the same meaning as the result of a function that is passed to `expect`.
   */
  body?: string | RegExp | ((text: string) => Holds)
}

/** The result of an expectation: `true` and `undefined` pass, `false` fails. */
type Holds = boolean | void | Promise<boolean | void>

/**
 * A pending request. The request starts when the method is called; expectations and extractions must be chained to the call in the same tick. If an
 * awaited expectation or extraction fails, the promise rejects with an error that ends the task. Without expectations and extractions, the promise
 * does not reject when the request fails. With or without them, the promise rejects when burst cuts the request off because the user must stop.
 */
export interface Pending extends Promise<Response> {
  /**
   * If the response does not meet the expectation, the request fails and the task ends. An expected status counts as a success, even if it is an
   * error status. If `expect` is called several times, only the last status and the last time limit apply, but all conditions for the body and all
   * functions apply.
   */
  expect(expectation: number | readonly number[] | Expectation): Pending
  /**
   * Checks the response with a function, which may be async. The request fails when the function returns false (`undefined` passes) or throws, or
   * when its promise takes longer than the request's `timeout`. `message` is the message of the failure. Default: if the function throws, the message
   * of the thrown error; if the function returns false, the source of the function.
   */
  expect(holds: (response: Response) => Holds, message?: string): Pending
  /**
   * Counts a named check without failing the request. The function may be async. The check counts as not passed when the function returns false,
   * throws, or returns a promise that takes longer than the request's `timeout`. A thrown error also counts as an exception.
   */
  check(name: string, passed: (response: Response) => boolean | Promise<boolean>): Pending
  /** Counts several named checks, written as in k6: an object with one function per check name. */
  check(checks: Readonly<Record<string, (response: Response) => boolean | Promise<boolean>>>): Pending
  /**
   * Returns the body as JSON. If the call has a schema, the schema checks the body and determines its type. The schema follows Standard Schema, as in
   * zod, valibot and arktype. If the body is not JSON or does not fit the schema, the request fails.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON without a schema has no type; unknown would force a cast on every line
  json(): Promise<any>
  json<S extends StandardSchema>(schema: S): Promise<Output<S>>
  /**
   * Returns the body as a parsed HTML page. The scenario can send the forms of this page. If the `content-type` is neither HTML nor XML, or if the
   * page is longer than 8 MiB, the request fails.
   */
  html(): Promise<HtmlPage>
  /** Returns the decompressed body as a string, decoded by the charset that the response declares; UTF-8 without a declaration. */
  text(): Promise<string>
  /** Returns the value of a response header; several values are joined by ', '. If the header is absent, the request fails. */
  header(name: string): Promise<string>
  /**
   * Returns the first group of the match in the body. Returns the whole match if the pattern has no groups, or if the first group did not take part
   * in the match. If the pattern does not match, the request fails.
   */
  match(pattern: RegExp): Promise<string>
}

/** A GraphQL document: a string, or the result of `gql` or of a code generator. */
// oxlint-disable-next-line typescript/no-wrapper-object-types -- code generators make subclasses of String
export type GraphqlDocument = string | String | { readonly kind: string; readonly loc?: unknown }

/** The options of `graphql(…)`: the options of a request without a body, and options for GraphQL. */
export interface GraphqlOptions extends Omit<RequestOptions, 'json' | 'form' | 'multipart' | 'body' | 'arrays'> {
  /** The URL or route of the endpoint. Default `'/graphql'`. */
  url?: string
  /** The name of the operation that is sent; required when the document contains several operations. */
  operationName?: string
  /** `true`: a response that contains errors is a success. Default false. */
  allowErrors?: boolean
}

/**
 * A pending GraphQL request. A response that contains errors counts as a failure, even if the HTTP status is 200, unless `allowErrors` is true. With
 * `allowErrors`, burst does not check the body.
 */
export interface GraphqlPending extends Pending {
  /**
   * Returns the data of the response. If the call has a schema, the schema checks the data and determines its type. If the response has no data, or
   * if the data does not fit the schema, the request fails.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- data without a schema has no type; unknown would force a cast on every line
  data(): Promise<any>
  data<S extends StandardSchema>(schema: S): Promise<Output<S>>
}

/** An element of an HTML page. */
export interface HtmlElement {
  readonly textContent: string
  readonly innerHTML: string
  /** Returns the value of an attribute; undefined when the element does not have the attribute. */
  getAttribute(name: string): string | undefined
  /** Returns the first element that a CSS selector matches; null without a match. */
  querySelector(selector: string): HtmlElement | null
  querySelectorAll(selector: string): HtmlElement[]
}

/** A parsed HTML page. Its scripts do not run. */
export interface HtmlPage {
  /** The URL of the page, after redirects. */
  readonly url: string
  querySelector(selector: string): HtmlElement | null
  querySelectorAll(selector: string): HtmlElement[]
  /**
   * Returns the first form that a CSS selector matches. Default `'form'`.
   * @throws Error when no form matches
   */
  form(selector?: string): HtmlForm
  /**
   * Fetches the images, scripts, style sheets, media and frames of the page, as a browser does. Fetches each URL once, and at most 200 URLs. Skips a
   * URL if this page would not be allowed to redirect to the host of the URL (see `allow` of `scenario()`). `name` is the name of all these requests
   * in the statistics. Default: each request has its own name.
   */
  resources(options?: { name?: string }): Promise<Response[]>
}

/**
 * The values of form fields. A list sets several fields of the same name; `true` and `false` check and uncheck a box; a field with `undefined` or
 * `null` is not sent.
 */
export type FormValues = Readonly<Record<string, PartValue>>

export interface SubmitOptions extends Pick<RequestOptions, 'headers' | 'auth' | 'timeout' | 'redirects' | 'name'> {
  /** A CSS selector for the button that `submit` presses. Default: the first button that sends the form and is not disabled, if there is one. */
  button?: string
}

export interface HtmlForm {
  /** The method with which `submit()` sends the form. Throws for the method `dialog`, because a browser does not send such a form. */
  readonly method: 'GET' | 'POST'
  /** The absolute URL to which `submit()` sends the form. Throws when the action is not an http or https URL. */
  readonly action: string
  /** The names and values that `submit()` sends if the scenario does not pass other values. */
  readonly fields: readonly (readonly [string, string])[]
  /**
   * Sends the form as a browser does. The request includes the hidden fields of the form. `values` replace the values of fields in the page. Values
   * for which the form has no field are sent as additional fields.
   * @throws Error when the form does not have the button, when the method is `dialog`, when the action is not an http or https URL, or when the page
   * would not be allowed to redirect to the host of the form
   * @throws TypeError when a value cannot be sent
   */
  submit(values?: FormValues, options?: SubmitOptions): Pending
}

/** The options of `stream(…)` and `sse(…)`. In these options, `timeout` is the longest time without data. Default `'60s'`. */
export type StreamOptions<P extends string> = Options<P> & {
  /** The method of the request. Default `'GET'`. */
  method?: string
}
/** The options of `sse(…)`. */
export type SseOptions<P extends string> = StreamOptions<P> & {
  /**
   * `true`: burst reopens the stream when a connection ends or is lost, as a browser's `EventSource` does. burst waits 3 s before it reopens the
   * stream, unless the target sets another time with `retry:`. Default: true for GET, otherwise false.
   */
  reconnect?: boolean
}
type SseArguments<P extends string> = [RouteParams<P>] extends [never]
  ? [options?: SseOptions<P>]
  : [options: SseOptions<P>]
type StreamArguments<P extends string> = [RouteParams<P>] extends [never]
  ? [options?: StreamOptions<P>]
  : [options: StreamOptions<P>]

/** An event of an event stream (server-sent events). */
export interface ServerEvent {
  /** The type of the event: `'message'` unless the server names another type. */
  readonly type: string
  readonly data: string
  /** The id of the event; empty when the event has none. */
  readonly id: string
}

/** A user's HTTP client. Each user has its own cookies. Without `connections: 'shared'`, each user also has its own keep-alive connections. */
export interface Http {
  get<P extends string>(route: P, ...options: Arguments<P>): Pending
  post<P extends string>(route: P, ...options: Arguments<P>): Pending
  put<P extends string>(route: P, ...options: Arguments<P>): Pending
  patch<P extends string>(route: P, ...options: Arguments<P>): Pending
  delete<P extends string>(route: P, ...options: Arguments<P>): Pending
  head<P extends string>(route: P, ...options: Arguments<P>): Pending
  options<P extends string>(route: P, ...options: Arguments<P>): Pending
  /**
   * Sends a request with any other method, for example `PROPFIND`. The method is sent in upper case.
   * @throws TypeError for `CONNECT` and for a string that cannot be a method
   */
  request<P extends string>(method: string, route: P, ...options: Arguments<P>): Pending
  /**
   * Sends a GraphQL operation with POST. The name of the request is the route, followed by the name of the operation, as in `POST /graphql Cart`. If
   * the operation has no name, burst uses the name of the operation's first field instead, in braces, as in `POST /graphql { cart }`.
   * @throws TypeError when the document does not contain an operation, or not the operation that `operationName` names. Also throws when the document
   * contains several operations and `operationName` is absent
   */
  graphql(
    query: GraphqlDocument,
    variables?: Readonly<Record<string, unknown>> | null,
    options?: GraphqlOptions,
  ): GraphqlPending
  /**
   * Returns the pieces of a response body as they arrive, for a `for await` loop. The request is sent when the loop reads the first piece. Leaving
   * the loop closes the connection. A request that fails ends the task.
   */
  stream<P extends string>(route: P, ...options: StreamArguments<P>): AsyncGenerator<Uint8Array>
  /**
   * Returns the events of an event stream as they arrive, for a `for await` loop. When a connection ends or is lost, burst opens the stream again. If
   * the target answers with status 204, the loop ends instead. If `reconnect` is false, the loop ends when the connection ends, and an error ends the
   * task when the connection is lost. An error also ends the task when a request fails for another reason, when an event is larger than 1 MiB, when
   * the user must stop, when the run is paused, or when another worker takes over the user. The report contains the times to the first event, the
   * times between events, and the times until the stream is opened again. The latency of each request ends with the first byte of the response.
   */
  sse<P extends string>(route: P, ...options: SseArguments<P>): AsyncGenerator<ServerEvent>
  /** Headers that are sent with every request of this user. They can be changed only with `set` and `delete`. */
  readonly headers: MutableHeaders
  /**
   * TLS settings of this user. These settings override settings of the same name in `scenario({ tls })`. Set them before the first request of a life.
   * They are not allowed with `connections: 'shared'`. An assignment throws when the settings are invalid or not allowed. Default: the settings of
   * the scenario.
   */
  tls: TlsOptions | undefined
}
