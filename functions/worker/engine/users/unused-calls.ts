import type { Call } from '../http/call.ts'

/** Calls that are kept until the end of an iteration; of further ones it is not known whether they are used. */
const callCap = 100

/** Calls of one iteration that ended before their promise was used: the task may have forgotten them, or use them later. */
export class UnusedCalls {
  #calls: Call[] = []

  add(call: Call): void {
    if (this.#calls.length < callCap) this.#calls[this.#calls.length] = call
  }

  /** Whether the promise of any of them has still not been used. */
  get any(): boolean {
    for (const call of this.#calls) if (!call.used && !call.refused) return true
    return false
  }

  clear(): void {
    if (this.#calls.length > 0) this.#calls = []
  }
}
