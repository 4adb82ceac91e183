import { decodeWindow, encodeMessage } from '../../core/window/codec/codec.ts'
import { messageBytes, splitMessage } from '../../core/window/codec/split.ts'
import { type RunPlan, shardOf } from '../../core/plan/plan.ts'
import { type Window, emptyRequestCell, emptyWindow, emptyWorkerCell } from '../../core/window/window.ts'
import { type Totals, type WindowMessage, zeroTotals } from '../../core/window/message.ts'
import { BurstError } from '../../core/errors.ts'
import type { WorkerEvent } from '../events.ts'
import type { Environment, QueueMessage } from '../ports.ts'
import type { FromEngine } from './engine/protocol.ts'

type Counted = Extract<FromEngine, { type: 'counted' }>
type Envelope = Omit<WindowMessage, 'sequence' | 'content'>

/** The row for requests whose outcome is unknown: the shell ended the engine before the engine reported them. */
const terminatedRow = { method: '*', name: '(cut off when the engine was ended)' }

/**
 * The pause before a failed message is sent again, in milliseconds. The pause doubles each time, up to `longestPauseMs`. The client of the queue also
 * retries each call by itself.
 */
const firstPauseMs = 500
const longestPauseMs = 5_000
/**
 * The worker tries to send the last messages for at least this many milliseconds, even if the queue does not respond at all. It tries for a shorter
 * time only if its invocation is about to end.
 */
const leastLastTryMs = 5_000
/** The worker gives up its last messages this many milliseconds before the end of its invocation. */
const leastLeftMs = 2_000

/** Numbers the messages of one attempt and sends them in order, one at a time. */
export class Sender {
  readonly #event: WorkerEvent
  readonly #plan: RunPlan
  readonly #env: Environment
  #sequence = 0
  #totals: Totals = { ...zeroTotals }
  #sending: Promise<void> = Promise.resolve()
  #error: Error | undefined
  readonly #patienceMs: number
  /** The time of the first try to send after the last delivery, by `performance.now()`; null if the worker has not tried since the last delivery. */
  #waitingSinceMs: number | null = null

  /**
   * Creates a sender.
   * @param how `patienceMs`: when no message has been delivered for this time, the sender tries each further message only once
   */
  constructor(event: WorkerEvent, plan: RunPlan, how: { env: Environment; patienceMs: number }) {
    this.#event = event
    this.#plan = plan
    this.#env = how.env
    this.#patienceMs = how.patienceMs
  }

  /** `true` if deliveries have been failing for longer than the sender's patience. */
  get isStuck(): boolean {
    return this.#undeliveredMs > this.#patienceMs
  }

  /** The time, in milliseconds, since the first try to send after the last delivery; 0 if the worker has not tried since the last delivery. */
  get #undeliveredMs(): number {
    return this.#waitingSinceMs === null ? 0 : performance.now() - this.#waitingSinceMs
  }

  send(counted: Counted): void {
    this.#totals = counted.totals
    const envelope = this.#envelope(counted.window, counted.done, null, counted.handedOver)
    // Most messages are small and already encoded, so they do not need to be split.
    if (counted.content.length < messageBytes / 2) this.#queue([this.#whole(envelope, counted.content)])
    else this.#queueSplit(envelope, decodeWindow(counted.content))
  }

  /** Sends the last message of an attempt that runs no users. */
  sayNothing(window: number): void {
    this.#queueSplit(this.#envelope(window, true, null), emptyWindow())
  }

  /** Reports that user code blocks the engine: the worker is alive but cannot count. */
  sayBlocked(window: number): void {
    const content = this.#workerContent()
    this.#queueSplit(this.#envelope(window, false, null), content)
  }

  /** Reports that the worker stopped its users before the end of their load. `because` describes the cause. */
  sayStopped(window: number, because: string): void {
    const content = emptyWindow()
    content.notices.set(`a worker stopped its users early, because ${because}`, 1)
    this.#queueSplit(this.#envelope(window, false, null), content)
  }

  /**
   * Reports that the engine was ended. The hops that the engine has written but not reported count as interrupted, because their outcome is unknown.
   * `written` is the number of all hops that the engine has written.
   */
  sayTerminated(window: number, written: number, failure: string | null, handedOver = false): void {
    const content = this.#workerContent({ terminated: failure === null, blocked: failure === null })
    const lost = Math.max(0, written - this.#totals.exchanges - this.#totals.interrupted)
    content.notices.set(
      failure === null ? 'user code did not return in time, so the engine was ended' : 'the engine failed',
      1,
    )
    if (lost > 0) {
      const { method, name } = terminatedRow
      content.requests.set(`${method} ${name}`, { ...emptyRequestCell(method, name), interrupted: lost })
      this.#totals = { ...this.#totals, interrupted: this.#totals.interrupted + lost }
    }
    this.#queueSplit(this.#envelope(window, true, failure, handedOver), content)
  }

  /**
   * Resolves when all messages are in the queue.
   * @throws BurstError (97) when a message could not be queued. If several messages could not be queued, throws the error of the first of them
   */
  async flushed(): Promise<void> {
    const hangs = Promise.withResolvers<void>()
    const fromMs = performance.now()
    const timer = setInterval(() => {
      // As long as a slow queue accepts messages, the worker continues to send.
      const hangsMs = performance.now() - Math.max(fromMs, this.#waitingSinceMs ?? fromMs)
      const isTimeLeft = this.#env.remainingMs() > leastLeftMs
      if (isTimeLeft && hangsMs < Math.max(leastLastTryMs, this.#patienceMs)) return
      this.#error ??= isTimeLeft ? this.#undelivered('the queue does not answer') : outOfTime()
      hangs.resolve()
    }, 100)
    await Promise.race([this.#sending, hangs.promise])
    clearInterval(timer)
    if (this.#error) throw this.#error
  }

  #workerContent(more: { terminated?: boolean; blocked?: boolean } = {}): Window {
    const content = emptyWindow()
    const { slice, attempt } = this.#event
    content.workers.set(`${slice}-${attempt}`, { ...emptyWorkerCell(slice, attempt), blocked: true, ...more })
    return content
  }

  #envelope(window: number, final: boolean, failure: string | null, handedOver = false): Envelope {
    const { run, slice, attempt } = this.#event
    const sentAt = Math.round(this.#env.clock.nowMs())
    const { build } = this.#env
    const ending = handedOver ? { final, handedOver } : { final }
    return { v: 1, run, build, slice, attempt, window, sentAt, ...ending, totals: this.#totals, failure }
  }

  #whole(envelope: Envelope, content: string): QueueMessage {
    const sequence = this.#sequence++
    const head = JSON.stringify({ ...envelope, sequence })
    return this.#message(sequence, `${head.slice(0, -1)},"content":${content}}`)
  }

  #queueSplit(envelope: Envelope, content: Window): void {
    const messages = splitMessage({ ...envelope, content }, this.#sequence)
    this.#sequence += messages.length
    this.#queue(messages.map((one) => this.#message(one.sequence, encodeMessage(one))))
  }

  #message(sequence: number, body: string): QueueMessage {
    const { run, slice, attempt } = this.#event
    return { id: `${run}-${slice}-${attempt}-${sequence}`, group: `${run}#${shardOf(this.#plan, slice)}`, body }
  }

  #queue(messages: readonly QueueMessage[]): void {
    this.#sending = this.#sending.then(async () => {
      for (const message of messages) await this.#sendOne(message)
    })
  }

  async #sendOne(message: QueueMessage): Promise<void> {
    this.#waitingSinceMs ??= performance.now()
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        await this.#env.queue.send([message])
        this.#waitingSinceMs = null
        return
      } catch (error) {
        this.#env.log('a message could not be queued', { id: message.id, error: (error as Error).message })
        if (this.isStuck) {
          this.#error ??= this.#undelivered((error as Error).message)
          return
        }
      }
      await this.#env.clock.sleep(pauseMs)
    }
  }

  #undelivered(because: string): Error {
    const seconds = Math.round(this.#undeliveredMs / 1000)
    return new BurstError(
      'runFailed',
      `the worker could not deliver its reports for ${seconds} s, so it stopped: ${because}`,
    )
  }
}

function outOfTime(): BurstError {
  return new BurstError(
    'runFailed',
    'the worker could not deliver its last reports before its invocation ended: the queue is slow',
  )
}
