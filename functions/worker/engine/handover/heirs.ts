import type { Event, Schedule } from '../executors/schedule.ts'
import { type CarriedUser, type HandOverPart, packed } from './carried-user.ts'
import type { Outcome } from './departure.ts'
import { usersIn } from './inheritance.ts'
import { LateUsers, type TakingHost } from './late-users.ts'

/** The executor in which the users continue. */
interface HeirsHost extends TakingHost {
  /** Returns whether the user may continue: the run is not being stopped, and the user's life is not over. */
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
  /** Ends each arriving user that is not allowed to continue. */
  readonly #late: LateUsers

  constructor(host: HeirsHost) {
    this.#host = host
    this.#late = new LateUsers(host, () => this.#giveUp())
  }

  take({ heirs, pending, carried }: Schedule): void {
    for (const [index, event] of heirs) this.#events.set(index, event)
    for (const index of pending) this.#pending.add(index)
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

  /** The number of users in `awaited`. */
  get size(): number {
    return this.#pending.size + this.#queued.size
  }

  /** Receives a part of the hand-over; null: no further part will arrive. */
  inherit(part: HandOverPart | null): void {
    for (const user of part ? usersIn(part) : []) this.#resume(user)
    for (const outcome of ['anew', 'left', 'over'] as const) this.#settleAll(part?.[outcome] ?? [], outcome)
    if (part && !part.last) return this.#host.checkDone()
    this.#giveUp()
    this.#settleAll(this.#pending, 'anew')
  }

  /** Called when the planned life of a user is over. */
  over(index: number): void {
    if (this.#pending.has(index)) this.#late.livesAreOver()
  }

  /** Called when the run is stopped. Users that arrive from now on only run `onStop`; with `skipOnStop`, they run nothing. */
  stop(graceMs: number, skipOnStop: boolean): void {
    this.#late.stop(graceMs, skipOnStop)
  }

  close(): void {
    this.#late.close()
  }

  /** Stops waiting for those users that may not continue even if they arrive. */
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
    this.#queued.add(index)
    engine.ready.push(engine.startMs + carried.handedMs, () => {
      const departure = this.#host.departure()
      if (!this.#queued.delete(index)) return undefined
      // If the life was over before the turn of this worker began, this worker has no event for the life.
      if (!event || !this.#host.mayGoOn(event)) {
        this.#events.delete(index)
        return this.#late.end(carried, 'over')
      }
      if (departure?.carried(index, packed(carried))) return undefined
      if (departure) return this.#late.end(carried, 'anew')
      this.#events.delete(index)
      this.#host.goOn(event, carried)
    })
  }

  #settleAll(indexes: Iterable<number>, outcome: Outcome): void {
    for (const index of indexes) this.#settle(index, outcome)
  }

  #settle(index: number, outcome: Outcome): void {
    const event = this.#events.get(index)
    if (!this.#pending.delete(index) || !event) return
    this.#events.delete(index)
    const departure = this.#host.departure()
    if (departure) departure.gone(index, outcome)
    else if (outcome === 'anew') this.#host.beginAnew(event)
    else if (outcome === 'left') this.#host.leave(event)
  }
}
