import { encodeControl } from '../../core/fleet/control.ts'
import { encodeMessage } from '../../core/window/codec/codec.ts'
import { addTotals, totalsOf } from '../../core/window/totals.ts'
import { type WindowMessage, zeroTotals } from '../../core/window/message.ts'
import { type Window, emptyWindow } from '../../core/window/window.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { keys } from '../../functions/keys.ts'
import type { Environment, QueueEvent } from '../../functions/ports.ts'
import { merge } from '../../functions/reducer/merge.ts'
import { startAt } from '../../test/fixtures/run.ts'
import type { BenchStore } from './bench-store.ts'
import { type Shape, planFor, windowMs, windowsPerMinute } from './shape.ts'
import { Synthetic } from './synthetic.ts'

const batchSize = 10

/** The cost of merging one minute of one shard. */
export interface Minute {
  messages: number
  cpuMs: number
  wallMs: number
  /** The size of the shard's state at the end of the minute, in characters. */
  stateSize: number
}

export async function prepare(shape: Shape, store: BenchStore): Promise<RunPlan> {
  const plan = planFor(shape)
  await store.put(keys.plan(plan.run), JSON.stringify(plan))
  const control = { v: 1, startAt, leaseUntil: startAt + shape.minutes * 60_000 + 60_000, stop: null } as const
  await store.put(keys.control(plan.run), encodeControl(control))
  return plan
}

/**
 * Creates the messages of the workers of one shard, and passes them to the real `merge` stage. For each minute of the run, measures the CPU time and
 * the elapsed time of the merging. These times do not include the creation of the messages.
 */
export class ShardDrive {
  readonly #shape: Shape
  readonly #synthetic: Synthetic
  readonly #store: BenchStore
  readonly #shard: number
  readonly #slices: number[]
  readonly #sent = new Map<number, { attempt: number; sequence: number; totals: WindowMessage['totals'] }>()
  #nowMs = startAt
  /** The number of requests in all messages that were merged so far. */
  requests = 0

  constructor(shape: Shape, { store, synthetic, shard }: { store: BenchStore; synthetic: Synthetic; shard: number }) {
    const { slicesPerShard } = planFor({ ...shape, workers: 1 })
    this.#shape = shape
    this.#store = store
    this.#synthetic = synthetic
    this.#shard = shard
    const first = shard * slicesPerShard
    this.#slices = Array.from({ length: Math.min(slicesPerShard, shape.workers - first) }, (_, k) => first + k)
  }

  async minute(minute: number): Promise<Minute> {
    const sum = { messages: 0, cpuMs: 0, wallMs: 0 }
    for (let k = 0; k < windowsPerMinute; k++) {
      const window = minute * windowsPerMinute + k
      const messages = this.#messagesOf(window)
      this.#nowMs = startAt + (window + 1) * windowMs
      for (let from = 0; from < messages.length; from += batchSize) {
        const event = eventOf(messages.slice(from, from + batchSize), this.#shard)
        const took = await this.#merge(event)
        sum.cpuMs += took.cpuMs
        sum.wallMs += took.wallMs
      }
      sum.messages += messages.length
    }
    return { ...sum, stateSize: this.#store.stateSize }
  }

  async #merge(event: QueueEvent): Promise<{ cpuMs: number; wallMs: number }> {
    const [cpu, began] = [process.cpuUsage(), performance.now()]
    const { batchItemFailures } = await merge(
      event,
      environment(this.#store, () => this.#nowMs),
    )
    const { user, system } = process.cpuUsage(cpu)
    if (batchItemFailures.length > 0) throw new Error('merge reported messages as failed')
    return { cpuMs: (user + system) / 1000, wallMs: performance.now() - began }
  }

  #messagesOf(window: number): WindowMessage[] {
    const { bundled } = this.#shape
    if (!bundled) return this.#slices.map((slice) => this.#message(slice, window, [slice]))
    return this.#slices.flatMap((slice, k) => {
      if (k === 0) return [this.#message(slice, window, this.#slices)]
      return this.#isEdge(window) ? [this.#message(slice, window, [])] : []
    })
  }

  /** Returns true if a window is the first or the last window of a worker's turn. A turn is the time in which one worker runs a slice. */
  #isEdge(window: number): boolean {
    const turn = this.#turnOf(window)
    return turn !== this.#turnOf(window - 1) || turn !== this.#turnOf(window + 1)
  }

  #turnOf(window: number): number {
    const { turnMinutes, minutes } = this.#shape
    if (window < 0 || window >= minutes * windowsPerMinute) return -1
    return turnMinutes === null ? 0 : Math.floor(window / (turnMinutes * windowsPerMinute))
  }

  #message(slice: number, window: number, counted: readonly number[]): WindowMessage {
    const attempt = this.#turnOf(window)
    const known = this.#sent.get(slice)
    const before = known?.attempt === attempt ? known : { attempt, sequence: 0, totals: zeroTotals }
    const content: Window = counted.length > 0 ? this.#synthetic.window(window, counted, attempt) : emptyWindow()
    const totals = addTotals(before.totals, totalsOf(content))
    this.#sent.set(slice, { attempt, sequence: before.sequence + 1, totals })
    this.requests += totalsOf(content).requests
    const next = this.#turnOf(window + 1)
    const final = next !== attempt
    return {
      v: 1,
      run: 'r1',
      build: 'build-1',
      slice,
      attempt,
      sequence: before.sequence,
      window,
      sentAt: startAt + (window + 1) * windowMs,
      final,
      ...(final && next !== -1 ? { handedOver: true } : {}),
      totals,
      failure: null,
      content,
    }
  }
}

function eventOf(messages: readonly WindowMessage[], shard: number): QueueEvent {
  return {
    Records: messages.map((message) => ({
      messageId: `${message.slice}-${message.attempt}-${message.sequence}`,
      body: encodeMessage(message),
      attributes: { MessageGroupId: `r1#${shard}` },
    })),
  }
}

export function environment(store: Environment['store'], nowMs: () => number): Environment {
  const never = async (): Promise<never> =>
    Promise.reject(new Error('a reducer neither sends messages nor starts functions'))
  return {
    store,
    queue: { send: never },
    invoker: { invoke: never, failed: never },
    clock: { nowMs, sleep: async () => undefined },
    build: 'build-1',
    remainingMs: () => 900_000,
    log: () => undefined,
  }
}
