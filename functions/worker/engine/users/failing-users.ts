import type { Presence } from '../counting/presence.ts'
import type { Gate, HeldUser } from '../scheduling/gate.ts'

/** The users whose `onStart` has failed and not yet succeeded. They do not carry out the planned load, so their time does not count as user time. */
export class FailingUsers {
  readonly #host: { readonly presence: Presence; readonly gate: Gate }
  readonly #users = new Set<HeldUser>()

  constructor(host: { readonly presence: Presence; readonly gate: Gate }) {
    this.#host = host
  }

  /** The number of failing users, without those that a pause of the run holds. */
  get present(): number {
    return this.#host.gate.notHeld(this.#users)
  }

  add(user: HeldUser): void {
    this.#host.presence.settle()
    this.#users.add(user)
  }

  /** Removes a user whose `onStart` has succeeded, or that has ended. */
  remove(user: HeldUser): void {
    if (!this.#users.has(user)) return
    this.#host.presence.settle()
    this.#users.delete(user)
  }
}
