import type { Call } from '../../http/call.ts'

/** The maximum number of calls that are stored until the end of an iteration. Further calls are not checked for an unused promise. */
const callCap = 100

/** Calls of one iteration that ended before the scenario used their promise. The task may have forgotten them, or may use them later. */
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
