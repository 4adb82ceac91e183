import { clearInterval, performance, setInterval } from '../../../guard/built-ins.ts'
import type { Call } from './call.ts'

/** How precise timeouts are. */
const sweepMs = 25

/** Ends calls whose time is over. One sweep over those under way instead of a timer, or an abort controller, per request. */
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
