import type { Presence } from '../counting/presence.ts'
import type { Gate, HeldUser } from '../scheduling/gate.ts'

/**
 * The users whose `onStart` has failed and has not succeeded yet. They do not send the planned requests, so their time does not count as user time.
 */
export class FailingUsers {
  readonly #host: { readonly presence: Presence; readonly gate: Gate }
  readonly #users = new Set<HeldUser>()

  constructor(host: { readonly presence: Presence; readonly gate: Gate }) {
    this.#host = host
  }

  /** The number of failing users that are not held by a pause of the run. */
  get present(): number {
    return this.#host.gate.notHeld(this.#users)
  }

  add(user: HeldUser): void {
    this.#host.presence.settle()
    this.#users.add(user)
  }

  /** Removes a user. Called when `onStart` of the user has succeeded, and when the user is asked to stop or has ended. */
  remove(user: HeldUser): void {
    if (!this.#users.has(user)) return
    this.#host.presence.settle()
    this.#users.delete(user)
  }
}
