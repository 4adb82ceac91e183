/** One sleep. Every sleep has a timer of its own: one shared abort signal would cost O(sleepers) each. */
export class Waker {
  readonly #timer: NodeJS.Timeout
  readonly #wake: (dueMs: number) => void
  cancelled = false

  constructor(ms: number, wake: (dueMs: number) => void) {
    const dueMs = performance.now() + ms
    this.#wake = wake
    this.#timer = setTimeout(() => wake(dueMs), Math.min(ms, 2_147_483_647))
  }

  cancel(): void {
    if (this.cancelled) return
    this.cancelled = true
    clearTimeout(this.#timer)
    this.#wake(performance.now())
  }
}
