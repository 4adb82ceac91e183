import { clearInterval, performance, setInterval } from '../../../guard/built-ins.ts'
import type { Call } from './call.ts'

/** How precise timeouts are, milliseconds. */
const sweepMs = 25

/** Ends calls that have timed out. One periodic check of all pending calls replaces a timer, or an abort controller, per request. */
export class Deadlines {
  readonly #calls = new Set<Call>()
  #timer: NodeJS.Timeout | undefined

  add(call: Call): void {
    this.#calls.add(call)
    this.#timer ??= setInterval(() => this.#sweep(), sweepMs)
  }

  remove(call: Call): void {
    this.#calls.delete(call)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sweep(): void {
    const nowMs = performance.now()
    for (const call of this.#calls) {
      if (call.deadlineMs <= nowMs) {
        this.#calls.delete(call)
        call.timeOut()
      }
    }
    if (this.#calls.size === 0) this.close()
  }
}
