import { performance } from '../../../../guard/built-ins.ts'
import type { ReadyQueue } from '../../scheduling/ready-queue.ts'
import { ownBytes } from '../bodies/kept-pieces.ts'
import { StreamFault } from '../failure.ts'
import type { SharedMemory } from '../shared-memory.ts'
import type { StreamSink } from './stream-sink.ts'

/**
 * If the unread pieces of a stream need more memory than this (in bytes, with `pieceOverhead` for each piece), burst stops reading from the
 * connection. burst continues when the pieces need at most half of this memory.
 */
const mostUnread = 256 * 1024

/**
 * The memory, in bytes, that a piece needs in addition to its own bytes. This memory is significant if a target sends a response in pieces of one
 * byte.
 */
const pieceOverhead = 256

/** A piece of a response, and the time of its arrival. */
export interface Piece {
  bytes: Uint8Array
  atMs: number
  /** The number of bytes that are reserved in the shared memory for the piece; 0 if not enough memory was left. */
  reserved: number
}

/** The user that reads a stream. */
export interface StreamUser {
  readonly ready: ReadyQueue
  /** Records that a piece arrived at `atMs`. Called when the user receives the piece. `waited` is true if the user had to wait for the piece. */
  heard(atMs: number, waited: boolean): void
}

interface Flow {
  pause(): void
  resume(): void
}

/** The bytes of a response that have arrived and that the scenario has not read yet. The scenario reads one piece at a time. */
export class BodyStream implements StreamSink {
  readonly endsWithUser: boolean
  /** The time at which the request fails if no more bytes arrive; infinite while burst does not read from the connection. */
  deadlineMs: number
  readonly #timeoutMs: number
  readonly #user: StreamUser
  readonly #pieces: Piece[] = []
  #unread = 0
  #flow: Flow | undefined
  #memory: SharedMemory | undefined
  #isPaused = false
  #isDiscarded = false
  #waiting: { resolve: (piece: Piece | undefined) => void; reject: (error: Error) => void } | undefined
  #end: { error: Error | null } | undefined

  /**
   * Creates the stream.
   * @param endsWithUser whether the stream ends immediately when the user is asked to stop
   */
  constructor(user: StreamUser, timeoutMs: number, endsWithUser: boolean) {
    this.#user = user
    this.#timeoutMs = timeoutMs
    this.endsWithUser = endsWithUser
    this.deadlineMs = performance.now() + timeoutMs
  }

  refusal(status: number, { 'content-type': type = 'absent' }: Readonly<Record<string, unknown>>): Error | null {
    if (!this.endsWithUser || status >= 300 || status === 204 || /^text\/event-stream\b/i.test(String(type)))
      return null
    return new StreamFault(`the response is not an event stream: its content-type is ${String(type).slice(0, 60)}`)
  }

  receive(bytes: Uint8Array, flow: Flow, memory: SharedMemory): void {
    if (this.#isDiscarded) return
    const atMs = performance.now()
    this.deadlineMs = atMs + this.#timeoutMs
    this.#flow = flow
    this.#memory = memory
    const size = bytes.byteLength + pieceOverhead
    const reserved = memory.keep(size) ? size : 0
    this.#pieces.push({ bytes: ownBytes(bytes), atMs, reserved })
    this.#unread += size
    if ((this.#unread > mostUnread || reserved === 0) && !this.#isPaused) this.#pause()
    if (this.#waiting) this.#user.ready.push(atMs, () => this.#wake())
  }

  /** Returns the next piece; undefined at the end of the stream. Rejects if the request failed, or if its user was stopped. */
  next(): Promise<Piece | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      if (this.#pieces.length > 0 || this.#end) this.#deliver(false)
    })
  }

  /** Called when the request has ended. The scenario can still read the bytes that have arrived. */
  end(error: Error | null): void {
    this.#end ??= { error }
    // The memory of the unread pieces is released here. If the scenario never reads the stream, no later call would release this memory.
    this.#unreserve()
    if (this.#waiting) this.#deliver(true)
  }

  /** Drops the unread bytes and all later bytes. Called when the loop over the pieces has ended for any reason, and when an event is too large. */
  discard(): void {
    this.#isDiscarded = true
    this.#unreserve()
    this.#pieces.length = 0
  }

  /** Ends the stream immediately, and drops the unread bytes. */
  breakOff(error: Error): void {
    this.#unreserve()
    this.#pieces.length = 0
    this.end(error)
  }

  /**
   * Resumes the user if it is still waiting. While the user waits, `receive` schedules a call of this method for each piece that arrives. The first
   * of these calls resumes the user.
   */
  #wake(): void {
    if (this.#waiting) this.#deliver(true)
  }

  #deliver(waited: boolean): void {
    const piece = this.#pieces.shift()
    const waiting = this.#waiting
    if (!waiting || !(piece ?? this.#end)) return
    this.#waiting = undefined
    if (piece) {
      this.#release(piece)
      this.#user.heard(piece.atMs, waited)
    }
    const error = piece ? null : this.#end?.error
    if (error) waiting.reject(error)
    else waiting.resolve(piece)
  }

  /** Releases the shared memory of all unread pieces. */
  #unreserve(): void {
    for (const piece of this.#pieces) {
      this.#memory?.drop(piece.reserved)
      piece.reserved = 0
    }
  }

  #release({ bytes, reserved }: Piece): void {
    this.#memory?.drop(reserved)
    this.#unread -= bytes.byteLength + pieceOverhead
    if (this.#isPaused && this.#unread <= mostUnread / 2) this.#goOn()
  }

  #pause(): void {
    this.#isPaused = true
    this.deadlineMs = Number.POSITIVE_INFINITY
    this.#flow?.pause()
  }

  #goOn(): void {
    this.#isPaused = false
    this.deadlineMs = performance.now() + this.#timeoutMs
    this.#flow?.resume()
  }
}
