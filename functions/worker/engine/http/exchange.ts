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

/** The object that started an exchange, for example a call. It is notified when the exchange has ended. */
export interface ExchangeOwner {
  /** Returns whether the response is a redirect whose body is not needed. Called when the head of the response has arrived. */
  isRedirect(exchange: Exchange): boolean
  /** Called exactly once, when the exchange has ended. */
  exchangeDone(exchange: Exchange): void
}

type RawHeaders = Record<string, string | string[] | undefined>

/** The empty list of chunks. All exchanges that have stored no chunk of a body share this list. */
const noChunks: readonly Buffer[] = Object.freeze([])
const noHeaders: RawHeaders = Object.freeze({})

/**
 * If a response has a status of at least 400 and the scenario does not read its body, burst keeps only the beginning of the body. burst keeps chunks
 * until they have at least this many bytes in total. The report shows the beginning of such bodies in its examples.
 */
const failedBodyBytes = 1024
/**
 * The limits, in bytes and in milliseconds, for reading a body that is not needed. If the whole body has been read within these limits, its
 * connection can be used again.
 */
const unneededBody = { bytes: 64 * 1024, ms: 100 }
/** The largest body that is kept for the scenario, in bytes. The limit applies to the received body and to the decompressed body. */
export const largestKeptBody = 64 * 1024 * 1024

/**
 * One request on one connection, and its response. Times are measured in the callbacks of undici and, over HTTP/2, of `LentStream`, never around an
 * `await`. An exchange ends exactly once: with a response (complete, or broken off by `hangUp`) or with an error. It then calls `exchangeDone` of its
 * owner.
 */
export class Exchange implements Dispatcher.DispatchHandler, Borrower {
  /**
   * The moment just before the request is written; 0 until then. A delay of the process after this moment makes the measured latency too long, never
   * too short.
   */
  sentMs = 0
  /** The duration of the write, in milliseconds. The measured latency may be too long by up to this time. */
  writeMs = 0
  /** An upper bound, in milliseconds, for how long the bytes that end the measured latency have waited in the socket. */
  unreadMs = 0
  /** The time at which the first byte of the response (over HTTP/2, the complete head) arrived; 0 until then. */
  firstByteMs = 0
  endMs = 0
  status = 0
  headers: RawHeaders = noHeaders
  bytesIn = 0
  /** The number of bytes of the body that were written. If the target has read the request twice (see `hops`), the bytes of both writes count. */
  bytesOut = 0
  chunks: readonly Buffer[] = noChunks
  /** The number of bytes that are reserved in the meter for `chunks` and for the decompressed body. */
  keptBytes = 0
  /** The reason why burst did not keep a body that the scenario reads; null if burst kept the body, or if the scenario does not read it. */
  bodyLoss: 'too large' | 'no memory' | null = null
  error: Error | null = null
  /** The time at which burst stops reading a body that is not needed. Infinite if the body is needed, or if the head has not arrived yet. */
  readsUntilMs = Number.POSITIVE_INFINITY
  /** The phases of the connection, if this exchange had to wait for the connection; otherwise null. */
  phases: ConnectPhases | null = null

  readonly #outgoing: Outgoing
  readonly #connections: Connections
  readonly #owner: ExchangeOwner
  readonly meter: ExchangeMeter
  #connection: Lent | null = null
  #gotConnectionMs = 0
  #writingMs = 0
  /** The time at which burst has read a request body that cannot be read synchronously; 0 until then, and if the request has no such body. */
  #bodyReadMs = 0
  /** The time, in milliseconds, for which the exchange has waited for the first piece of a streamed body. */
  #bodyMs = 0
  #over = false
  #written = 0
  /** `no` if the request was sent only once. Otherwise, says whether the first copy of the request had been written to its connection or stream. */
  #repeated: 'no' | 'unwritten' | 'written' = 'no'
  /** The number of body bytes that were written when the request was sent the first time. */
  #unreadBytes = 0
  /** The number of small pieces at the end of `chunks`. */
  #smallPieces = 0

  constructor(outgoing: Outgoing, connections: Connections, meter: ExchangeMeter, owner: ExchangeOwner) {
    this.#outgoing = outgoing
    this.#connections = connections
    this.meter = meter
    this.#owner = owner
  }

  /** Asks for a connection, on which the request is then sent. */
  begin(nowMs: number): void {
    this.#connections.lend(this.#outgoing.origin, this, nowMs)
  }

  /**
   * The time, in milliseconds, from when a connection was ready until the write of the request began; 0 if the request was not written. The time in
   * which the scenario produced the beginning of the body is excluded, because burst does not cause this delay.
   */
  get sendLagMs(): number {
    if (this.sentMs === 0) return 0
    const couldBeginMs = Math.max(this.phases ? this.phases.readyMs : this.#gotConnectionMs, this.#bodyReadMs)
    return Math.max(0, this.sentMs - couldBeginMs - this.#bodyMs)
  }

  /**
   * Ends the exchange immediately with an error, and closes its connection (over HTTP/2, only its stream). Does nothing if the exchange has ended.
   */
  cancel(error: Error): void {
    if (this.#over) return
    this.#connections.forget(this.#outgoing.origin, this)
    this.#connection?.destroy(error)
    this.#finish(error)
  }

  /**
   * Ends the exchange without an error, with the response received so far. Closes the connection (over HTTP/2, only the stream). Does nothing if the
   * exchange has ended.
   */
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
      this.#bodyReadMs = performance.now()
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
    // The time is measured here, because this is undici's last call before it writes the request.
    this.#writingMs = performance.now()
  }

  /**
   * Called for each written piece of a body over HTTP/1.1. Only a streamed body has several pieces. Over HTTP/2, `LentStream` adds the bytes to
   * `bytesOut`.
   */
  onBodySent(chunk: Uint8Array | string): void {
    this.bytesOut += Buffer.byteLength(chunk)
    this.#noteWritten()
  }

  onRequestSent(): void {
    this.#noteWritten()
  }

  /** Records the first write. After this write, the request may have reached the target. */
  #noteWritten(): void {
    if (this.sentMs > 0) return
    if (this.#written === 0) this.#count(1)
    this.sentMs = this.#writingMs
    this.writeMs = performance.now() - this.#writingMs
  }

  /** Returns the pieces of a streamed body. The time at which the first piece is available counts as the beginning of the write. */
  #pieces(body: StreamSource): AsyncIterable<Uint8Array> {
    return body.open((tookMs) => {
      this.#writingMs = performance.now()
      this.#bodyMs = tookMs
    })
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

  /** `true` if the owner of the exchange does not need the rest of the response. */
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
    // The target has now closed the connection twice without a response. It probably reads each request before it closes the connection, so the first
    // copy of the request is also counted as read.
    if (this.#repeated === 'written' && this.#written === 1 && this.#unheard && isHangUp(error)) {
      this.#count(1)
      this.bytesOut += this.#unreadBytes
    }
    this.#finish(error)
  }

  /**
   * Returns the actual cause of an error: the TLS alert that ended the connection, or the fault in the head of the response. (undici reports such a
   * fault under a wrong name.) If neither exists, returns the error itself.
   */
  #causeOf(given: Error): Error {
    const connecting = this.#connection?.connecting
    return connecting?.alert ?? connecting?.wire?.causeOf(given) ?? given
  }

  /**
   * Returns whether the request may be sent once more, on a new connection or, over HTTP/2, on a new stream. A request is sent at most twice. It is
   * not sent again if it was written and a byte of a response has arrived. Over HTTP/2, the request may be sent again if it was not written, or if
   * the target says that it has not processed the request. Otherwise, two conditions must hold, as in browsers and in Go. First, the target closed a
   * kept-alive connection. Second, the request was not written, or is safe to send twice.
   */
  #mayRepeat(error: Error): boolean {
    if (this.#over || this.#repeated !== 'no' || !this.#unheard) return false
    if (isUnprocessed(error)) return true
    if (!this.#keptAlive) return false
    return isHangUp(error) && (this.#written === 0 || isRepeatable(this.#outgoing))
  }

  /** `true` if the connection was open before this request received it, and neither burst nor an error has ended the connection. */
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
    // In the current callback, the client ends the old connection. The client must reconnect only later. The request is therefore dispatched after
    // this callback.
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

  /** How often the target has read the request, as far as burst knows: 0, 1, or (if the request was sent twice) 2. */
  get hops(): number {
    return this.#written
  }

  /** The number of times that the request was sent again, on a new connection or, over HTTP/2, on a new stream: 0 or 1. */
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
