import type { Event, Schedule } from '../executors/schedule.ts'
import type { ReadyQueue } from '../scheduling/ready-queue.ts'
import { type CarriedUser, type HandOverPart, packed } from './carried-user.ts'
import type { Departure, Outcome } from './departure.ts'
import { usersIn } from './inheritance.ts'

/** The executor that continues the users. */
interface HeirsHost {
  readonly ready: ReadyQueue
  /** Returns the start of the run on the engine's clock. */
  readonly startMs: () => number
  /** Continues the user. Called when the ready queue resumes the user. */
  readonly goOn: (event: Event, carried: CarriedUser) => void
  readonly beginAnew: (event: Event) => void
  readonly leave: (event: Event) => void
  /**
   * Returns the hand-over from this worker to the next worker. The hand-over begins when the turn of this worker ends. Users that arrive later are
   * passed on to the next worker.
   */
  readonly departure: () => Departure | undefined
}

/** The users of a slice that this worker takes over from the previous worker. */
export class Heirs {
  readonly #host: HeirsHost
  /** The current life of each user. */
  readonly #events = new Map<number, Event>()
  /** The users that have not arrived, or are still queued. */
  readonly #awaited = new Set<number>()

  constructor(host: HeirsHost) {
    this.#host = host
  }

  take({ heirs, pending, carried }: Schedule): void {
    for (const [index, event] of heirs) this.#events.set(index, event)
    for (const index of pending) this.#awaited.add(index)
    for (const user of carried) this.#resume(user)
  }

  /** The current lives of the users. */
  get events(): readonly Event[] {
    return [...this.#events.values()]
  }

  get awaited(): ReadonlySet<number> {
    return this.#awaited
  }

  /** Receives a part; null: the hand-over is complete. */
  inherit(part: HandOverPart | null): void {
    if (part === null) return this.#settleAll(this.#awaited, 'anew')
    for (const user of usersIn(part)) this.#resume(user)
    for (const outcome of ['anew', 'left', 'over'] as const) this.#settleAll(part[outcome], outcome)
  }

  /** Records that the life of a user has ended as planned. */
  over(index: number): void {
    this.#settle(index, 'over')
    this.#events.delete(index)
  }

  /** Records that the run stops, so that none of the users continues. */
  clear(): void {
    this.#awaited.clear()
  }

  #resume(carried: CarriedUser): void {
    const { index } = carried
    const event = this.#events.get(index)
    if (!event) return
    this.#awaited.add(index)
    this.#host.ready.push(this.#host.startMs() + carried.handedMs, () => {
      const departure = this.#host.departure()
      const isAwaited = this.#awaited.delete(index)
      if (isAwaited && departure) departure.carried(index, packed(carried))
      if (!departure) this.#events.delete(index)
      if (isAwaited && !departure) this.#host.goOn(event, carried)
    })
  }

  #settleAll(indexes: Iterable<number>, outcome: Outcome): void {
    for (const index of indexes) this.#settle(index, outcome)
  }

  #settle(index: number, outcome: Outcome): void {
    const event = this.#events.get(index)
    if (!this.#awaited.delete(index) || !event) return
    this.#events.delete(index)
    const departure = this.#host.departure()
    if (departure) departure.gone(index, outcome)
    else if (outcome === 'anew') this.#host.beginAnew(event)
    else if (outcome === 'left') this.#host.leave(event)
  }
}
