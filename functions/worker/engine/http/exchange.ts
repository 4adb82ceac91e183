import { nextTick, performance } from '../../../guard/built-ins.ts'
import type { Dispatcher } from 'undici'
import type { Connections } from './connection/connections.ts'
import type { Borrower, Lent } from './connection/lent.ts'
import type { ConnectPhases } from './connection/connector.ts'
import { isHangUp, isUnprocessed } from './failure.ts'
import { isRepeatable } from './sending/repeatable.ts'
import { addPiece, ownBytes } from './bodies/kept-pieces.ts'
import { BodyError, StreamSource } from './bodies/stream-source.ts'
import type { ExchangeMeter } from './exchange-meter.ts'
import type { Outgoing } from './outgoing.ts'
import { dispatchOptions } from './connection/dispatch-options.ts'
import { divideHeaders } from './sending/hop-headers.ts'

/** The owner of an exchange, which is called when the exchange has ended. */
export interface ExchangeOwner {
  /** Returns whether the response is a redirect whose body is not needed. Called when the head of the response has arrived. */
  isRedirect(exchange: Exchange): boolean
  /** Called exactly once. */
  exchangeDone(exchange: Exchange): void
}

type RawHeaders = Record<string, string | string[] | undefined>

/** An empty list. All exchanges that have no part of a body share it. */
const noChunks: readonly Buffer[] = Object.freeze([])
const noHeaders: RawHeaders = Object.freeze({})

/** The number of bytes of a failed response's body that are kept for the examples in the report. */
const failedBodyBytes = 1024
/**
 * The bounds of a body that is not needed, in bytes and in milliseconds. Within these bounds, the body is read, so that its connection can be used
 * again.
 */
const unneededBody = { bytes: 64 * 1024, ms: 100 }
/** The largest body that is kept for the scenario, in bytes. */
export const largestKeptBody = 64 * 1024 * 1024

/**
 * One request on one connection, and its response. Times are measured in undici's callbacks, never around an await. An exchange ends exactly once
 * (with a response, with an error, or cancelled) and then calls `exchangeDone` of its owner.
 */
export class Exchange implements Dispatcher.DispatchHandler, Borrower {
  /**
   * The moment just before the request is written; 0 before that. If the process is delayed after this moment, the measured latency can
   * only be too long.
   */
  sentMs = 0
  /** The duration of the write, in milliseconds. The measured latency may be too long by up to this time. */
  writeMs = 0
  /** The longest time for which the bytes that end the measured latency may have waited unread, in milliseconds. */
  unreadMs = 0
  firstByteMs = 0
  endMs = 0
  status = 0
  headers: RawHeaders = noHeaders
  bytesIn = 0
  /** The number of bytes of the body that were written. */
  bytesOut = 0
  chunks: readonly Buffer[] = noChunks
  /** The number of bytes of `chunks`, and of the decompressed body, that are reserved in the meter. */
  keptBytes = 0
  /** The reason why a body that the scenario reads is missing. */
  bodyLoss: 'too large' | 'no memory' | null = null
  error: Error | null = null
  /** The time at which the exchange stops reading a body that is not needed; infinite if the body is needed. */
  readsUntilMs = Number.POSITIVE_INFINITY
  /** The phases of the connection, if this exchange had to wait for the connection. */
  phases: ConnectPhases | null = null

  readonly #outgoing: Outgoing
  readonly #connections: Connections
  readonly #owner: ExchangeOwner
  readonly meter: ExchangeMeter
  #connection: Lent | null = null
  #gotConnectionMs = 0
  #writingMs = 0
  #over = false
  #written = 0
  /** Says whether the request was sent a second time on a new connection, and whether the first try had been written. */
  #repeated: 'no' | 'unwritten' | 'written' = 'no'
  /** The value of `bytesOut` before the second try. */
  #unreadBytes = 0
  /** The number of small pieces at the end of `chunks`. */
  #smallPieces = 0

  constructor(outgoing: Outgoing, connections: Connections, meter: ExchangeMeter, owner: ExchangeOwner) {
    this.#outgoing = outgoing
    this.#connections = connections
    this.meter = meter
    this.#owner = owner
  }

  /** Sends the request as soon as there is a connection for it. */
  begin(nowMs: number): void {
    this.#connections.lend(this.#outgoing.origin, this, nowMs)
  }

  /**
   * The delay that the generator added, in milliseconds: the time from when the exchange had a connection until the request was written.
   */
  get sendLagMs(): number {
    if (this.sentMs === 0) return 0
    return Math.max(0, this.sentMs - (this.phases ? this.phases.readyMs : this.#gotConnectionMs))
  }

  /** Ends the exchange now and closes its connection. */
  cancel(error: Error): void {
    if (this.#over) return
    this.#connections.forget(this.#outgoing.origin, this)
    this.#connection?.destroy(error)
    this.#finish(error)
  }

  /** Ends the exchange in its current state, and closes its connection. */
  hangUp(): void {
    if (this.#over) return
    this.#connection?.destroy()
    this.#finish(null)
  }

  /** Receives a connection, and sends the request on it. */
  lent(connection: Lent, nowMs: number): void {
    this.#gotConnectionMs = nowMs
    this.#connection = connection
    if (this.#outgoing.ready) void this.#readBody(this.#outgoing.ready)
    else this.#dispatch()
  }

  async #readBody(ready: () => Promise<Uint8Array | StreamSource>): Promise<void> {
    try {
      this.#outgoing.body = await ready()
    } catch (thrown) {
      this.#finish(new BodyError(thrown))
      return
    }
    this.#outgoing.ready = undefined
    this.#dispatch()
  }

  #dispatch(): void {
    const connection = this.#connection
    if (this.#over || !connection) return
    try {
      connection.client.dispatch(
        dispatchOptions(this.#outgoing, connection, (body) => this.#pieces(body)),
        this,
      )
    } catch (error) {
      this.#finish(error as Error)
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
    // Takes the time here, because undici calls this function last before it writes the request.
    this.#writingMs = performance.now()
  }

  /** Called for each written piece of a body. Only a streamed body has several pieces. */
  onBodySent(chunk: Uint8Array | string): void {
    this.bytesOut += Buffer.byteLength(chunk)
    this.#noteWritten()
  }

  onRequestSent(): void {
    this.#noteWritten()
  }

  /** Records the first write: from then on the request may have reached the target. */
  #noteWritten(): void {
    if (this.sentMs > 0) return
    if (this.#written === 0) this.#count(1)
    this.sentMs = this.#writingMs
    this.writeMs = performance.now() - this.#writingMs
  }

  /** Returns the pieces of a streamed body. The request counts as written when the first piece is available. */
  async *#pieces(body: StreamSource): AsyncGenerator<Uint8Array> {
    for await (const piece of body.open()) {
      if (this.sentMs === 0) this.#writingMs = performance.now()
      yield piece
    }
  }

  onResponseStarted(): void {
    this.firstByteMs ||= performance.now()
    if (this.#outgoing.sink?.endsWithUser) this.unreadMs ||= this.meter.waitedMs(this.firstByteMs)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return
    this.status = status
    this.headers = headers
    this.#connection?.connecting?.wire?.restore(headers)
    const refusal = this.#outgoing.sink?.refusal(status, headers)
    if (refusal) controller.abort(refusal)
    if (this.#owner.isRedirect(this)) this.readsUntilMs = performance.now() + unneededBody.ms
  }

  /** `true` if the owner of the exchange needs nothing more of the response, even if its body has not arrived completely. */
  get #suffices(): boolean {
    return this.readsUntilMs < Number.POSITIVE_INFINITY
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytesIn += chunk.length
    if (this.#suffices && this.bytesIn > unneededBody.bytes) return this.hangUp()
    const { sink } = this.#outgoing
    if (sink !== undefined && this.status < 300) sink.receive(chunk, controller, this.meter.streamed)
    else if (this.#outgoing.keepBody) this.#keep(chunk)
    else if (this.status >= 400 && this.bytesIn - chunk.length < failedBodyBytes) this.#push(chunk)
  }

  #keep(chunk: Buffer): void {
    if (this.bodyLoss) return
    if (this.bytesIn > largestKeptBody) this.bodyLoss = 'too large'
    else if (!this.meter.keep(chunk.length)) this.bodyLoss = 'no memory'
    if (this.bodyLoss) return this.dropBody()
    this.keptBytes += chunk.length
    this.#push(chunk)
  }

  #push(chunk: Buffer): void {
    if (this.chunks === noChunks) this.chunks = [ownBytes(chunk)]
    else this.#smallPieces = addPiece(this.chunks as Buffer[], ownBytes(chunk), this.#smallPieces)
  }

  /** Drops the body and releases its memory. */
  dropBody(): void {
    this.chunks = noChunks
    if (this.keptBytes > 0) this.meter.drop(this.keptBytes)
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
    if (this.#suffices) return this.#finish(null)
    // The target has closed the connection without a response a second time, so it probably reads requests before it closes connections. The first
    // try therefore also counts as read by the target.
    if (this.#repeated === 'written' && this.#written === 1 && this.#unheard && isHangUp(error)) {
      this.#count(1)
      this.bytesOut += this.#unreadBytes
    }
    this.#finish(error)
  }

  /**
   * Returns the actual cause of an error. If a TLS alert ended the connection, the cause is this alert. If undici misjudges a fault in the bytes of
   * the response, the cause is the actual fault.
   */
  #causeOf(given: Error): Error {
    const connecting = this.#connection?.connecting
    return connecting?.alert ?? connecting?.wire?.causeOf(given) ?? given
  }

  /**
   * Returns whether the request may be sent once more, on a new connection. Two conditions must hold, as in browsers and Go. The target closed a
   * kept-alive connection before any byte of a response arrived. The request was not written, or is safe to send twice. Over HTTP/2, one condition is
   * enough: the target says that it has not processed the request.
   */
  #mayRepeat(error: Error): boolean {
    if (this.#over || this.#repeated !== 'no' || !this.#unheard) return false
    if (isUnprocessed(error)) return true
    if (!this.#keptAlive) return false
    return isHangUp(error) && (this.#written === 0 || isRepeatable(this.#outgoing))
  }

  /** `true` if the connection was open before this request received it. */
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
    this.#unreadBytes = this.bytesOut
    this.bytesOut = 0
    // Dispatches the request after the current callback. Dispatching makes the client reconnect, and the client must not reconnect in the callback in
    // which it ends the old connection.
    nextTick(() => (this.#connection?.once ? this.#lendAgain(this.#connection) : this.#dispatch()))
  }

  #lendAgain(spent: Lent): void {
    if (this.#over) return
    const nowMs = performance.now()
    this.#connection = null
    this.#connections.giveBack(this.#outgoing.origin, spent, nowMs)
    this.#connections.lend(this.#outgoing.origin, this, nowMs)
  }

  #count(hops: 1 | -1): void {
    this.#written += hops
    this.meter.wrote(hops)
  }

  /** The number of times that the target has read the request, as far as burst knows: 0, 1, or 2 if the request was sent twice. */
  get hops(): number {
    return this.#written
  }

  /** The number of second tries on a new connection: 0 or 1. */
  get reconnects(): number {
    return this.#repeated === 'no' ? 0 : 1
  }

  #finish(error: Error | null): void {
    if (this.#over) return
    this.#over = true
    this.endMs = performance.now()
    if (this.firstByteMs === 0 || !this.#outgoing.sink?.endsWithUser) this.unreadMs = this.meter.waitedMs(this.endMs)
    this.error = error
    if (this.#connection) this.#connections.giveBack(this.#outgoing.origin, this.#connection, this.endMs)
    this.#owner.exchangeDone(this)
  }
}
