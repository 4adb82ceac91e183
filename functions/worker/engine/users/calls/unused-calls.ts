import type { Call } from '../../http/call.ts'

/** The maximum number of calls that are stored until an iteration ends. burst does not check whether the promises of further calls are used. */
const callCap = 100

/**
 * The calls that ended in one iteration before the scenario used their promises. Either the task has forgotten to await these calls, or it will use
 * their promises later.
 */
export class UnusedCalls {
  #calls: Call[] = []

  add(call: Call): void {
    if (this.#calls.length < callCap) this.#calls[this.#calls.length] = call
  }

  /** `true` if the promise of at least one call is still unused. */
  get any(): boolean {
    for (const call of this.#calls) if (!call.used && !call.refused) return true
    return false
  }

  clear(): void {
    if (this.#calls.length > 0) this.#calls = []
  }
}
