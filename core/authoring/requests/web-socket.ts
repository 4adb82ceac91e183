import type { Duration } from '../../duration.ts'
import type { RequestOptions } from './http.ts'
import type { RouteParams } from './route-params.ts'

/** The options of `this.ws(url, …)`. */
export interface WebSocketOptions extends Pick<RequestOptions, 'headers' | 'query' | 'auth' | 'name' | 'timeout'> {
  /** The subprotocols that the user offers. The preferred subprotocol comes first. Default: none. */
  protocols?: string | readonly string[]
  /** The values of the parameters in the route. */
  params?: Readonly<Record<string, string | number>>
}

type OptionsOfSocket<P extends string> = WebSocketOptions &
  ([RouteParams<P>] extends [never] ? { params?: never } : { params: { [K in RouteParams<P>]: string | number } })
export type ArgumentsOfSocket<P extends string> = [RouteParams<P>] extends [never]
  ? [options?: OptionsOfSocket<P>]
  : [options: OptionsOfSocket<P>]

/** The argument of `send`: a string, bytes, or a value that is sent as JSON. */
export type WebSocketData = string | ArrayBuffer | ArrayBufferView | { json: unknown }

/** A message that the target has sent. */
export interface WebSocketMessage {
  /** `true` if the message is binary and not text. */
  readonly binary: boolean
  readonly bytes: Uint8Array
  /** Returns the message as a string. */
  text(): string
  /** The message parsed as JSON; throws when it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON without a schema has no type; unknown would force a cast on every line
  json(): any
}

/**
 * Selects the message that `expect` waits for. A string selects a message that contains the string. A pattern selects a message that matches the
 * pattern. A function selects a message for which the function returns true.
 */
export type WebSocketExpectation = string | RegExp | ((message: WebSocketMessage) => unknown)

export interface WebSocketExpectOptions {
  /** The maximum time to wait for the message, precise to 50 ms. Default `'60s'`. */
  timeout?: Duration
  /** The name of the round trip in the statistics. Default: the name of the connection, followed by `message`. */
  name?: string
}

/** An open WebSocket connection of one user. The connection stays open after a task, and is closed when the user ends. */
export interface WebSocketConnection extends AsyncIterable<WebSocketMessage> {
  /** The subprotocol that the target has chosen, or ''. */
  readonly protocol: string
  readonly open: boolean
  /**
   * Sends a message. The promise resolves when the message has been passed to the connection. Await the promise, so that the user does not send
   * faster than the target reads. When the connection is closed, the promise rejects with an error that ends the task.
   */
  send(data: WebSocketData): Promise<void>
  /**
   * Waits for a message, and counts the time as a request. The time starts at the last `send` before the call. If that `send` has already been
   * measured, the time starts at the call. Messages before the expected message are skipped. The request fails when the message does not arrive in
   * time, or when the connection closes. In this case, the promise rejects with an error that ends the task.
   */
  expect(expected?: WebSocketExpectation, options?: WebSocketExpectOptions): Promise<WebSocketMessage>
  /** Closes the connection. The promise resolves when the target has confirmed the close, or after 10 s. The default close code is 1000. */
  close(code?: number, reason?: string): Promise<void>
}
