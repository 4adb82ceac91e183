import { performance, setImmediate } from '../../../guard/built-ins.ts'

/**
 * Bounds how long bytes may have waited in a socket before the loop read them. The loop looks at its sockets once a turn, right before
 * its `setImmediate` callbacks: what it reads later came after that look, or after the loop fell idle, so it has waited no longer than
 * the loop was busy since. One instance watches one thread's loop.
 */
export class Turns {
  #lookedMs = performance.now()
  #idleMs = performance.idleMs
  /** Bytes that are read in this turn came at this moment at the earliest; undefined until the first are read. */
  #earliestMs: number | undefined
  #again = false

  /** Says, in a `setImmediate` callback and before user code runs in it, that the loop has just looked at its sockets. */
  looked(nowMs: number): void {
    this.#lookedMs = nowMs
    this.#idleMs = performance.idleMs
    this.#earliestMs = undefined
    if (this.#again) return
    // User code may run in this turn. When it is over the loop looks again, and then it may fall idle: that look is noted, too.
    this.#again = true
    setImmediate(this.#lookedAgain)
  }

  /** How long bytes that are read now have waited at most, milliseconds. */
  waitedMs(nowMs: number): number {
    this.#earliestMs ??= this.#lookedMs + performance.idleMs - this.#idleMs
    return Math.max(0, nowMs - this.#earliestMs)
  }

  readonly #lookedAgain = (): void => {
    this.#lookedMs = performance.now()
    this.#idleMs = performance.idleMs
    this.#earliestMs = undefined
    this.#again = false
  }
}
