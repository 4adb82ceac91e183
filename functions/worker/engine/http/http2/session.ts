import type { ClientHttp2Session, ClientHttp2Stream, SecureClientSessionOptions } from 'node:http2'
import type { Socket } from 'node:net'
import { clearTimeout, performance, setTimeout } from '../../../../guard/built-ins.ts'
import type { ConnectPhases } from '../connection/connector.ts'
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
 * The maximum number of bytes of one response that the target may send before burst has read them. The number limits the memory for a stream that the
 * scenario does not read.
 */
const streamWindow = 1024 * 1024
/** The same limit for all responses of a connection together. */
const connectionWindow = 4 * streamWindow
/** The largest head of a response, in bytes; HTTP/1.1 has the same limit. */
const largestHead = 64 * 1024
/** If a request times out, and the target has sent no byte for this time, burst sends no further requests on the connection. Milliseconds. */
const silentMs = 2000
/** The limit of concurrent requests for a target whose settings contain no limit. */
const unlimited = 2 ** 31 - 1

const settings: SecureClientSessionOptions & { strictSingleValueFields: boolean } = {
  settings: { enablePush: false, initialWindowSize: streamWindow, maxHeaderListSize: largestHead },
  peerMaxConcurrentStreams: unlimited,
  // Allows a header to be sent twice, because the scenario decides this. The types of node:http2 do not have this option.
  strictSingleValueFields: false,
}

export interface SessionOptions {
  origin: string
  socket: Socket
  phases: ConnectPhases
  /** The time for which an idle session stays open, milliseconds. */
  keepAliveMs: number
  /** Called when there may be room for another request, and when the session has ended. */
  changed: () => void
  /** Called with `connection` when the target has sent its first HTTP/2 frames. After that, called with `stream` for each written request. */
  spoke: (what: 'connection' | 'stream') => void
}

/** One connection that speaks HTTP/2, and its streams: one for each request. */
export class Session implements StreamOwner {
  readonly phases: ConnectPhases
  readonly #options: SessionOptions
  readonly #socket: SessionSocket
  readonly #http2: ClientHttp2Session
  readonly #open = new Map<number, LentStream>()
  /** The requests whose head is part of the current write. */
  #starting: LentStream[] = []
  /** The number of requests that have a place on the session. */
  lent = 0
  /** The maximum number of concurrent requests that the target accepts; 1 until the settings of the target arrive. */
  limit = 1
  /** `true` if the settings of the target have arrived. The target must send them first. */
  settled = false
  /** The requests that were written before the settings arrived. */
  #early = 0
  #isRetired = false
  /** `true` if the connection of the session is closed. */
  ended = false
  #goaway: { code: number; last: number } | undefined
  /** The time of the first written request since the target's last byte arrived; 0 if no request was written since then. */
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
      // Marks the session as closed immediately, because node:http2 closes the session several turns of the event loop later.
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

  /** `true` if the session accepts no further requests. node:http2 closes a session before it reports the close. */
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
   * Called when a request has ended without a response. The target may be unreachable although the connection is still open. If the target has been
   * silent for some time, the session is retired.
   */
  doubt(): void {
    if (this.#unheardSinceMs > 0 && performance.now() - this.#unheardSinceMs >= silentMs) this.retire()
  }

  /** Accepts no further requests, and closes the connection after the last response. */
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

  /** Closes the connection now, together with the requests that are using it. */
  destroy(): void {
    this.#isRetired = true
    clearTimeout(this.#idle)
    this.#http2.destroy()
  }

  faultOf(lent: LentStream, stream: ClientHttp2Stream, error: Error | undefined): Error {
    if (lent.isReset) return resetByTarget(stream.rstCode)
    // Without an id, node:http2 has not opened the stream, because the connection had ended.
    if (stream.id === undefined) return closedByTarget()
    return this.#departure(lent, stream.id) ?? this.#violation(lent, stream.rstCode, error)
  }

  /** Returns why a stream ended, if the target had announced the end of the connection. */
  #departure({ isWritten }: LentStream, stream: number): Error | undefined {
    if (!this.#goaway) return undefined
    const { code, last } = this.#goaway
    // If the head of a request was not written before the GOAWAY, it is never written, whatever the number of its stream is.
    if (!isWritten || stream > last) return leftOut(code)
    return code === 0 ? undefined : goneAway(code)
  }

  #violation({ announcesLength, isWritten }: LentStream, code: number, error: Error | undefined): Error {
    if (error && !isOfHttp2(error)) return error
    if (announcesLength && code === protocolErrorCode) return wrongLength()
    // CANCEL also means that the connection has closed, because node:http2 then ends its streams with CANCEL.
    const isClosed = code === 0 || code === cancelCode
    return !error && isClosed ? closedByTarget() : this.#invalid(code, error, isWritten)
  }

  #invalid(code: number, error: Error | undefined, isWritten: boolean): Error {
    return this.settled ? invalidHttp2(code, error, !isWritten) : notHttp2()
  }

  /** Called when no request uses the connection. The connection closes after the idle time. */
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
