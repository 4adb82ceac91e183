import { decodeWindow, encodeMessage } from '../../core/window/codec.ts'
import { messageBytes, splitMessage } from '../../core/window/split.ts'
import { type RunPlan, shardOf } from '../../core/plan/plan.ts'
import { type Window, emptyRequestCell, emptyWindow, emptyWorkerCell } from '../../core/window/window.ts'
import { type Totals, type WindowMessage, zeroTotals } from '../../core/window/wire.ts'
import type { WorkerEvent } from '../events.ts'
import type { Environment, QueueMessage } from '../ports.ts'
import type { FromEngine } from './engine/protocol.ts'

type Counted = Extract<FromEngine, { type: 'counted' }>
type Envelope = Omit<WindowMessage, 'sequence' | 'content'>

/** The row that takes what an ended engine had sent and not handed over. */
const terminatedRow = { method: '*', name: '(cut off when the engine was ended)' }

/** Tries of one batch before the worker gives up; the queue's own client retries as well. */
const tries = 5

/** Numbers the messages of one attempt and sends them, in order, one batch at a time. */
export class Sender {
  readonly #event: WorkerEvent
  readonly #plan: RunPlan
  readonly #env: Environment
  #sequence = 0
  #totals: Totals = { ...zeroTotals }
  #sending: Promise<void> = Promise.resolve()
  #error: Error | undefined

  constructor(event: WorkerEvent, plan: RunPlan, env: Environment) {
    this.#event = event
    this.#plan = plan
    this.#env = env
  }

  send(counted: Counted): void {
    this.#totals = counted.totals
    const envelope = this.#envelope(counted.window, counted.done, null)
    // The usual message is small, and its content is text already: it is not worth taking apart.
    if (counted.content.length < messageBytes / 2) this.#queue([this.#whole(envelope, counted.content)])
    else this.#queueSplit(envelope, decodeWindow(counted.content))
  }

  /** User code holds the engine up: nothing can be counted, but the worker lives. */
  sayBlocked(window: number): void {
    const content = this.#workerContent()
    this.#queueSplit(this.#envelope(window, false, null), content)
  }

  /** The engine was ended. What it had written and not handed over counts as interrupted: nobody knows how it went on. */
  sayTerminated(window: number, written: number, failure: string | null): void {
    const content = this.#workerContent({ terminated: failure === null })
    const lost = Math.max(0, written - this.#totals.exchanges - this.#totals.interrupted)
    content.notices.set(
      failure === null ? 'user code did not return in time and the engine was ended' : 'the engine failed',
      1,
    )
    if (lost > 0) {
      const { method, name } = terminatedRow
      content.requests.set(`${method} ${name}`, { ...emptyRequestCell(method, name), interrupted: lost })
      this.#totals = { ...this.#totals, interrupted: this.#totals.interrupted + lost }
    }
    this.#queueSplit(this.#envelope(window, true, failure), content)
  }

  /**
   * Resolves when all is safely queued.
   * @throws the last error when it could not be
   */
  async flushed(): Promise<void> {
    await this.#sending
    if (this.#error) throw this.#error
  }

  #workerContent(more: { terminated?: boolean } = {}): Window {
    const content = emptyWindow()
    const { slice, attempt } = this.#event
    content.workers.set(`${slice}-${attempt}`, { ...emptyWorkerCell(slice, attempt), blocked: true, ...more })
    return content
  }

  #envelope(window: number, final: boolean, failure: string | null): Envelope {
    const { run, slice, attempt } = this.#event
    const sentAt = Math.round(this.#env.clock.nowMs())
    return { v: 1, run, build: this.#env.build, slice, attempt, window, sentAt, final, totals: this.#totals, failure }
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
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#env.queue.send([message])
        return
      } catch (error) {
        this.#env.log('a message could not be queued', { id: message.id, attempt, error: (error as Error).message })
        if (attempt === tries) {
          this.#error = error as Error
          return
        }
        await this.#env.clock.sleep(250 * 2 ** attempt)
      }
    }
  }
}
