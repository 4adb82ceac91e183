import type { Duration } from '../../duration.ts'
import type { RequestOptions } from './http.ts'
import type { RouteParams } from './route-params.ts'

/**
 * The options of `this.ws(url, …)`. `timeout` is the maximum time until the connection is open (default `'60s'`). `name` is the name of the
 * connection in the statistics (default: the route).
 */
export interface WebSocketOptions extends Pick<RequestOptions, 'headers' | 'query' | 'auth' | 'name' | 'timeout'> {
  /** The subprotocols that the user offers, all different. The preferred subprotocol comes first. Default: none. */
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
  /** Returns the message as a string, decoded as UTF-8. */
  text(): string
  /** Returns the message parsed as JSON; throws when it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON without a schema has no type; unknown would force a cast on every line
  json(): any
}

/**
 * Selects the message that `expect` waits for. A string selects a message that contains the string. A pattern selects a message that matches the
 * pattern. A function selects a message for which the function returns true; the function must not be async.
 */
export type WebSocketExpectation = string | RegExp | ((message: WebSocketMessage) => unknown)

export interface WebSocketExpectOptions {
  /** The maximum time to wait for the message, precise to 50 ms. Default `'60s'`. */
  timeout?: Duration
  /** The name of the round trip in the statistics. Default: the name of the connection, followed by `message`. */
  name?: string
}

/**
 * An open WebSocket connection of one user. The connection stays open after a task, and is closed when the user ends. A `for await` loop over the
 * connection returns the messages as they arrive. The loop ends when the connection is closed; if the connection was lost, an error ends the task. A
 * connection keeps at most 1,000 unread messages, with at most 1 MiB in total; a single message may be larger than 1 MiB. Beyond these limits, the
 * connection drops the oldest messages. The limits do not apply while the user awaits a message. A message may have at most 4 MiB; burst closes the
 * connection when a larger message arrives.
 */
export interface WebSocketConnection extends AsyncIterable<WebSocketMessage> {
  /** The subprotocol that the target has chosen, or ''. */
  readonly protocol: string
  readonly open: boolean
  /**
   * Sends a message. The promise resolves when the message has been passed to the connection. Await the promise, so that the user does not send
   * faster than the target reads. The promise rejects when the connection is closed (with an error that ends the task), when the data cannot be sent,
   * or when more than 16 MiB wait to be sent on the connection.
   */
  send(data: WebSocketData): Promise<void>
  /**
   * Waits for a message, and counts the time as a request. The time starts at the last `send` before the call. If there was no `send`, or if that
   * `send` has already been measured, the time starts at the call. Without `expected`, waits for the next message. Messages before the expected
   * message are skipped. The request fails when the message does not arrive in time, or when the connection closes. In both cases, the promise
   * rejects with an error that ends the task.
   */
  expect(expected?: WebSocketExpectation, options?: WebSocketExpectOptions): Promise<WebSocketMessage>
  /**
   * Closes the connection. The promise resolves when the target has confirmed the close, or after 10 s. The close code is 1000 (default) or a number
   * from 3000 to 4999, and the reason has at most 123 bytes. For other values, the promise rejects with a TypeError.
   */
  close(code?: number, reason?: string): Promise<void>
}
