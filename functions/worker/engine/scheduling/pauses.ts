import { clearTimeout, performance, setTimeout } from '../../../guard/built-ins.ts'
import type { ReadyQueue } from './ready-queue.ts'

interface Pause {
  ended: Promise<void>
  release: () => void
}

/** The pending pauses of one user. */
export class Pauses {
  readonly #ready: ReadyQueue
  readonly #resumed: (lagMs: number) => void
  readonly #wakers = new Set<Waker>()

  /**
   * Creates the pauses of a user.
   * @param resumed receives the lag at the end of each pause that lasted to its planned end
   */
  constructor(ready: ReadyQueue, resumed: (lagMs: number) => void) {
    this.#ready = ready
    this.#resumed = resumed
  }

  /** Resolves when the ready queue resumes the user after `ms`; if `over` is true, as soon as possible. */
  pause(ms: number, over: boolean): Promise<void> {
    return this.begin(ms, over).ended
  }

  /** Returns a pause that can be released before its end. */
  begin(ms: number, over: boolean): Pause {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waker = new Waker(ms, (dueMs) => {
      this.#wakers.delete(waker)
      this.#ready.push(dueMs, (lagMs) => {
        if (!waker.cancelled) this.#resumed(lagMs)
        resolve()
      })
    })
    if (over) waker.cancel()
    else this.#wakers.add(waker)
    return { ended: promise, release: () => waker.cancel() }
  }

  /** Returns a pause that lasts until it is released, or until all pauses end. */
  hold(over: boolean): Pause {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waker = new Waker(Number.POSITIVE_INFINITY, () => {
      this.#wakers.delete(waker)
      this.#ready.push(performance.now(), () => resolve())
    })
    if (over) waker.cancel()
    else this.#wakers.add(waker)
    return { ended: promise, release: () => waker.cancel() }
  }

  /** `true` if at least one pause is pending. */
  get pending(): boolean {
    return this.#wakers.size > 0
  }

  /** Ends all pauses now. */
  endAll(): void {
    for (const waker of this.#wakers) waker.cancel()
  }
}

/** One sleep. Every sleep has a separate timer, because each sleep would cost O(sleepers) with a shared abort signal. */
class Waker {
  readonly #timer: NodeJS.Timeout
  readonly #wake: (dueMs: number) => void
  cancelled = false

  constructor(ms: number, wake: (dueMs: number) => void) {
    const dueMs = performance.now() + ms
    this.#wake = wake
    this.#timer = setTimeout(() => wake(dueMs), Math.min(Math.max(0, ms), 2_147_483_647))
  }

  cancel(): void {
    if (this.cancelled) return
    this.cancelled = true
    clearTimeout(this.#timer)
    this.#wake(performance.now())
  }
}
