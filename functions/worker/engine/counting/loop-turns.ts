import { performance, setImmediate } from '../../../guard/built-ins.ts'

/**
 * Computes an upper bound for the time that bytes waited in a socket before the loop read them. The loop polls its sockets once a turn, right before
 * its `setImmediate` callbacks. Bytes that a poll reads arrived after the previous poll. An idle loop reads bytes at once. Bytes therefore waited at
 * most for the time that the loop was busy since the previous poll. Each thread has one instance for its loop.
 */
export class Turns {
  #lookedMs = performance.now()
  #idleMs = performance.idleMs
  /** Bytes that are read in this turn arrived at this moment or later; undefined until the first bytes are read. */
  #earliestMs: number | undefined
  #again = false

  /** Records that the loop has just polled its sockets. Called in a `setImmediate` callback, before the callback runs user code. */
  looked(nowMs: number): void {
    this.#lookedMs = nowMs
    this.#idleMs = performance.idleMs
    this.#earliestMs = undefined
    if (this.#again) return
    // Records the next poll as well. User code may run in the rest of this turn; then the loop polls its sockets again, and may become idle.
    this.#again = true
    setImmediate(this.#lookedAgain)
  }

  /** Returns the longest time for which bytes that are read now may have waited unread, in milliseconds. */
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
