import type { ClientHttp2Stream } from 'node:http2'
import type { ConnectPhases } from '../connection/connector.ts'
import type { Lent, RequestHandler } from '../connection/lent.ts'
import { Controller } from './controller.ts'
import { Http2Fault, cancelCode } from './faults.ts'
import { announcedLength, headList, headersOf } from './heads.ts'
import { type Pieces, untilDrained, iteratorOf, pieceBytes, piecesOf, startingWith } from './pieces.ts'

type Options = Parameters<Lent['client']['dispatch']>[0]

/** The session to which a stream belongs. */
export interface StreamOwner {
  readonly phases: ConnectPhases
  retire(): void
  /** Retires the session if the target has been silent for some time since a request was written. */
  doubt(): void
  /**
   * Opens the stream of a request.
   * @throws Http2Fault when the connection has ended
   */
  request(lent: LentStream, head: string[], endStream: boolean): ClientHttp2Stream
  /**
   * Returns why a stream ended without a complete response.
   * @param error the error of node:http2
   */
  faultOf(lent: LentStream, stream: ClientHttp2Stream, error: Error | undefined): Error
  giveBack(lent: LentStream): void
}

/** One request over HTTP/2. The request has a place in a session and, once it is sent, a stream. Calls the handler of the request as undici does. */
export class LentStream implements Lent {
  readonly once = true
  readonly client = this
  readonly servername = undefined
  readonly proxy = null
  readonly connecting: NonNullable<Lent['connecting']>
  broken = false
  /** `true` if a byte of a response has arrived, including interim responses. */
  heard = false
  /** `true` if the head of the request was written. */
  isWritten = false
  /** `true` if the last byte of the request was written. */
  isSent = false
  /** `true` if the last byte of the response has arrived. */
  isComplete = false
  /** `true` if the target has ended the stream with RST_STREAM. */
  isReset = false
  /** `true` if the response has a `content-length`. */
  announcesLength = false
  stream: ClientHttp2Stream | undefined
  readonly #owner: StreamOwner
  readonly #controller = new Controller(this)
  #handler: RequestHandler | undefined
  #over = false
  #status = 0
  #error: Error | undefined

  constructor(owner: StreamOwner) {
    this.#owner = owner
    this.connecting = { phases: owner.phases, alert: null, wire: this }
  }

  dispatch(options: Options, handler: RequestHandler): void {
    this.#handler = handler
    if (options.reset === true) this.#owner.retire()
    try {
      this.#start(options)
    } catch (error) {
      if (!(error instanceof Http2Fault)) throw error
      this.fail(error)
    }
  }

  #start(options: Options): void {
    const body = options.body as unknown as string | Uint8Array | Pieces | null
    if (body === null) this.#send(options, null)
    else if (typeof body === 'string' || body instanceof Uint8Array) this.#send(options, Buffer.from(body))
    else void this.#sendPieces(options, body)
  }

  /**
   * Ends the stream immediately. The handler of the request is no longer called. If the target has been silent for some time, also retires the
   * session.
   */
  destroy(): void {
    this.broken = true
    this.#leave()
    this.#owner.doubt()
  }

  /** Releases the place of the request in the session. */
  giveBack(): void {
    this.#owner.giveBack(this)
  }

  fail(error: Error): void {
    if (this.#over) return
    this.#leave()
    this.#handler?.onResponseError?.(this.#controller, error)
  }

  // ---- called by the session

  /** Called before the head of the request is written. */
  writes(): void {
    if (!this.#over) this.#handler?.onRequestStart?.(this.#controller, null)
  }

  /** Called when the head of the request has been written. */
  wrote(): void {
    this.isWritten = true
    if (!this.#over) this.#handler?.onRequestSent?.()
  }

  /** Called just before bytes of the request body are written. */
  carries(bytes: number): void {
    if (!this.#over && this.#handler) this.#handler.bytesOut += bytes
  }

  // ---- members of `Wire` that the exchange uses; most have no meaning in HTTP/2

  begin(): void {
    this.heard = false
  }

  addToNextHead(): void {
    // HTTP/2 has no `connection` header.
  }

  restore(): void {
    // Does nothing, because over HTTP/2 the headers are already those that the target sent.
  }

  causeOf(error: Error): Error {
    return error
  }

  // ---- inside

  #leave(): void {
    // If the connection accepts frames, `close` makes node:http2 write the frames that are queued. If the head of the request is among these frames,
    // burst treats the request as written.
    this.stream?.close(cancelCode)
    this.#over = true
    // If the head is still queued, `destroy` makes node:http2 remove the head from the queue. Otherwise, the target could receive a request that is
    // not counted.
    if (!this.isWritten) this.stream?.destroy()
  }

  #send(options: Options, body: Buffer | null): void {
    const isEmpty = body === null || body.length === 0
    const stream = this.#open(options, announcedLength(options.method, body), isEmpty)
    if (isEmpty) return
    if (body.length <= pieceBytes) stream.end(body)
    else void this.#write(stream, piecesOf(body))
  }

  /** Sends a streamed body. The head is sent together with the first piece, as it is over HTTP/1.1. */
  async #sendPieces(options: Options, pieces: Pieces): Promise<void> {
    try {
      const iterator = iteratorOf(pieces)
      const first = await iterator.next()
      if (this.#over) return void (await iterator.return?.())
      const stream = this.#open(options, null, first.done === true)
      if (first.done !== true) await this.#write(stream, startingWith(first.value, iterator))
    } catch (error) {
      this.fail(error as Error)
    }
  }

  #open({ origin, path, method, headers }: Options, length: number | null, endStream: boolean): ClientHttp2Stream {
    const head = { origin: String(origin), path, method, headers: headers as Record<string, string | string[]> }
    const stream = this.#owner.request(this, headList(head, length), endStream)
    this.stream = stream
    stream.once('response', ({ ':status': status = 0 }, _flags, list?: string[]) => {
      this.#answer(stream, status, list ?? [])
    })
    stream.once('end', () => this.#end(stream))
    stream.on('error', (error: Error) => void (this.#error = error))
    stream.once('close', () => this.fail(this.#owner.faultOf(this, stream, this.#error)))
    return stream
  }

  async #write(stream: ClientHttp2Stream, pieces: Pieces): Promise<void> {
    for await (const piece of pieces) {
      if (this.#over || stream.destroyed) return
      if (!stream.write(piece)) await untilDrained(stream)
    }
    stream.end()
  }

  #answer(stream: ClientHttp2Stream, status: number, list: readonly string[]): void {
    const handler = this.#handler
    if (this.#over || !handler) return
    this.#status = status
    handler.onResponseStarted?.()
    const headers = headersOf(list)
    this.announcesLength = headers['content-length'] !== undefined
    handler.onResponseStart?.(this.#controller, status, headers)
    // The listener for the body is added only after the head has arrived. Otherwise, the handler could receive the first bytes of the body before the
    // head.
    if (!this.#over) stream.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  #receive(chunk: Buffer): void {
    if (!this.#over) this.#handler?.onResponseData?.(this.#controller, chunk)
  }

  #end(stream: ClientHttp2Stream): void {
    if (this.#over || !this.isComplete || this.#status === 0) return
    this.#over = true
    // The target may respond before it has read the whole request body. If the rest of the body has not been sent, the stream is closed.
    if (!this.isSent) stream.close(cancelCode)
    this.#handler?.onResponseEnd?.(this.#controller, {})
  }
}
