import type { StreamSource } from './bodies/stream-source.ts'
import type { StreamSink } from './streams/stream-sink.ts'

/** The request that one hop sends. */
export interface Outgoing {
  origin: string
  path: string
  method: string
  headers: Record<string, string | string[]>
  /** `true` if some of the headers concern the connection. burst itself writes these headers, because undici refuses or omits them. */
  hopHeaders: boolean
  /** `true` if the connection closes after the response. If this is undefined, `static connection` of the user's class decides. */
  close: boolean | undefined
  body: string | Uint8Array | StreamSource | null
  /** Reads a body that cannot be read synchronously. Called when the request has received its connection. */
  ready?: (() => Promise<Uint8Array | StreamSource>) | undefined
  keepBody: boolean
  /** Receives the body of a successful response while it arrives. */
  sink?: StreamSink | undefined
}
