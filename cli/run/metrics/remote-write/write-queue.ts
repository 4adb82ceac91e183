import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The result of sending a message. A refused message is not sent again. A failed message is sent again. `waitMs` is the minimum wait in milliseconds
 * before the next attempt, if the receiver requests a wait.
 */
export type Outcome =
  | { kind: 'accepted' }
  | { kind: 'refused'; why: string }
  | { kind: 'failed'; why: string; waitMs?: number | undefined }

/** The maximum total size of the waiting messages in bytes. A single message may be larger. */
const capBytes = 16 * 2 ** 20
/** The wait in milliseconds after the first failure, and the longest wait that the queue itself chooses. */
const [firstWaitMs, longestWaitMs] = [1000, 30_000]

export interface QueueActions {
  send: (body: Uint8Array<ArrayBuffer>) => Promise<Outcome>
  /** Called after each attempt. */
  tried: (outcome: Outcome) => void
  /** Called with the number of the messages that were dropped because the queue was full. */
  dropped: (messages: number) => void
}

/**
 * Sends messages one after another, in their order. A failed message is sent again after 1, 2, 4 … 30 s, or later if the receiver requests a longer
 * wait. The queue contains at most 16 MiB of messages. If a new message makes the queue larger, the queue drops its oldest messages. It keeps the new
 * message, even if this message alone is larger than 16 MiB.
 */
export class WriteQueue {
  readonly #actions: QueueActions
  readonly #closed = new AbortController()
  #waiting: Uint8Array<ArrayBuffer>[] = []
  #bytes = 0
  #sending: Promise<void> | undefined
  #pause = new AbortController()
  #waitMs = firstWaitMs

  constructor(actions: QueueActions) {
    this.#actions = actions
  }

  add(body: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(body)
    this.#bytes += body.length
    let dropped = 0
    for (; this.#bytes > capBytes && this.#waiting.length > 1; dropped++) this.#remove()
    if (dropped > 0) this.#actions.dropped(dropped)
    this.#sending ??= this.#sendAll()
  }

  /** Ends the current wait, so that the queue sends the next message immediately. The next wait is then as short as the first wait. */
  hurry(): void {
    this.#waitMs = firstWaitMs
    this.#pause.abort()
  }

  /** Resolves when no message is waiting, or after the queue was closed. */
  async empty(): Promise<void> {
    await this.#sending
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Ends every wait. Messages that are still in the queue are not sent. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.#sending
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#closed
    for (let body = this.#waiting[0]; body && !signal.aborted; body = this.#waiting[0]) {
      const outcome = await this.#actions.send(body)
      if (signal.aborted) break
      this.#actions.tried(outcome)
      if (outcome.kind === 'failed') await this.#wait(outcome.waitMs ?? 0)
      else {
        this.#waitMs = firstWaitMs
        if (this.#waiting[0] === body) this.#remove()
      }
    }
    // This line must run in the same tick as the last check of `#waiting`. Otherwise, a message that is added after the check and before this line
    // would not be sent.
    this.#sending = undefined
  }

  async #wait(askedMs: number): Promise<void> {
    this.#pause = new AbortController()
    const signal = AbortSignal.any([this.#pause.signal, this.#closed.signal])
    const waitMs = Math.max(this.#waitMs, askedMs)
    this.#waitMs = Math.min(longestWaitMs, 2 * this.#waitMs)
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  }

  #remove(): void {
    this.#bytes -= this.#waiting.shift()?.length ?? 0
  }
}
