import { type Event, type Schedule, isUnderWay } from '../executors/schedule.ts'
import { type CarriedUser, type HandOverPart, packed } from './carried-user.ts'
import type { Outcome } from './departure.ts'
import { usersIn } from './inheritance.ts'
import { LateUsers, type TakingHost } from './late-users.ts'

/** A user counts as present during its hand-over if the hand-over takes at most this time, in milliseconds. */
export const carryingMs = 3_000

const outcomes = ['anew', 'left', 'over'] as const

/** The executor in which the users continue. */
interface HeirsHost extends TakingHost {
  /** Returns whether the user may continue: the users were not asked to stop, the life is not over, and the user has iterations and data left. */
  readonly mayGoOn: (event: Event) => boolean
  /** Continues the user. Called when the ready queue resumes the user. */
  readonly goOn: (event: Event, carried: CarriedUser) => void
  readonly beginAnew: (event: Event) => void
  readonly leave: (event: Event) => void
}

/** The users of a slice that this worker takes over from the previous worker. */
export class Heirs {
  readonly #host: HeirsHost
  /** The current life of each user. */
  readonly #events = new Map<number, Event>()
  /** The users that have not arrived from the previous worker. */
  readonly #pending = new Set<number>()
  /** The users that have arrived and wait in the ready queue. */
  readonly #queued = new Set<number>()
  /** The users whose previous life has passed its planned end, but has not ended in the previous worker yet. */
  readonly #ending = new Set<number>()
  /**
   * For each user whose new life waits: a promise. It resolves when the earlier life of the user is neither in transit nor in the previous worker.
   */
  readonly #waits = new Map<number, PromiseWithResolvers<void>>()
  /** Ends each arriving user that is not allowed to continue. */
  readonly #late: LateUsers

  constructor(host: HeirsHost) {
    this.#host = host
    this.#late = new LateUsers(host, () => this.#giveUp())
  }

  take({ heirs, pending, carried, ending }: Schedule): void {
    for (const [index, event] of heirs) this.#events.set(index, event)
    for (const index of pending) this.#pending.add(index)
    for (const index of ending) this.#ending.add(index)
    for (const user of carried) this.#resume(user)
  }

  /** The current lives of the users. */
  get events(): readonly Event[] {
    return [...this.#events.values()]
  }

  /** The users that have not arrived, or that wait in the ready queue. */
  get awaited(): readonly number[] {
    return [...this.#pending, ...this.#queued]
  }

  /**
   * Returns the users with a life that has passed its planned end, but has not ended yet. Such a life may be in this worker, in the previous worker,
   * or in transit. `present` are the current lives of the users in this worker.
   */
  endingWith(present: readonly Event[]): number[] {
    const { clock, startMs } = this.#host.engine
    const isOver = (event: Event | undefined): boolean => !isUnderWay(event, clock.nowMs() - startMs)
    const arriving = this.awaited.filter((index) => isOver(this.#events.get(index)))
    const over = present.filter(isOver).map(({ index }) => index)
    return [...this.#ending, ...arriving, ...over, ...this.#host.draining.indexes]
  }

  /**
   * The number of users for which this worker waits. During its own hand-over, the worker also waits for the users whose previous life has not ended
   * yet, because it must tell the next worker when these lives have ended.
   */
  get size(): number {
    return this.#pending.size + this.#queued.size + (this.#host.departure() ? this.#ending.size : 0)
  }

  /**
   * Returns a promise that resolves when an earlier life of the user has ended, or has arrived from the previous worker. Returns undefined if there
   * is no such life. A new life must wait for this promise, because two lives of one user must not send requests at the same time.
   */
  endOfFormer(index: number): Promise<void> | undefined {
    if (!this.#isElsewhere(index)) return this.#host.draining.endOf(index)
    const wait = this.#waits.get(index) ?? Promise.withResolvers<void>()
    this.#waits.set(index, wait)
    return wait.promise
  }

  /** Receives a part of the hand-over; null: no further part will arrive. */
  inherit(part: HandOverPart | null): void {
    for (const user of part ? usersIn(part) : []) this.#resume(user)
    for (const outcome of outcomes) this.#settleAll(part?.[outcome] ?? [], outcome)
    if (part && !part.last) this.#haveEnded(part.ended)
    else this.#loseAll()
    this.#host.checkDone()
  }

  /** Stops waiting for all users, because no further part will arrive. */
  #loseAll(): void {
    this.#haveEnded(this.#ending)
    this.#giveUp()
    this.#settleAll(this.#pending, 'anew')
  }

  /** Called when the planned life of a user is over. */
  over(index: number): void {
    if (this.#pending.has(index)) this.#late.livesAreOver()
  }

  /** Called when all users are asked to stop. A user that arrives after this call runs only `onStop`; with `skipOnStop`, it runs nothing. */
  stop(graceMs: number, skipOnStop: boolean): void {
    this.#late.stop(graceMs, skipOnStop)
    // No further life begins, so no life waits for the end of another life.
    this.#haveEnded(this.#ending)
  }

  close(): void {
    this.#late.close()
  }

  /** Stops waiting for the users that would not be allowed to continue after their arrival. */
  #giveUp(): void {
    for (const index of this.#pending) {
      const event = this.#events.get(index)
      if (event && this.#host.mayGoOn(event)) continue
      this.#late.missed()
      this.#settle(index, 'over')
    }
    this.#host.checkDone()
  }

  #resume(carried: CarriedUser): void {
    const { index } = carried
    const event = this.#events.get(index)
    const { engine } = this.#host
    this.#pending.delete(index)
    this.#ending.delete(index)
    this.#queued.add(index)
    engine.ready.push(engine.startMs + carried.handedMs, () => {
      const departure = this.#host.departure()
      if (!this.#queued.delete(index)) return undefined
      this.#release(index)
      // If the life was over before the turn of this worker began, this worker has no event for the life.
      if (!event || !this.#host.mayGoOn(event)) {
        this.#events.delete(index)
        return this.#late.end(carried, 'over')
      }
      if (departure?.carried(index, packed(carried))) return undefined
      if (departure) return this.#late.end(carried, 'anew')
      this.#events.delete(index)
      this.#host.goOn(event, resumed(carried, engine.clock.nowMs() - engine.startMs))
    })
  }

  /** Returns whether an earlier life of the user is in transit or in the previous worker. */
  #isElsewhere(index: number): boolean {
    return this.#pending.has(index) || this.#queued.has(index) || this.#ending.has(index)
  }

  #haveEnded(indexes: Iterable<number>): void {
    for (const index of indexes) {
      if (!this.#ending.delete(index)) continue
      this.#host.departure()?.gone(index, 'over')
      this.#release(index)
    }
  }

  #release(index: number): void {
    if (this.#isElsewhere(index)) return
    this.#waits.get(index)?.resolve()
    this.#waits.delete(index)
  }

  #settleAll(indexes: Iterable<number>, outcome: Outcome): void {
    for (const index of indexes) this.#settle(index, outcome)
  }

  #settle(index: number, outcome: Outcome): void {
    const event = this.#events.get(index)
    this.#haveEnded([index])
    if (!this.#pending.delete(index)) return
    this.#release(index)
    if (!event) return
    this.#events.delete(index)
    const departure = this.#host.departure()
    if (departure) departure.gone(index, outcome)
    else if (outcome === 'anew') this.#host.beginAnew(event)
    else if (outcome === 'left') this.#host.leave(event)
  }
}

/**
 * Moves the planned times of a user whose hand-over took longer than `carryingMs`, for example because the next worker started late. Time does not
 * pass for the user during such a hand-over. Without this move, all users of the worker would act at the same time, and would catch up on their
 * pacing grids.
 */
function resumed(carried: CarriedUser, nowMs: number): CarriedUser {
  const { handedMs, dueMs, pace } = carried
  const lateMs = nowMs - handedMs
  if (lateMs <= carryingMs) return carried
  const { intentMs, slotBaseMs, slot } = pace
  return {
    ...carried,
    handedMs: nowMs,
    dueMs: dueMs + lateMs,
    pace: { intentMs: intentMs + lateMs, slotBaseMs: slotBaseMs + lateMs, slot },
  }
}
