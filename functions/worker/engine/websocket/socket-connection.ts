import { performance } from '../../../guard/built-ins.ts'
import type {
  WebSocketConnection,
  WebSocketData,
  WebSocketExpectOptions,
  WebSocketExpectation,
  WebSocketMessage,
} from '../../../../core/authoring/requests/web-socket.ts'
import type { RawData } from 'ws'
import type { CallPlan } from '../http/chain.ts'
import { CutOff, type Failure, TaskEnd } from '../http/failure.ts'
import { AwaitedMessage, checkExpected } from './awaited-message.ts'
import { type Closing, checkClosing, closingWords, codeName, endWithTarget, failureOfClosing } from './closing.ts'
import { checkedExpectOptions, checkedData } from './checks.ts'
import { FrameCounter } from './frame-counter.ts'
import { Inbox, Message, fullInbox, fullMemory } from './inbox.ts'
import { MessageTrace } from './message-trace.ts'
import { type Opened, failureIn } from './opening.ts'
import { Outbox, type Sent, unsent } from './outbox.ts'
import type { SocketContext } from './services.ts'

const fullOfParts: Failure = {
  kind: 'generator',
  message: 'the incomplete messages on all connections of the worker together exceed 128 MiB',
}
/** The maximum number of messages that the user may await at the same time on one connection. */
const mostAwaited = 1_000

/** The WebSocket connection that the scenario uses. */
export class SocketConnection implements WebSocketConnection {
  readonly #opened: Opened
  readonly #plan: CallPlan
  readonly #context: SocketContext
  readonly #gone: (connection: SocketConnection) => void
  readonly #inbox: Inbox
  readonly #frames = new FrameCounter()
  readonly #outbox: Outbox
  readonly #trace: MessageTrace
  readonly #awaited = new Set<AwaitedMessage>()
  /** Functions that resume the iterators that wait for the next message. */
  readonly #readers = new Set<() => void>()
  readonly #openedMs: number
  readonly #close: (code: number, reason?: string) => void
  #receivedMs: number
  #error: Failure | null = null
  #closing: Closing | null = null
  #closedByUser = false
  /** Functions that resume the calls of `close` that wait for the target's confirmation. */
  readonly #closers = new Set<() => void>()
  #scheduled = false

  constructor(opened: Opened, plan: CallPlan, context: SocketContext, gone: (connection: SocketConnection) => void) {
    this.#opened = opened
    this.#plan = plan
    this.#context = context
    this.#gone = gone
    this.#openedMs = performance.now()
    this.#receivedMs = this.#openedMs
    const { socket, raw } = opened
    this.#inbox = new Inbox(context.meter.unread, () => this.#noteDropped(fullMemory))
    this.#trace = new MessageTrace(context, plan.row.name)
    this.#outbox = new Outbox(opened, plan, context, this.#trace)
    this.#close = endWithTarget(opened)
    socket.on('message', (data, binary) => this.#receive(data, binary))
    socket.on('error', (error) => (this.#error = failureIn(error)))
    // The bytes are counted before `ws` reads them. When `ws` emits a complete message, the bytes of the message must no longer count as a part of an
    // incomplete message.
    raw.prependListener('data', (piece: Buffer) => this.#count(piece))
    socket.once('close', (code, reason) => this.#closed(code, reason.toString('utf8')))
  }

  get protocol(): string {
    return this.#opened.socket.protocol
  }

  get open(): boolean {
    return this.#closing === null && this.#opened.socket.readyState === this.#opened.socket.OPEN
  }

  /** The name of the connection in the statistics. */
  get #name(): string {
    return this.#plan.row.name
  }

  // This is not an async function: an async function would create a second promise, and a rejection of the second promise would be unhandled.
  send(given: WebSocketData): Promise<void> {
    try {
      const data = checkedData(given)
      this.#context.user.acts()
      if (!this.open) throw new TaskEnd(`the connection is closed: ${this.#whyClosed()}`)
      return this.#outbox.send(data)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  expect(expected?: WebSocketExpectation, options?: WebSocketExpectOptions): Promise<WebSocketMessage> {
    checkExpected(expected)
    const { timeoutMs, name } = checkedExpectOptions(options)
    this.#context.user.acts()
    if (this.#awaited.size >= mostAwaited)
      throw new Error(`more than ${mostAwaited} messages are awaited on one connection`)
    const ended = (one: AwaitedMessage): void => void this.#awaited.delete(one)
    const sent = this.#outbox.take() ?? unsent(this.#context.user)
    const { sentMs, writeMs } = sent
    const plan = this.#planOf(name ?? `${this.#name} message`, timeoutMs, sent)
    const awaited = new AwaitedMessage({ plan, sentMs, writeMs, expected, ended }, this.#context)
    this.#awaited.add(awaited)
    this.#schedule()
    return awaited.promise
  }

  #planOf(
    name: string,
    timeoutMs: number,
    { intentMs, lagBeforeMs, pacedLossMs }: Omit<Sent, 'sentMs' | 'writeMs'>,
  ): CallPlan {
    const { outgoing, url, number } = this.#plan
    const row = this.#context.recorder.row('WS', name)
    const intent = { intentMs, lagBeforeMs, pacedLossMs }
    return { ...intent, row, outgoing, url, number, timeoutMs, redirects: 0, verify: null }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WebSocketMessage, void, void> {
    const { user } = this.#context
    for (let waited = false; ;) {
      if (user.silent) throw new CutOff()
      user.mayRead()
      const message = this.#inbox.take()
      if (message) {
        user.heard(Message.readOf(message).atMs, waited)
        waited = false
        yield message
        continue
      }
      if (this.#closing) {
        user.heard(this.#closing.atMs, waited)
        const failure = this.#closing.failure
        if (failure) throw new TaskEnd(failure.message)
        return
      }
      await this.#next()
      waited = true
    }
  }

  wakeReaders(): void {
    for (const release of this.#readers) release()
  }

  /** Waits until there is a message to read, or the connection is closed. */
  async #next(): Promise<void> {
    const { user, accounts } = this.#context
    user.acts()
    accounts.acted(user.pace.takeIntent(), true)
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
    this.#close(code, reason)
    const { user } = this.#context
    const { ended, release } = user.hold()
    this.#closers.add(release)
    await ended
    this.#closers.delete(release)
    const closing = this.#closing as Closing | null
    if (closing) user.heard(closing.atMs, true)
  }

  /** Closes the connection immediately. Called when the user has ended. */
  end(): void {
    if (this.#closing) return
    this.#closedByUser = true
    this.#endWith(goingAway)
    this.#inbox.clear()
  }

  #endWith(code: number): void {
    this.#close(code)
    this.#opened.raw.destroySoon()
    this.#closed(code, '')
  }

  #count(piece: Buffer): void {
    if (this.#closing || this.#inbox.keepPart(this.#frames.read(piece))) return
    this.#error = fullOfParts
    this.#endWith(tooBig)
  }

  #noteDropped(why: string): void {
    this.#context.recorder.notice(`unread messages of ${this.#name} were dropped: ${why}`)
  }

  #receive(data: RawData, binary: boolean): void {
    if (this.#closing) return
    const atMs = performance.now()
    const { accounts, user, meter } = this.#context
    // The bytes are copied, because they are part of a larger buffer that was read from the socket.
    const message = new Message(Buffer.from(data as Buffer), binary, { atMs, unreadMs: meter.waitedMs(atMs) })
    this.#sample('received', atMs - this.#receivedMs, message.bytes.length)
    this.#receivedMs = atMs
    this.#trace.show('received', message.bytes)
    accounts.transferred(this.#plan.row, user.source, { bytesIn: message.bytes.length, atMs })
    const { dropped, full } = this.#inbox.add(message, this.#isAwaited)
    if (dropped > 0) this.#noteDropped(full ? fullMemory : fullInbox)
    this.#schedule()
    // If the user awaits a message and the inbox is full, burst reads nothing from the connection until the ready queue has resumed the user.
    if (this.#isAwaited && this.#inbox.isFull) this.#opened.socket.pause()
  }

  get #isAwaited(): boolean {
    return this.#awaited.size > 0 || this.#readers.size > 0
  }

  /** If the user awaits a message, schedules the user in the ready queue, which then passes messages to the user. */
  #schedule(): void {
    if (this.#scheduled || !this.#isAwaited) return
    if (this.#inbox.length === 0 && !this.#closing) return
    this.#scheduled = true
    const { ready, user } = this.#context
    const dueMs = performance.now()
    ready.push(dueMs, (lagMs) => {
      this.#scheduled = false
      this.#context.asUser(user, () => this.#read(dueMs + lagMs))
      if (this.#opened.socket.isPaused) this.#opened.socket.resume()
    })
  }

  #read(nowMs: number): void {
    // Each awaited message that arrives is removed from `#awaited`, so the loop ends.
    while (this.#awaited.size > 0) {
      const message = this.#inbox.take()
      if (!message) break
      if (this.#offer(message, nowMs)) return this.#schedule()
    }
    if (this.#closing) for (const one of this.#awaited) one.fail(this.#lost, this.#closing)
    for (const release of this.#readers) release()
  }

  #offer(message: Message, nowMs: number): boolean {
    for (const one of this.#awaited) if (one.offer(message, nowMs)) return true
    return false
  }

  get #lost(): Failure {
    return this.#closing?.failure ?? { kind: 'network', message: `the connection is closed: ${this.#whyClosed()}` }
  }

  #whyClosed(): string {
    if (this.#closedByUser) return 'the scenario has closed the connection'
    return this.#closing
      ? (this.#closing.failure?.message ?? closingWords(this.#closing))
      : 'the target is closing the connection'
  }

  #closed(code: number, reason: string): void {
    if (this.#closing) return
    const atMs = performance.now()
    const unreadMs = this.#context.meter.waitedMs(atMs)
    const closing = { code, reason, atMs, unreadMs, error: this.#error }
    const failure = this.#closedByUser ? null : failureOfClosing(closing)
    this.#closing = { ...closing, failure }
    this.#inbox.release()
    this.#gone(this)
    this.#sample(`closed ${codeName(code)}`, atMs - this.#openedMs, 0, failure !== null)
    if (failure) this.#countLoss(failure, atMs)
    this.#outbox.countUnmeasured()
    for (const release of this.#closers) release()
    this.#schedule()
  }

  /** Counts the loss of a connection as a failed request. */
  #countLoss(failure: Failure, atMs: number): void {
    const intent = this.#outbox.take() ?? { intentMs: atMs, lagBeforeMs: 0, pacedLossMs: null }
    const plan = this.#planOf(`${this.#name} lost`, 1_000, intent)
    const wish = { plan, sentMs: 0, writeMs: 0, expected: undefined, ended: (): void => undefined, refused: true }
    new AwaitedMessage(wish, this.#context).fail(failure)
  }

  #sample(what: string, ms: number, bytes: number, error = false): void {
    this.#context.recorder.sample({ method: 'WS', name: `${this.#name} ${what}`, ms, bytes, error })
  }
}

/** The close code with which a side says that it goes away (RFC 6455 §7.4.1). */
const goingAway = 1001
/** The close code for a message that is too big to process. */
const tooBig = 1009
