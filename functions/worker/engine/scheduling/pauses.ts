import { performance } from '../../../guard/built-ins.ts'
import { LongTimer } from './long-timer.ts'
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
   * @param resumed called when the user is resumed after a pause that did not end early; receives the lag
   */
  constructor(ready: ReadyQueue, resumed: (lagMs: number) => void) {
    this.#ready = ready
    this.#resumed = resumed
  }

  /** Pauses for `ms`, and resolves when the ready queue resumes the user. If `over` is true, the pause ends immediately. */
  pause(ms: number, over: boolean): Promise<void> {
    return this.begin(ms, over).ended
  }

  /** Begins a pause of `ms` that can be ended early with `release`. */
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

  /** Begins a pause that lasts until `release` or `endAll` is called. */
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

  /** Ends all pauses immediately. */
  endAll(): void {
    for (const waker of this.#wakers) waker.cancel()
  }
}

/**
 * One pause. Every pause has its own timer. With an abort signal that all pauses share, the cost of each pause would grow with the number of pauses.
 */
class Waker {
  readonly #timer: LongTimer
  readonly #wake: (dueMs: number) => void
  cancelled = false

  constructor(ms: number, wake: (dueMs: number) => void) {
    const dueMs = performance.now() + ms
    this.#wake = wake
    this.#timer = new LongTimer(() => wake(dueMs), ms)
  }

  cancel(): void {
    if (this.cancelled) return
    this.cancelled = true
    this.#timer.clear()
    this.#wake(performance.now())
  }
}
