import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { performance } from '../../../guard/built-ins.ts'
import type { CallPlan } from '../http/chain.ts'
import { CutOff, TaskEnd } from '../http/failure.ts'
import type { SocketOwner } from '../users/context.ts'
import type { Source } from '../counting/source.ts'
import type { MessageTrace } from './message-trace.ts'
import { type Opened, failureIn } from './opening.ts'
import type { SocketContext } from './services.ts'

/** If more than this number of bytes is waiting to be sent on a connection, no further message is accepted. */
const mostBuffered = 16 * 1024 * 1024
/** The maximum number of answers to pings that may wait to be sent on one connection. */
const mostPongs = 60

/** The times of a sent message: when it was sent, when it was due, and how long the user lagged before it sent the message. */
export interface Sent {
  sentMs: number
  /** The duration of the write, in milliseconds. */
  writeMs: number
  intentMs: number
  lagBeforeMs: number
  pacedLossMs: number | null
}

/** The state of a message that was passed to the socket. */
interface Written {
  /** The time at which the socket accepted the message, or failed to send it; 0 until then. */
  atMs: number
  error: Error | undefined
  /** Called when the socket has accepted the message, or failed to send it. */
  done: () => void
}

/**
 * Sends the messages of a connection. Stores the times of the last sent message. If the user then awaits a message, the latency begins when the last
 * message was sent.
 */
export class Outbox {
  readonly #socket: WebSocket
  readonly #raw: Socket
  readonly #plan: CallPlan
  readonly #context: SocketContext
  readonly #trace: MessageTrace
  /** The times of the last message; null if a round trip has already measured the message. */
  #sent: Sent | null = null

  constructor({ socket, raw }: Opened, plan: CallPlan, context: SocketContext, trace: MessageTrace) {
    this.#socket = socket
    this.#raw = raw
    this.#plan = plan
    this.#context = context
    this.#trace = trace
    answerPings(socket)
  }

  /**
   * Sends a message on an open connection. Resolves when the connection has accepted the message. Rejects with `TaskEnd` if the message was not sent,
   * and with `CutOff` if the user must stop.
   * @throws Error when more than 16 MiB is waiting to be sent on this connection, or when the message would exceed the limit of 128 MiB for all
   * connections of the worker together
   */
  // This is not an async function: an async function would create a second promise, and a rejection of the second promise would be unhandled.
  send(data: string | Buffer): Promise<void> {
    if (this.#socket.bufferedAmount > mostBuffered) {
      throw new Error(
        'more than 16 MiB is waiting to be sent on the connection: await send(), so that the user sends no faster than the target reads',
      )
    }
    const bytes = Buffer.byteLength(data)
    if (!this.#context.meter.unsent.keep(bytes)) {
      throw new Error(
        'more than 128 MiB in total is waiting to be sent on all connections of the worker: await send(), so that the users send no faster than the target reads',
      )
    }
    const taken = this.#taken(this.#write(data, bytes))
    taken.catch(ignoreUnobserved)
    return taken
  }

  /** Returns the times of the last message; null if a round trip has already measured the message. Afterwards, the message counts as measured. */
  take(): Sent | null {
    const sent = this.#sent
    this.#sent = null
    return sent
  }

  /** Counts the lag of the last message if no round trip has measured the message. */
  countUnmeasured(): void {
    const sent = this.take()
    if (sent) this.#context.accounts.acted(sent, false)
  }

  /** Passes a message to the socket. The message counts as sent when the socket has accepted it. */
  #write(data: string | Buffer, bytes: number): Written {
    const { user } = this.#context
    const { source } = user
    this.countUnmeasured()
    const sentMs = performance.now()
    const sent = { sentMs, writeMs: 0, ...user.pace.takeIntent() }
    this.#sent = sent
    const written: Written = { atMs: 0, error: undefined, done: () => undefined }
    const show = this.#trace.later('sent', data)
    const end = (error?: Error | null): void => {
      if (written.atMs > 0) return
      this.#context.meter.unsent.drop(bytes)
      written.atMs = performance.now()
      written.error = error ?? undefined
      if (!written.error) show()
      this.#count({ sentMs, bytes, source }, written)
      written.done()
    }
    this.#socket.send(data, end)
    sent.writeMs = performance.now() - sentMs
    // If the operating system has already accepted the bytes, the message is counted immediately. The callback of `send` could come too late, after
    // the user has ended and the last counts have been handed over.
    if (this.#isTaken) end()
    return written
  }

  /** `true` if the operating system has accepted all bytes. */
  get #isTaken(): boolean {
    return this.#socket.bufferedAmount === 0 && this.#raw.writable
  }

  #count({ sentMs, bytes, source }: { sentMs: number; bytes: number; source: Source }, { atMs, error }: Written): void {
    const { recorder, accounts } = this.#context
    const { row } = this.#plan
    const sample = { method: 'WS', name: `${row.name} sent`, ms: atMs - sentMs, bytes }
    recorder.sample({ ...sample, error: error !== undefined })
    if (!error) accounts.transferred(row, source, { bytesOut: bytes, atMs })
  }

  /**
   * Waits until the socket has accepted a message. The user then continues in a later callback of the event loop, so that code that only sends
   * messages does not block the loop.
   */
  async #taken(written: Written): Promise<void> {
    const { user } = this.#context
    const { ended, release } = user.hold()
    if (written.atMs > 0) release()
    else written.done = release
    await ended
    if (user.silent) throw new CutOff()
    user.heard(written.atMs, true)
    if (written.error) throw new TaskEnd(`the message was not sent: ${failureIn(written.error).message}`)
  }
}

/**
 * Answers pings. While `mostPongs` pongs wait to be sent, only the latest of the pings that arrive is answered (RFC 6455 §5.5.3). The automatic pongs
 * of `ws` are off, because `ws` ends the connection if too many pongs are waiting to be sent.
 */
function answerPings(socket: WebSocket): void {
  let waiting = 0
  let latest: Buffer | undefined
  const sent = (): void => {
    waiting--
    if (latest) answer(latest)
  }
  const answer = (ping: Buffer): void => {
    latest = waiting < mostPongs ? undefined : ping
    if (latest || socket.readyState !== socket.OPEN) return
    waiting++
    socket.pong(ping, undefined, sent)
  }
  socket.on('ping', answer)
}

/** Returns the times for a round trip that does not begin with a sent message. The measurement begins now. */
export function unsent({ pace }: Pick<SocketOwner, 'pace'>): Sent {
  const nowMs = performance.now()
  return { sentMs: nowMs, writeMs: 0, ...pace.takeIntent(), intentMs: nowMs }
}

function ignoreUnobserved(): void {
  // Ignores the rejection: the connection counts as lost, and the sample for the message counts as failed.
}
