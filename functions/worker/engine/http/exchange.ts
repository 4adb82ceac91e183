import type { Dispatcher } from 'undici'
import type { Connection, Connections } from './connections.ts'
import type { ConnectPhases } from './connector.ts'

/** One hop: what goes out. */
export interface Outgoing {
  origin: string
  path: string
  method: string
  headers: Record<string, string>
  body: string | Uint8Array | null
  keepBody: boolean
}

type RawHeaders = Record<string, string | string[] | undefined>

/** Bodies of failed responses are kept this far, for the report's examples. */
const failedBodyBytes = 1024
/** A body that somebody asked for may be this large. */
export const largestKeptBody = 64 * 1024 * 1024

/**
 * One request on one connection and its response; times are taken in undici's callbacks, never around an await. It ends exactly once, by
 * calling `done`: with a response, with an error, or cancelled.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly calledMs: number
  /** Just before it was written; 0 while it is not. A delay of the process after it can only lengthen the latency. */
  sentMs = 0
  /** How long the write took: by so much the latency may be too long at its beginning, milliseconds. */
  writeMs = 0
  firstByteMs = 0
  endMs = 0
  status = 0
  headers: RawHeaders = {}
  bytesIn = 0
  chunks: Buffer[] = []
  bodyTooLarge = false
  error: Error | null = null
  /** Phases of the connection, if this exchange had to wait for it. */
  phases: ConnectPhases | null = null

  readonly #outgoing: Outgoing
  readonly #connections: Connections
  readonly #done: (exchange: Exchange) => void
  readonly #sent: () => void
  #connection: Connection | null = null
  #gotConnectionMs = 0
  #writingMs = 0
  #over = false

  // oxlint-disable-next-line max-params -- one object per hop on the hot path; a bag would be a second one
  constructor(outgoing: Outgoing, connections: Connections, sent: () => void, done: (exchange: Exchange) => void) {
    this.calledMs = performance.now()
    this.#outgoing = outgoing
    this.#connections = connections
    this.#sent = sent
    this.#done = done
    connections.lend(outgoing.origin, this.#use)
  }

  /** The generator's own delay between call and writing, without waiting for a connection: milliseconds. */
  get sendLagMs(): number {
    if (this.sentMs === 0) return 0
    return Math.max(0, this.sentMs - (this.phases ? this.phases.readyMs : this.#gotConnectionMs))
  }

  /** Ends it now and closes its connection. */
  cancel(error: Error): void {
    if (this.#over) return
    this.#connections.forget(this.#outgoing.origin, this.#use)
    this.#connection?.destroy(error)
    this.#finish(error)
  }

  readonly #use = (connection: Connection): void => {
    this.#gotConnectionMs = performance.now()
    this.#connection = connection
    const { origin, path, method, headers, body } = this.#outgoing
    try {
      connection.client.dispatch({ origin, path, method, headers, body }, this)
    } catch (error) {
      this.#finish(error as Error)
    }
  }

  onRequestStart(): void {
    const phases = this.#connection?.phases
    if (phases && phases.readyMs >= this.#gotConnectionMs) this.phases = phases
    // The last callback before undici writes.
    this.#writingMs = performance.now()
  }

  onRequestSent(): void {
    if (this.sentMs === 0) this.#sent()
    this.sentMs = this.#writingMs
    this.writeMs = performance.now() - this.#writingMs
  }

  onResponseStarted(): void {
    if (this.firstByteMs === 0) this.firstByteMs = performance.now()
  }

  onResponseStart(_controller: unknown, status: number, headers: RawHeaders): void {
    if (status < 200) return
    this.status = status
    this.headers = headers
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.bytesIn += chunk.length
    const keep = this.#outgoing.keepBody ? largestKeptBody : this.status >= 400 ? failedBodyBytes : 0
    if (this.bytesIn - chunk.length < keep) this.chunks.push(chunk)
    if (this.#outgoing.keepBody && this.bytesIn > largestKeptBody) {
      this.bodyTooLarge = true
      this.chunks = []
    }
  }

  onResponseEnd(): void {
    this.#finish(null)
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#connection) this.#connection.broken = true
    this.#finish(error)
  }

  #finish(error: Error | null): void {
    if (this.#over) return
    this.#over = true
    this.endMs = performance.now()
    this.error = error
    // A connection that failed while it was being made has phases, too, but was never ready.
    if (this.#connection) this.#connections.giveBack(this.#outgoing.origin, this.#connection)
    this.#done(this)
  }
}
