import { performance } from '../../../guard/built-ins.ts'
import type {
  WebSocketConnection,
  WebSocketData,
  WebSocketExpectOptions,
  WebSocketExpectation,
  WebSocketMessage,
} from '../../../../core/authoring/web-socket.ts'
import type { RawData } from 'ws'
import type { CallPlan } from '../http/chain.ts'
import { CutOff, type Failure, TaskEnd } from '../http/failure.ts'
import { AwaitedMessage, checkExpected } from './awaited-message.ts'
import { type Closing, checkClosing, closingWords, failureOfClosing } from './closing.ts'
import { checkedExpectOptions, checkedData } from './checks.ts'
import { Inbox, Message } from './inbox.ts'
import { type Opened, failureIn } from './opening.ts'
import type { SocketContext } from './services.ts'

/** How many bytes may wait to be sent. */
const mostBuffered = 16 * 1024 * 1024
/** How many messages the user may await at once. */
const mostAwaited = 1_000

/** When and why a message was sent. */
interface Sent {
  sentMs: number
  intentMs: number
  lagBeforeMs: number
  pacedLossMs: number | null
}

/** A WebSocket connection as the scenario sees it. */
export class Connection implements WebSocketConnection {
  readonly #opened: Opened
  readonly #plan: CallPlan
  readonly #context: SocketContext
  readonly #gone: (connection: Connection) => void
  readonly #inbox = new Inbox()
  readonly #awaited = new Set<AwaitedMessage>()
  /** Iterators that wait for the next message. */
  readonly #readers = new Set<() => void>()
  readonly #openedMs: number
  /** The last message that no round trip has measured yet. */
  #sent: Sent | null = null
  #receivedMs: number
  #error: Error | null = null
  #closing: Closing | null = null
  #closedByUser = false
  #waiting: (() => void) | undefined
  #scheduled = false

  // oxlint-disable-next-line max-params -- once per connection
  constructor(opened: Opened, plan: CallPlan, context: SocketContext, gone: (connection: Connection) => void) {
    this.#opened = opened
    this.#plan = plan
    this.#context = context
    this.#gone = gone
    this.#openedMs = performance.now()
    this.#receivedMs = this.#openedMs
    const { socket } = opened
    socket.on('message', (data, binary) => this.#receive(data, binary))
    socket.on('error', (error) => (this.#error = error))
    socket.once('close', (code, reason) => this.#closed(code, reason.toString('utf8')))
  }

  get protocol(): string {
    return this.#opened.socket.protocol
  }

  get open(): boolean {
    return this.#closing === null && this.#opened.socket.readyState === this.#opened.socket.OPEN
  }

  /** The name in the statistics. */
  get #name(): string {
    return this.#plan.row.name
  }

  async send(given: WebSocketData): Promise<void> {
    const data = checkedData(given)
    const { user, accounts } = this.#context
    user.acts()
    if (!this.open) throw new TaskEnd(`the connection is closed: ${this.#whyClosed()}`)
    const { socket } = this.#opened
    if (socket.bufferedAmount > mostBuffered) {
      throw new Error(
        'more than 16 MiB wait to be sent: await send(), so that the user sends no faster than the target reads',
      )
    }
    const sentMs = performance.now()
    this.#sent = { sentMs, ...user.pace.takeIntent() }
    const bytes = Buffer.byteLength(data)
    const waits = { release: (): void => undefined }
    socket.send(data, () => {
      this.#sample('sent', performance.now() - sentMs, bytes)
      waits.release()
    })
    accounts.transferred(this.#plan.row, user.source, { bytesOut: bytes, atMs: sentMs })
    if (socket.bufferedAmount === 0) return
    const { ended, release } = user.hold()
    waits.release = release
    await ended
    if (user.silent) throw new CutOff()
  }

  expect(expected?: WebSocketExpectation, options?: WebSocketExpectOptions): Promise<WebSocketMessage> {
    checkExpected(expected)
    const { timeoutMs, name } = checkedExpectOptions(options)
    this.#context.user.acts()
    if (this.#awaited.size >= mostAwaited)
      throw new Error(`more than ${mostAwaited} messages are awaited on one connection`)
    const ended = (one: AwaitedMessage): void => void this.#awaited.delete(one)
    const trip = this.#roundTrip(name ?? `${this.#name} message`, timeoutMs)
    const awaited = new AwaitedMessage({ ...trip, expected, ended }, this.#context)
    this.#awaited.add(awaited)
    this.#schedule()
    return awaited.promise
  }

  /** The plan of a round trip: it begins with the last message that was sent, or now. */
  #roundTrip(name: string, timeoutMs: number): { plan: CallPlan; sentMs: number } {
    const nowMs = performance.now()
    const { sentMs, ...sent } = this.#sent ?? { sentMs: nowMs, intentMs: nowMs, lagBeforeMs: 0, pacedLossMs: null }
    this.#sent = null
    const { recorder } = this.#context
    const { outgoing, url, number } = this.#plan
    const row = recorder.row('WS', name)
    return { plan: { ...sent, row, outgoing, url, number, timeoutMs, redirects: 0, verify: null }, sentMs }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WebSocketMessage, void, void> {
    for (;;) {
      if (this.#context.user.silent) throw new CutOff()
      this.#context.user.mayRead()
      const message = this.#inbox.take()
      if (message) {
        this.#heard(message.atMs)
        yield message
        continue
      }
      if (this.#closing) {
        this.#heard(this.#closing.atMs)
        const failure = this.#closing.failure
        if (failure) throw new TaskEnd(failure.message)
        return
      }
      await this.#next()
    }
  }

  wakeReaders(): void {
    for (const release of this.#readers) release()
  }

  /** What the user waited for has come: it means to act from then on. */
  #heard(atMs: number): void {
    this.#context.user.pace.responseEnded(atMs, 0)
  }

  /** Waits until there is a message to read, or the connection is closed. */
  async #next(): Promise<void> {
    const { user } = this.#context
    user.acts()
    const { ended, release } = user.hold()
    this.#readers.add(release)
    await ended
    this.#readers.delete(release)
    if (user.silent) throw new CutOff()
  }

  async close(code = 1000, reason = ''): Promise<void> {
    checkClosing(code, reason)
    if (this.#closing) return
    this.#closedByUser = true
    this.#opened.socket.close(code, reason)
    const { ended, release } = this.#context.user.hold()
    this.#waiting = release
    await ended
    this.#heard(performance.now())
  }

  /** Closes the connection now, because the user has ended. */
  end(): void {
    if (this.#closing) return
    this.#closedByUser = true
    const { socket, raw } = this.#opened
    socket.close(goingAway)
    raw.destroySoon()
    this.#closed(goingAway, '')
    this.#inbox.clear()
  }

  #receive(data: RawData, binary: boolean): void {
    if (this.#closing) return
    const atMs = performance.now()
    // A copy, because the bytes are part of a larger piece that was read from the socket.
    const message = new Message(Buffer.from(data as Buffer), binary, atMs)
    const { accounts, user, recorder } = this.#context
    this.#sample('received', atMs - this.#receivedMs, message.bytes.length)
    this.#receivedMs = atMs
    accounts.transferred(this.#plan.row, user.source, { bytesIn: message.bytes.length, atMs })
    if (this.#inbox.add(message) > 0) {
      recorder.notice(`unread messages of ${this.#name} were dropped: a connection keeps 1,000 of them, and 1 MiB`)
    }
    this.#schedule()
  }

  /** Reads messages in the user's turn, if the user awaits one. */
  #schedule(): void {
    if (this.#scheduled || (this.#awaited.size === 0 && this.#readers.size === 0)) return
    if (this.#inbox.length === 0 && !this.#closing) return
    this.#scheduled = true
    const { ready, user } = this.#context
    ready.push(performance.now(), (lagMs) => {
      this.#scheduled = false
      this.#context.asUser(user, () => this.#read(lagMs))
    })
  }

  #read(lagMs: number): void {
    // oxlint-disable-next-line no-unmodified-loop-condition -- `offer` ends what is awaited
    while (this.#awaited.size > 0) {
      const message = this.#inbox.take()
      if (!message) break
      if (this.#offer(message, lagMs)) return this.#schedule()
    }
    if (this.#closing) for (const one of this.#awaited) one.fail(this.#lost)
    for (const release of this.#readers) release()
  }

  #offer(message: Message, lagMs: number): boolean {
    for (const one of this.#awaited) if (one.offer(message, lagMs)) return true
    return false
  }

  get #lost(): Failure {
    return this.#closing?.failure ?? { kind: 'network', message: `the connection is closed: ${this.#whyClosed()}` }
  }

  #whyClosed(): string {
    if (this.#closing && !this.#closedByUser) return closingWords(this.#closing)
    return 'the scenario has closed it'
  }

  #closed(code: number, reason: string): void {
    if (this.#closing) return
    const closing = { code, reason, atMs: performance.now(), error: this.#error && failureIn(this.#error) }
    const failure = this.#closedByUser ? null : failureOfClosing(closing)
    this.#closing = { ...closing, failure }
    this.#gone(this)
    this.#sample(`closed ${code}`, performance.now() - this.#openedMs, 0, failure !== null)
    if (failure) this.#countLoss(failure)
    this.#waiting?.()
    this.#schedule()
  }

  /** Counts a connection that ended although neither side meant it to, as a failed request. */
  #countLoss(failure: Failure): void {
    const { plan } = this.#roundTrip(`${this.#name} lost`, 1_000)
    const wish = { plan, sentMs: 0, expected: undefined, ended: (): void => undefined }
    new AwaitedMessage(wish, this.#context).fail(failure)
  }

  // oxlint-disable-next-line max-params -- once per message: no bag
  #sample(what: string, ms: number, bytes: number, error = false): void {
    this.#context.recorder.sample({ method: 'WS', name: `${this.#name} ${what}`, ms, bytes, error })
  }
}

/** The close code of an endpoint that goes away (RFC 6455 §7.4.1). */
const goingAway = 1001
