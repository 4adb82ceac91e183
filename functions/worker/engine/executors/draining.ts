import type { SimulatedUser } from '../users/simulated-user.ts'

/** The users that were asked to stop and have not ended. */
export class Draining {
  readonly #users = new Set<SimulatedUser>()
  /** For each user, by its index: a promise that resolves when the user has ended. */
  readonly #ends = new Map<number, Promise<void>>()

  get size(): number {
    return this.#users.size
  }

  /** The indexes of the users that have not ended. */
  get indexes(): readonly number[] {
    return [...this.#ends.keys()]
  }

  /** Asks a user to stop within `graceMs`. The promise resolves when the user has ended and its requests have been counted. */
  stop(user: SimulatedUser, graceMs: number, life: Promise<void>): Promise<void> {
    this.#users.add(user)
    const end = user.stop(graceMs, life).then(() => {
      this.#users.delete(user)
      if (this.#ends.get(user.index) === end) this.#ends.delete(user.index)
    })
    this.#ends.set(user.index, end)
    return end
  }

  /** Returns a promise that resolves when the user with this index has ended; undefined if no such user is ending. */
  endOf(index: number): Promise<void> | undefined {
    return this.#ends.get(index)
  }

  /** Gives the users at most `graceMs` more time to end. With `skipOnStop`, the users end without `onStop`. */
  hurry(graceMs: number, skipOnStop: boolean): void {
    for (const user of this.#users) {
      user.skipsOnStop ||= skipOnStop
      user.hurry(graceMs)
    }
  }
}
