import type { ClientHttp2Session, ClientHttp2Stream, SecureClientSessionOptions } from 'node:http2'
import type { Socket } from 'node:net'
import { clearTimeout, performance, setTimeout } from '../../../../guard/built-ins.ts'
import type { ConnectPhases } from '../connection/connector.ts'
import { longestHead } from '../connection/wire.ts'
import {
  cancelCode,
  closedByTarget,
  goneAway,
  invalidHttp2,
  leftOut,
  notHttp2,
  protocolErrorCode,
  resetByTarget,
  wrongLength,
} from './faults.ts'
import { type Frame, FrameReader, endsStream, frameTypes, prefaceBytes } from './frames.ts'
import { LentStream, type StreamOwner } from './lent-stream.ts'
import { SessionSocket } from './session-socket.ts'

/**
 * The maximum number of bytes of one response that the target may send before burst reads them. It limits the memory for a stream that the scenario
 * does not read.
 */
const streamWindow = 1024 * 1024
/** The maximum number of bytes that the target may send before burst reads them, for all responses of one connection together. */
const connectionWindow = 4 * streamWindow
/**
 * When burst ends a request early, it checks for how long the target has been silent since a request was written. After at least this many
 * milliseconds of silence, burst sends no further requests on the connection.
 */
const silentMs = 2000
/** The limit of concurrent requests if the settings of the target do not contain a limit. */
const unlimited = 2 ** 31 - 1

const settings: SecureClientSessionOptions & { strictSingleValueFields: boolean } = {
  settings: { enablePush: false, initialWindowSize: streamWindow, maxHeaderListSize: longestHead },
  // HTTP/2 adds 32 bytes to the size of each header, so `maxHeaderListSize` also limits the number of headers. `maxHeaderListPairs` sets the same
  // limit, because its default is only 128.
  maxHeaderListPairs: longestHead / 32,
  peerMaxConcurrentStreams: unlimited,
  // node:http2 must not refuse a header that the scenario sends twice. The types of node:http2 do not contain this option.
  strictSingleValueFields: false,
}

export interface SessionOptions {
  origin: string
  socket: Socket
  phases: ConnectPhases
  /** The time, in milliseconds, for which an idle session stays open. */
  keepAliveMs: number
  /** Called when the settings of the target have arrived, when the session is retired, and when it has ended. */
  changed: () => void
  /** Called with `connection` when the settings of the target have arrived. After that, called with `stream` for each written request. */
  spoke: (what: 'connection' | 'stream') => void
}

/** One connection over HTTP/2, which has one stream for each request. */
export class Session implements StreamOwner {
  readonly phases: ConnectPhases
  readonly #options: SessionOptions
  readonly #socket: SessionSocket
  readonly #http2: ClientHttp2Session
  readonly #open = new Map<number, LentStream>()
  /** The requests whose heads are part of the current write. */
  #starting: LentStream[] = []
  /** The number of requests that have a place on the session. */
  lent = 0
  /** The maximum number of concurrent requests that the target accepts; 1 until the settings of the target arrive. */
  limit = 1
  /** `true` if the settings of the target have arrived. The settings must be the first frame that the target sends. */
  settled = false
  /** The number of requests that were written before the settings of the target arrived. */
  #early = 0
  #isRetired = false
  /** `true` if the connection of the session is closed. */
  ended = false
  #goaway: { code: number; last: number } | undefined
  /** The time at which burst wrote its first request since the latest byte from the target; 0 if burst has not written a request since that byte. */
  #unheardSinceMs = 0
  #idle: NodeJS.Timeout | undefined
  #isFirstFrame = true
  #isForeign = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.phases = options.phases
    const received = new FrameReader({
      begins: (frame) => this.#begins(frame),
      ends: (frame) => this.#ends(frame),
    })
    const sent = new FrameReader({ ends: (frame) => this.#leaves(frame) }, prefaceBytes)
    this.#socket = new SessionSocket(options.socket, {
      received: (bytes) => {
        this.#unheardSinceMs = 0
        received.read(bytes)
        return this.#isForeign ? notHttp2() : null
      },
      writes: (chunks) => {
        for (const chunk of chunks) sent.read(chunk)
        for (const lent of this.#starting) lent.writes()
      },
      wrote: () => {
        for (const lent of this.#starting.splice(0)) lent.wrote()
      },
      // node:http2 closes the session several turns of the event loop later. The session is therefore retired here.
      ends: () => this.retire(),
    })
    this.#http2 = this.#connect()
    this.#rest()
  }

  #connect(): ClientHttp2Session {
    // The module is loaded when the first connection needs it.
    const session = process.getBuiltinModule('node:http2').connect(this.#options.origin, {
      createConnection: () => this.#socket,
      ...settings,
    })
    session.setLocalWindowSize(connectionWindow)
    session.on('remoteSettings', ({ maxConcurrentStreams = unlimited }) => {
      this.limit = maxConcurrentStreams
      if (!this.settled) this.#settle()
      this.#options.changed()
    })
    session.on('goaway', (code, last) => {
      this.#goaway = { code, last }
      this.retire()
    })
    session.on('error', ignore)
    session.once('close', () => {
      clearTimeout(this.#idle)
      this.#isRetired = this.ended = true
      this.#options.changed()
    })
    return session
  }

  #settle(): void {
    this.settled = true
    this.#options.spoke('connection')
    for (; this.#early > 0; this.#early--) this.#options.spoke('stream')
  }

  /** `true` if the session accepts no further requests. (node:http2 may have closed the session without having reported this yet.) */
  get retired(): boolean {
    return this.#isRetired || this.#http2.closed || this.#http2.destroyed
  }

  /** `true` if the session can accept another request now. */
  get hasRoom(): boolean {
    return !this.retired && this.lent < this.limit
  }

  get isIdle(): boolean {
    return this.lent === 0
  }

  /** Reserves a place for one request. */
  lend(): LentStream {
    this.lent++
    clearTimeout(this.#idle)
    return new LentStream(this)
  }

  giveBack(lent: LentStream): void {
    this.lent--
    if (lent.stream?.id !== undefined) this.#open.delete(lent.stream.id)
    if (this.lent === 0) this.#rest()
  }

  /**
   * Retires the session if a request was written at least `silentMs` ago and the target has not sent a byte since then. Called when burst ends a
   * request early, for example after a timeout, because the target may be unreachable although the connection is still open.
   */
  doubt(): void {
    if (this.#unheardSinceMs > 0 && performance.now() - this.#unheardSinceMs >= silentMs) this.retire()
  }

  /** Stops the session from accepting further requests. The connection closes after the last response. */
  retire(): void {
    this.#isRetired = true
    if (this.lent === 0) this.destroy()
    this.#options.changed()
  }

  request(lent: LentStream, head: string[], endStream: boolean): ClientHttp2Stream {
    // The session may already be closed if the body of the request became available late.
    if (this.#http2.closed || this.#http2.destroyed) throw leftOut(this.#goaway?.code ?? 0)
    const stream = this.#http2.request(head, { endStream })
    if (stream.id !== undefined) this.#open.set(stream.id, lent)
    return stream
  }

  /** Closes the connection immediately, and ends the requests that are using it. */
  destroy(): void {
    this.#isRetired = true
    clearTimeout(this.#idle)
    this.#http2.destroy()
  }

  faultOf(lent: LentStream, stream: ClientHttp2Stream, error: Error | undefined): Error {
    if (lent.isReset) return resetByTarget(stream.rstCode)
    // If the connection had ended, node:http2 has not opened the stream, and the stream has no id.
    if (stream.id === undefined) return closedByTarget()
    return this.#departure(lent, stream.id) ?? this.#violation(lent, stream.rstCode, error)
  }

  /**
   * If the target had announced the end of the connection (GOAWAY), returns why the stream ended. Returns undefined in two cases: the target has not
   * sent GOAWAY, or it ends the connection without an error and still processes the request.
   */
  #departure({ isWritten }: LentStream, stream: number): Error | undefined {
    if (!this.#goaway) return undefined
    const { code, last } = this.#goaway
    // If the head of the request was not written before GOAWAY arrived, it is never written, even if the number of the stream is at most `last`.
    if (!isWritten || stream > last) return leftOut(code)
    return code === 0 ? undefined : goneAway(code)
  }

  #violation({ announcesLength, isWritten }: LentStream, code: number, error: Error | undefined): Error {
    if (error && !isOfHttp2(error)) return error
    if (announcesLength && code === protocolErrorCode) return wrongLength()
    // The code CANCEL also means that the connection has closed: node:http2 ends the streams of a closed connection with CANCEL.
    const isClosed = code === 0 || code === cancelCode
    return !error && isClosed ? closedByTarget() : this.#invalid(code, error, isWritten)
  }

  #invalid(code: number, error: Error | undefined, isWritten: boolean): Error {
    return this.settled ? invalidHttp2(code, error, !isWritten) : notHttp2()
  }

  /** Closes the connection after the idle time; immediately if the session is retired. Called when no request uses the connection. */
  #rest(): void {
    if (this.retired) this.destroy()
    else this.#idle = setTimeout(() => this.retire(), this.#options.keepAliveMs)
  }

  #begins({ type, stream }: Frame): void {
    if (this.#isFirstFrame && type !== frameTypes.settings) this.#isForeign = true
    this.#isFirstFrame = false
    const lent = this.#open.get(stream)
    if (lent && (type === frameTypes.headers || type === frameTypes.data)) lent.heard = true
  }

  #ends({ type, stream, flags }: Frame): void {
    const lent = this.#open.get(stream)
    if (!lent) return
    if (type === frameTypes.reset) lent.isReset = true
    else if (isEnd(type, flags)) lent.isComplete = true
  }

  /** Called for each frame that is part of the current write. */
  #leaves({ type, stream, length, flags }: Frame): void {
    const lent = this.#open.get(stream)
    if (!lent) return
    if (isEnd(type, flags)) lent.isSent = true
    if (type === frameTypes.data) lent.carries(length)
    else if (type === frameTypes.headers) {
      this.#starting.push(lent)
      this.#unheardSinceMs ||= performance.now()
      if (this.settled) this.#options.spoke('stream')
      else this.#early++
    }
  }
}

/** Returns whether a frame ends the sender's side of the stream. */
function isEnd(type: number, flags: number): boolean {
  return (type === frameTypes.data || type === frameTypes.headers) && (flags & endsStream) !== 0
}

function isOfHttp2(error: Error): boolean {
  return /^ERR_(?:HTTP2|STREAM)_/.test((error as { code?: string }).code ?? '')
}

function ignore(): void {
  // Ignores the error, because each stream has its own error, and the session closes.
}
