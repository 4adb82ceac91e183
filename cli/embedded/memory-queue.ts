import { smallest } from '../../core/extremes.ts'
import { redeliveryMs } from '../../functions/redelivery.ts'
import type { Queue, QueueEvent, QueueMessage, QueueResponse } from '../../functions/ports.ts'

/** The maximum number of messages of one delivery, as with SQS FIFO. */
const batchSize = 10
/** The number of failed deliveries after which the queue passes the message to `setAside`. */
const receiveCap = 20

/** Allowed but unusual behaviour of a queue, for tests. */
export interface QueueFaults {
  /** `true` to deliver every message twice. */
  twice?: boolean
  /** `true` to deliver the messages of a group out of order. */
  shuffle?: boolean
  /** The maximum delay of the first delivery of a message, in milliseconds. */
  delayMs?: number
  /** Returns a random number x with 0 ≤ x < 1. */
  random: () => number
}

export interface MemoryQueueOptions {
  /**
   * Calls the merge stage and returns the messages that failed. The queue delivers the failed messages again. If this function throws, the queue
   * delivers all messages of the batch again.
   */
  deliver(event: QueueEvent): Promise<QueueResponse>
  /** Receives a message whose delivery has failed 20 times. */
  setAside(message: QueueMessage): Promise<void>
  log(event: string, fields?: Record<string, unknown>): void
  /**
   * The time in milliseconds until a failed message is delivered again. Default: the result of `redeliveryMs`, which depends on how often the message
   * has been delivered.
   */
  visibilityMs?: number
  faults?: QueueFaults
}

interface Entry {
  message: QueueMessage
  receives: number
  /** The earliest time at which the message may be delivered, in milliseconds of the process's monotonic clock. */
  visibleAt: number
}

interface Group {
  waiting: Entry[]
  /** The number of messages that are being merged. */
  inFlight: number
}

/**
 * A queue in memory that delivers at least once, with one batch in flight per group. A failed message does not block the other messages of its group.
 */
export class MemoryQueue implements Queue {
  readonly #options: MemoryQueueOptions
  readonly #groups = new Map<string, Group>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #idleWaiters: (() => void)[] = []
  #closed = false

  constructor(options: MemoryQueueOptions) {
    this.#options = options
  }

  async send(messages: readonly QueueMessage[]): Promise<void> {
    for (const message of messages) {
      this.#accept(message)
      if (this.#options.faults?.twice) this.#accept(message)
    }
  }

  async waiting(): Promise<number> {
    return [...this.#groups.values()].reduce((sum, { waiting, inFlight }) => sum + waiting.length + inFlight, 0)
  }

  /** Resolves when every sent message has been merged or has been passed to `setAside`, or when the queue is closed. */
  async idle(): Promise<void> {
    if (this.#groups.size === 0) return
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  /** Discards the waiting messages and delivers no more messages. */
  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#groups.clear()
    this.#settleIdle()
  }

  #accept(message: QueueMessage): void {
    if (this.#closed) return
    const { delayMs = 0, random } = this.#options.faults ?? { random: () => 0 }
    const group = this.#groups.get(message.group) ?? { waiting: [], inFlight: 0 }
    this.#groups.set(message.group, group)
    group.waiting.push({ message, receives: 0, visibleAt: performance.now() + random() * delayMs })
    this.#wakeAt(message.group, group.waiting.at(-1)?.visibleAt ?? 0)
  }

  #wakeAt(name: string, atMs: number): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer)
        this.#turn(name).catch((error: unknown) => this.#options.log('queue failed', { error: String(error) }))
      },
      Math.max(0, Math.ceil(atMs - performance.now())),
    )
    this.#timers.add(timer)
  }

  async #turn(name: string): Promise<void> {
    const group = this.#groups.get(name)
    if (!group || group.inFlight > 0 || this.#closed) return
    const batch = this.#take(group)
    if (batch.length === 0) return this.#rest(name, group)
    group.inFlight = batch.length
    const failed = await this.#deliver(batch)
    await this.#handBack(group, batch, failed)
    group.inFlight = 0
    this.#rest(name, group)
  }

  /** Starts the next batch of the group when the first message of the batch is due. Deletes the group if it has no waiting messages. */
  #rest(name: string, group: Group): void {
    if (this.#closed) return
    if (group.waiting.length > 0)
      return this.#wakeAt(
        name,
        smallest(group.waiting, (entry) => entry.visibleAt),
      )
    this.#groups.delete(name)
    if (this.#groups.size === 0) this.#settleIdle()
  }

  #settleIdle(): void {
    for (const resolve of this.#idleWaiters) resolve()
    this.#idleWaiters = []
  }

  #take(group: Group): Entry[] {
    const now = performance.now()
    const visible = group.waiting.filter((entry) => entry.visibleAt <= now)
    const { shuffle, random } = this.#options.faults ?? { random: () => 0 }
    const ordered = shuffle ? shuffled(visible, random) : visible
    const batch = new Set(ordered.slice(0, batchSize))
    group.waiting = group.waiting.filter((entry) => !batch.has(entry))
    return [...batch]
  }

  /** Delivers a batch. Returns the identities of the failed messages. */
  async #deliver(batch: Entry[]): Promise<Set<string>> {
    const records = batch.map(({ message, receives }) => ({
      messageId: message.id,
      body: message.body,
      attributes: { MessageGroupId: message.group, ApproximateReceiveCount: String(receives + 1) },
    }))
    try {
      const response = await this.#options.deliver({ Records: records })
      return new Set(response.batchItemFailures.map((failure) => failure.itemIdentifier))
    } catch (error) {
      this.#options.log('merge failed', { error: String(error), messages: records.length })
      return new Set(records.map((record) => record.messageId))
    }
  }

  async #handBack(group: Group, batch: Entry[], failed: Set<string>): Promise<void> {
    for (const entry of batch) {
      if (!failed.has(entry.message.id)) continue
      entry.receives++
      entry.visibleAt = performance.now() + (this.#options.visibilityMs ?? redeliveryMs(entry.receives))
      if (entry.receives < receiveCap) group.waiting.push(entry)
      else await this.#setAside(entry.message)
    }
  }

  async #setAside(message: QueueMessage): Promise<void> {
    this.#options.log('message set aside', { id: message.id, group: message.group, receives: receiveCap })
    try {
      await this.#options.setAside(message)
    } catch (error) {
      this.#options.log('message lost', { id: message.id, group: message.group, error: String(error) })
    }
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
