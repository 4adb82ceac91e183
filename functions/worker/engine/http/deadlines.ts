import { clearInterval, performance, setInterval } from '../../../guard/built-ins.ts'

/** Something that may take only so long. */
export interface Timed {
  /** On the engine's clock. */
  readonly deadlineMs: number
  /** Called after `deadlineMs`. */
  timeOut(): void
}

/** How precise timeouts are, milliseconds. */
const sweepMs = 25

/** Ends calls that have timed out. One periodic check of all pending calls replaces a timer, or an abort controller, per request. */
export class Deadlines {
  readonly #calls = new Set<Timed>()
  #timer: NodeJS.Timeout | undefined

  add(call: Timed): void {
    this.#calls.add(call)
    this.#timer ??= setInterval(() => this.#sweep(), sweepMs)
  }

  remove(call: Timed): void {
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
