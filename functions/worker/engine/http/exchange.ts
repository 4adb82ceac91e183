import { nextTick, performance } from '../../../guard/built-ins.ts'
import type { Dispatcher } from 'undici'
import type { Borrower, Connection, Connections } from './connection/connections.ts'
import type { ConnectPhases } from './connection/connector.ts'
import { isHangUp } from './failure.ts'
import { closes, divideHeaders } from './sending/hop-headers.ts'

/** One hop: what goes out. */
export interface Outgoing {
  origin: string
  path: string
  method: string
  headers: Record<string, string | string[]>
  /** Some of the headers concern the connection and are not undici's to send. */
  hopHeaders: boolean
  body: string | Uint8Array | null
  /** Reads a body that cannot be read at once; called when the request has its connection. */
  ready?: (() => Promise<Uint8Array>) | undefined
  keepBody: boolean
}

/** What the engine keeps of all exchanges together. */
export interface ExchangeMeter {
  /** A hop was written (1), or turned out not to have reached anybody (-1). */
  wrote(hops: 1 | -1): void
  /** Whether this many more bytes of a body may be kept. What is kept is given back with `drop`. */
  keep(bytes: number): boolean
  drop(bytes: number): void
  /** How long bytes that are read now have waited at most, milliseconds. */
  waitedMs(nowMs: number): number
}

/** Who made an exchange. */
export interface ExchangeOwner {
  /** Called exactly once. */
  exchangeDone(exchange: Exchange): void
}

type RawHeaders = Record<string, string | string[] | undefined>

/** Shared by exchanges that keep no part of a body; never added to. */
const noChunks: readonly Buffer[] = Object.freeze([])
const noHeaders: RawHeaders = Object.freeze({})

/** Bodies of failed responses are kept this far, for the report's examples. */
const failedBodyBytes = 1024
/** The size limit of a body that the scenario asked for. */
export const largestKeptBody = 64 * 1024 * 1024

/**
 * One request on one connection and its response; times are taken in undici's callbacks, never around an await. It ends exactly once, by
 * calling `exchangeDone` of its owner: with a response, with an error, or cancelled.
 */
export class Exchange implements Dispatcher.DispatchHandler, Borrower {
  /** Just before it was written; 0 while it is not. A delay of the process after it can only lengthen the latency. */
  sentMs = 0
  /** How long the write took: by so much the latency may be too long at its beginning, milliseconds. */
  writeMs = 0
  /** How long its last bytes may have waited until they were read, at most, milliseconds. */
  unreadMs = 0
  firstByteMs = 0
  endMs = 0
  status = 0
  headers: RawHeaders = noHeaders
  bytesIn = 0
  chunks: readonly Buffer[] = noChunks
  /** Bytes of `chunks`, as the meter knows them. */
  keptBytes = 0
  /** Why a body that the scenario asked for is missing. */
  bodyLoss: 'too large' | 'no memory' | null = null
  error: Error | null = null
  /** Phases of the connection, if this exchange had to wait for it. */
  phases: ConnectPhases | null = null

  readonly #outgoing: Outgoing
  readonly #connections: Connections
  readonly #owner: ExchangeOwner
  readonly #meter: ExchangeMeter
  #connection: Connection | null = null
  #gotConnectionMs = 0
  #writingMs = 0
  #over = false
  #written = 0
  /** It was written again on a new connection. */
  #repeated: 'no' | 'unwritten' | 'written' = 'no'

  // oxlint-disable-next-line max-params -- one object per hop on the hot path; a bag would be a second one
  constructor(outgoing: Outgoing, connections: Connections, meter: ExchangeMeter, owner: ExchangeOwner) {
    this.#outgoing = outgoing
    this.#connections = connections
    this.#meter = meter
    this.#owner = owner
  }

  /** Sends it as soon as there is a connection for it. */
  begin(nowMs: number): void {
    this.#connections.lend(this.#outgoing.origin, this, nowMs)
  }

  /** The generator's own delay between call and writing, without waiting for a connection: milliseconds. */
  get sendLagMs(): number {
    if (this.sentMs === 0) return 0
    return Math.max(0, this.sentMs - (this.phases ? this.phases.readyMs : this.#gotConnectionMs))
  }

  /** Ends it now and closes its connection. */
  cancel(error: Error): void {
    if (this.#over) return
    this.#connections.forget(this.#outgoing.origin, this)
    this.#connection?.destroy(error)
    this.#finish(error)
  }

  /** It has a connection. */
  lent(connection: Connection, nowMs: number): void {
    this.#gotConnectionMs = nowMs
    this.#connection = connection
    if (this.#outgoing.ready) void this.#readBody(this.#outgoing.ready)
    else this.#dispatch()
  }

  async #readBody(ready: () => Promise<Uint8Array>): Promise<void> {
    try {
      this.#outgoing.body = await ready()
    } catch (error) {
      this.#finish(error as Error)
      return
    }
    this.#outgoing.ready = undefined
    this.#dispatch()
  }

  #dispatch(): void {
    const connection = this.#connection
    if (this.#over || !connection) return
    try {
      connection.client.dispatch(this.#outgoing.hopHeaders ? this.#divided() : this.#plain(connection), this)
    } catch (error) {
      this.#finish(error as Error)
    }
  }

  /** `reset: false` keeps the connection after HEAD and after a body that the method does not call for. */
  #plain({ servername }: Connection): DispatchOptions {
    const { origin, path, method, headers, body } = this.#outgoing
    return { origin, path, method, headers, body, reset: false, servername }
  }

  #divided(): DispatchOptions {
    const options = this.#plain(this.#connection as Connection)
    const { headers, connection, chunked } = divideHeaders(this.#outgoing.headers)
    const { body } = this.#outgoing
    return {
      ...options,
      headers,
      reset: closes(connection),
      // undici sends in chunks what it can only walk through.
      body: chunked && body !== null ? ([Buffer.from(body as string)] as never) : body,
    }
  }

  onRequestStart(): void {
    const connecting = this.#connection?.connecting
    if (connecting) {
      if (connecting.phases.readyMs >= this.#gotConnectionMs) this.phases = connecting.phases
      connecting.wire?.begin(this.#outgoing.method)
      if (this.#outgoing.hopHeaders) {
        const { lines, connection } = divideHeaders(this.#outgoing.headers)
        connecting.wire?.addToNextHead(lines, connection)
      }
    }
    // The last callback before undici writes.
    this.#writingMs = performance.now()
  }

  onRequestSent(): void {
    if (this.#written === 0) this.#count(1)
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
    this.#connection?.connecting?.wire?.restore(headers)
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.bytesIn += chunk.length
    if (this.#outgoing.keepBody) this.#keep(chunk)
    else if (this.status >= 400 && this.bytesIn - chunk.length < failedBodyBytes) this.#push(chunk)
  }

  #keep(chunk: Buffer): void {
    if (this.bodyLoss) return
    if (this.bytesIn > largestKeptBody) this.bodyLoss = 'too large'
    else if (!this.#meter.keep(chunk.length)) this.bodyLoss = 'no memory'
    if (this.bodyLoss) return this.dropBody()
    this.keptBytes += chunk.length
    this.#push(chunk)
  }

  #push(chunk: Buffer): void {
    if (this.chunks === noChunks) this.chunks = [chunk]
    else (this.chunks as Buffer[]).push(chunk)
  }

  /** Drops the body after the scenario has read it. */
  dropBody(): void {
    this.chunks = noChunks
    if (this.keptBytes > 0) this.#meter.drop(this.keptBytes)
    this.keptBytes = 0
  }

  onResponseEnd(): void {
    this.#finish(null)
  }

  onResponseError(_controller: unknown, given: Error): void {
    const error = this.#causeOf(given)
    if (this.#mayRepeat(error)) {
      this.#repeat()
      return
    }
    if (this.#connection) this.#connection.broken = true
    // Its repeat is closed unanswered, too: this target closes after it has read, so it has read the first one as well.
    if (this.#repeated === 'written' && this.#written === 1 && this.#unheard && isHangUp(error)) this.#count(1)
    this.#finish(error)
  }

  /** What the bytes of the answer show to be wrong, where the parser names something else. */
  #causeOf(given: Error): Error {
    return this.#connection?.connecting?.wire?.causeOf(given) ?? given
  }

  /**
   * The target closed a connection that was kept alive just as the request was written, or before: nothing of an answer has come. It is
   * repeated once, on a new connection, if it was not written or may be sent twice, as browsers and Go do.
   */
  #mayRepeat(error: Error): boolean {
    if (this.#over || this.#repeated !== 'no' || !this.#keptAlive || !this.#unheard) return false
    return isHangUp(error) && (this.#written === 0 || isRepeatable(this.#outgoing))
  }

  /** Its connection has answered others before it. */
  get #keptAlive(): boolean {
    const readyMs = this.#connection?.connecting?.phases.readyMs ?? 0
    return readyMs > 0 && readyMs < this.#gotConnectionMs && this.#connection?.broken === false
  }

  get #unheard(): boolean {
    return this.#written === 0 || this.#connection?.connecting?.wire?.heard !== true
  }

  #repeat(): void {
    this.#repeated = this.#written === 0 ? 'unwritten' : 'written'
    if (this.#written > 0) this.#count(-1)
    this.sentMs = 0
    // The client connects anew; not within the callback in which it ends the old connection.
    nextTick(() => this.#dispatch())
  }

  #count(hops: 1 | -1): void {
    this.#written += hops
    this.#meter.wrote(hops)
  }

  /** How often it reached the target, as far as can be known: 0, 1, or 2 if it was repeated and both were read. */
  get hops(): number {
    return this.#written
  }

  /** Repeats on a new connection: 0 or 1. */
  get reconnects(): number {
    return this.#repeated === 'no' ? 0 : 1
  }

  #finish(error: Error | null): void {
    if (this.#over) return
    this.#over = true
    this.endMs = performance.now()
    this.unreadMs = this.#meter.waitedMs(this.endMs)
    this.error = error
    // A connection that failed while it was being made has phases, too, but was never ready.
    if (this.#connection) this.#connections.giveBack(this.#outgoing.origin, this.#connection, this.endMs)
    this.#owner.exchangeDone(this)
  }
}

/** What undici takes besides what its types name. */
type DispatchOptions = Dispatcher.DispatchOptions & { servername: string | undefined }

/** Methods that mean the same sent twice (RFC 9110 §9.2.2, and those of WebDAV and search that the registry lists). */
const idempotent = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
  'PROPFIND',
  'REPORT',
  'SEARCH',
])

function isRepeatable({ method, headers }: Outgoing): boolean {
  return idempotent.has(method) || headers['idempotency-key'] !== undefined
}
