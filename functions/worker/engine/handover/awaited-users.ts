import { type CarriedUser, type HandOverPart, packed } from './carried-user.ts'
import { usersIn } from './inheritance.ts'
import { LateUsers, type TakingHost } from './late-users.ts'

/** The executor in which the users continue. */
interface AwaitedUsersHost extends TakingHost {
  /** Continues a user. */
  readonly adopt: (carried: CarriedUser) => void
}

/**
 * The pooled users that have not finished their iteration in the previous worker. Their places in the pool stay reserved, because the previous worker
 * may still hand these users over.
 */
export class AwaitedUsers {
  readonly #host: AwaitedUsersHost
  readonly #indexes = new Set<number>()
  /** Ends each arriving user that is not allowed to continue. */
  readonly #late: LateUsers
  #isStopped = false

  constructor(host: AwaitedUsersHost) {
    this.#host = host
    this.#late = new LateUsers(host, () => this.#lose(this.indexes))
  }

  get size(): number {
    return this.#indexes.size
  }

  get indexes(): readonly number[] {
    return [...this.#indexes]
  }

  /** Receives the first part of the hand-over. */
  begin(part: HandOverPart): void {
    for (const index of part.pending) this.#indexes.add(index)
    for (const user of usersIn(part)) this.#arrive(user)
  }

  /** Receives a later part of the hand-over; null: no further part will arrive. */
  inherit(part: HandOverPart | null): void {
    if (part) this.#receive(part)
    this.#lose(part && !part.last ? [] : this.indexes)
  }

  /**
   * Called when the run is stopped or the load has ended. A user that arrives after this call runs only `onStop`; with `skipOnStop`, it runs nothing.
   */
  stop(graceMs: number, skipOnStop: boolean): void {
    this.#isStopped = true
    this.#late.stop(graceMs, skipOnStop)
  }

  close(): void {
    this.#late.close()
  }

  #receive(part: HandOverPart): void {
    const { engine, departure } = this.#host
    for (const user of usersIn(part)) this.#arrive(user)
    for (const index of [...part.anew, ...part.left, ...part.over]) {
      this.#indexes.delete(index)
      departure()?.gone(index, 'anew')
    }
    if (!this.#isStopped) engine.recorder.countUsers('begunAnew', part.anew.length)
  }

  #arrive(carried: CarriedUser): void {
    this.#indexes.delete(carried.index)
    if (this.#isStopped) return this.#late.end(carried, 'over')
    const departure = this.#host.departure()
    if (!departure) return this.#host.adopt(carried)
    if (!departure.carried(carried.index, packed(carried))) this.#late.end(carried, 'anew')
  }

  /** Stops waiting for users that will not arrive. */
  #lose(indexes: readonly number[]): void {
    for (const index of indexes) {
      this.#indexes.delete(index)
      this.#host.departure()?.gone(index, 'anew')
      if (this.#isStopped) this.#late.missed()
    }
    this.#host.checkDone()
  }
}
