import type { RandomStream } from '../../../core/random.ts'
import type { Environment, FailedInvocation, PutCondition, Queue, StageName, Store } from '../../../functions/ports.ts'
import type { SimulatedTime } from './simulated-time.ts'

/**
 * The start and the end of a time span, in epoch milliseconds. In `Fate`, the milliseconds are counted from the time at which the plan was made. In
 * `frozenMerges` of `Fate`, they are counted from the start of the merge.
 */
export type Span = readonly [fromMs: number, untilMs: number]

/** The faults of a run. All fractions are from 0 to 1. */
export interface Faults {
  /** The time span in which the store answers every call with status 503. */
  storeDown: Span
  /** The time span in which the store needs `slowMs` milliseconds for each answer. */
  storeSlow: Span
  slowMs: number
  /**
   * `writeFails` is the fraction of conditional writes that have no effect and are answered with an error. `writeDoneButFails` is the fraction of
   * conditional writes that take effect, but are answered with an error.
   */
  writeFails: number
  writeDoneButFails: number
  /**
   * One conditional write that fails in addition to the writes that `writeFails` and `writeDoneButFails` select. `number` is its number among all
   * conditional writes, from 0. If `takesEffect` is true, the write takes effect although it is answered with an error. Null if there is no such
   * write.
   */
  failedWrite: { number: number; takesEffect: boolean } | null
  /** The fraction of all calls to the store that are refused. */
  storeThrottled: number
  /**
   * `sendDoneButFails` is the fraction of the calls of `send` that queue their messages and then throw an error. `twice` is the fraction of messages
   * that are delivered twice. `late` is the fraction of deliveries that are delayed by up to `lateMs`.
   */
  sendDoneButFails: number
  twice: number
  late: number
  lateMs: number
  /**
   * `invokeFails` is the fraction of invocations that are refused. `invokedTwice` is the fraction of invocations that begin twice. `invokedNever` is
   * the fraction of workers that never begin. `stagesNever` is the fraction of coordinators and finalisers that never begin. `invokedLate` is the
   * fraction of invocations that begin with a delay of up to `lateMs`.
   */
  invokeFails: number
  invokedTwice: number
  invokedNever: number
  stagesNever: number
  invokedLate: number
  /**
   * The faults that begin with the first `finalise`. For `reportDownMs` milliseconds, the store answers every call with status 503. For
   * `reportSlowMs` milliseconds, the store needs `slowMs` for each answer. `reportThrottled` is the fraction of calls that are refused.
   * `reportDoneButFails` is the fraction of writes that take effect, but are answered with an error.
   */
  reportDownMs: number
  reportSlowMs: number
  reportThrottled: number
  reportDoneButFails: number
}

export const noFaults: Faults = {
  storeDown: [0, 0],
  storeSlow: [0, 0],
  slowMs: 10_000,
  writeFails: 0,
  writeDoneButFails: 0,
  failedWrite: null,
  storeThrottled: 0,
  sendDoneButFails: 0,
  twice: 0,
  late: 0,
  lateMs: 0,
  invokeFails: 0,
  invokedTwice: 0,
  invokedNever: 0,
  stagesNever: 0,
  invokedLate: 0,
  reportDownMs: 0,
  reportSlowMs: 0,
  reportThrottled: 0,
  reportDoneButFails: 0,
}

/** The longest wait of an invocation of `finalise`, in milliseconds. An invocation that waits longer does not begin and counts as failed. */
const oldestMs = 300_000

/** A process that can die or freeze. A dead process never gets the results of its calls. A frozen process gets the results when it continues. */
export class SimulatedProcess {
  readonly #time: SimulatedTime
  readonly #frozen: Span
  /** The offset of the clock of the process, in milliseconds. */
  readonly #offsetMs: number
  dead = false
  /** The number of calls to ports that the process makes before it dies. */
  callsLeft = Number.POSITIVE_INFINITY

  constructor(time: SimulatedTime, { frozen = [0, 0], offsetMs = 0 }: { frozen?: Span; offsetMs?: number } = {}) {
    this.#time = time
    this.#frozen = frozen
    this.#offsetMs = offsetMs
  }

  get clock(): Environment['clock'] {
    return {
      nowMs: () => this.#time.nowMs + this.#offsetMs,
      sleep: async (ms) => this.alive(this.#time.sleep(ms)),
    }
  }

  /** Returns the result of `work`. While the process is frozen, the result is held back. If the process is dead, the promise never settles. */
  async alive<T>(work: Promise<T>): Promise<T> {
    const outcome = await work.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    const [from, until] = this.#frozen
    if (this.#time.nowMs >= from && this.#time.nowMs < until) await this.#time.sleep(until - this.#time.nowMs)
    if (this.dead) await new Promise(() => undefined)
    return outcome()
  }

  /** Makes a call to a port. The process dies when it has no calls left. */
  async call<T>(act: () => Promise<T>): Promise<T> {
    if (this.callsLeft-- <= 0) this.dead = true
    if (this.dead) await new Promise(() => undefined)
    return this.alive(act())
  }
}

/** The store, the queue and the invoker, with all faults whose cause is outside the processes. */
export class FaultyPorts {
  readonly #time: SimulatedTime
  readonly #random: RandomStream
  readonly faults: Faults
  readonly failures: FailedInvocation[] = []
  /** The keys of all conditional writes, in order. */
  readonly conditionalWrites: string[] = []
  /** The time at which the first `finalise` began, in epoch milliseconds. */
  #reportAt: number | undefined

  constructor(time: SimulatedTime, random: RandomStream, faults: Faults) {
    this.#time = time
    this.#random = random
    this.faults = faults
  }

  store(inner: Store, process: SimulatedProcess): Store {
    const call = async <T>(act: () => Promise<T>): Promise<T> => process.call(async () => this.#reach(act))
    return {
      get: async (key) => call(async () => inner.get(key)),
      put: async (key, body, condition) => call(async () => this.#put(inner, { key, body, condition })),
      list: async (prefix) => call(async () => inner.list(prefix)),
      delete: async (key) => call(async () => inner.delete(key)),
    }
  }

  queue(deliver: Queue['send'], process: SimulatedProcess): Queue {
    return {
      send: async (messages) =>
        process.call(async () => {
          await this.#time.sleep(this.#random.int(5, 40))
          await deliver(messages)
          if (this.#random.chance(this.faults.sendDoneButFails))
            throw new Error('the connection to the queue was reset')
        }),
    }
  }

  invoker(begin: (stage: StageName, event: unknown) => void, process: SimulatedProcess): Environment['invoker'] {
    return {
      invoke: async (stage, event) => process.call(async () => this.#invoke(begin, stage, event)),
      failed: async () => process.call(async () => this.failures),
    }
  }

  /** Returns the delay of each delivery of a message to the reducer, in milliseconds. */
  deliveries(): number[] {
    const { twice, late, lateMs } = this.faults
    const once = (): number => this.#random.int(10, 300) + (this.#random.chance(late) ? this.#random.int(0, lateMs) : 0)
    return this.#random.chance(twice) ? [once(), once()] : [once()]
  }

  /** Begins the faults that occur while the report is made. */
  beginReport(): void {
    this.#reportAt ??= this.#time.nowMs
  }

  async #reach<T>(act: () => Promise<T>): Promise<T> {
    const { storeSlow, storeDown, slowMs, reportSlowMs, reportDownMs, reportThrottled } = this.faults
    const isSlow = this.#isIn(storeSlow) || this.#isReporting(reportSlowMs)
    await this.#time.sleep(isSlow ? slowMs : this.#random.int(2, 30))
    const isDown = this.#isIn(storeDown) || this.#isReporting(reportDownMs) || this.#isThrottled()
    if (isDown || (this.#isReporting() && this.#random.chance(reportThrottled))) throw new Error('503 Slow Down')
    return act()
  }

  /** Returns true if burst has begun to make the report and less than `forMs` milliseconds have passed since then. Otherwise returns false. */
  #isReporting(forMs = Number.POSITIVE_INFINITY): boolean {
    return this.#reportAt !== undefined && this.#time.nowMs - this.#reportAt < forMs
  }

  #isThrottled(): boolean {
    const { storeThrottled } = this.faults
    return storeThrottled > 0 && this.#random.chance(storeThrottled)
  }

  /** Counts a conditional write. Returns how the write fails; null if it does not fail. */
  #failureOf(key: string): Faults['failedWrite'] {
    const number = this.conditionalWrites.push(key) - 1
    return this.faults.failedWrite?.number === number ? this.faults.failedWrite : null
  }

  #isIn([from, until]: Span): boolean {
    return this.#time.nowMs >= from && this.#time.nowMs < until
  }

  async #put(
    inner: Store,
    { key, body, condition }: { key: string; body: string; condition: PutCondition | undefined },
  ): Promise<string | undefined> {
    const { writeFails } = this.faults
    if (condition && this.#random.chance(writeFails)) throw new Error('500 Internal Error')
    const fails = condition ? this.#failureOf(key) : null
    if (fails?.takesEffect === false) throw new Error('500 Internal Error')
    const etag = await inner.put(key, body, condition)
    if (fails) throw new Error('500 Internal Error, after the write')
    if (this.#random.chance(this.#doneButFails(condition))) throw new Error('500 Internal Error, after the write')
    return etag
  }

  /** Returns the probability, from 0 to 1, that a write is answered with an error after the write has taken effect. */
  #doneButFails(condition: PutCondition | undefined): number {
    const { writeDoneButFails, reportDoneButFails } = this.faults
    return (condition ? writeDoneButFails : 0) + (this.#isReporting() ? reportDoneButFails : 0)
  }

  async #invoke(begin: (stage: StageName, event: unknown) => void, stage: StageName, event: unknown): Promise<void> {
    const { invokeFails, invokedTwice, invokedLate, lateMs } = this.faults
    await this.#time.sleep(this.#random.int(10, 60))
    if (this.#random.chance(invokeFails)) throw new Error('429 Too Many Requests')
    const late = this.#random.chance(invokedLate) ? this.#random.int(0, lateMs) : 0
    if (this.#isNever(stage)) return
    if (stage === 'finalise' && late > oldestMs) {
      return this.#time.at(
        this.#time.nowMs + oldestMs,
        () => void this.failures.push({ stage, event, error: 'it was too old' }),
      )
    }
    this.#time.at(this.#time.nowMs + this.#random.int(50, 900) + late, () => begin(stage, event))
    if (this.#random.chance(invokedTwice))
      this.#time.at(this.#time.nowMs + this.#random.int(50, 3000), () => begin(stage, event))
  }

  #isNever(stage: StageName): boolean {
    const { invokedNever, stagesNever } = this.faults
    if (stage === 'worker') return this.#random.chance(invokedNever)
    return stagesNever > 0 && this.#random.chance(stagesNever)
  }
}
