import type { Dispatcher } from 'undici'
import type { Connecting } from './connector.ts'
import type { Proxy } from './proxies.ts'
import type { Wire } from './wire.ts'

/**
 * Receives the events of a request that is sent on a connection. `bytesOut` is the number of body bytes that were written. undici does not count
 * these bytes.
 */
export type RequestHandler = Dispatcher.DispatchHandler & { bytesOut: number }

/** The connection that a request borrows: a whole HTTP/1.1 connection, or one HTTP/2 stream. */
export interface Lent {
  readonly client: { dispatch(options: Dispatcher.DispatchOptions, handler: RequestHandler): unknown }
  /** The server name for TLS. */
  readonly servername: string | undefined
  /** The proxy to which requests are sent if the target does not use TLS; null if requests are sent to the target itself. */
  readonly proxy: Proxy | null
  readonly connecting:
    | (Pick<Connecting, 'phases' | 'alert'> & {
        readonly wire: Pick<Wire, 'heard' | 'begin' | 'addToNextHead' | 'restore' | 'causeOf'> | null
      })
    | null
  /** `true` if this object serves only one request, as an HTTP/2 stream does. To send the request again, another object must be borrowed. */
  readonly once: boolean
  broken: boolean
  /** Ends the request that is using the connection. */
  destroy(error?: Error | null): void
}

/** Receives a connection. */
export interface Borrower {
  lent(connection: Lent, nowMs: number): void
}
