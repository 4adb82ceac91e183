import { performance, setImmediate, setInterval } from '../../../guard/built-ins.ts'
import { CoreWait } from './core-wait.ts'

/** The interval, in milliseconds, of a timer that shows that the event loop runs. */
const tickEveryMs = 250
/** If the timer is overdue by more than this time (in milliseconds), the process was frozen, even if the loop counts the time as idle. */
const stoodStillMs = 1_000

/**
 * Computes an upper bound for the time that bytes waited in a socket before the loop read them. The loop polls its sockets once a turn, right before
 * its `setImmediate` callbacks. If a poll reads bytes, these bytes have arrived since the previous poll. An idle loop reads bytes as soon as its
 * thread runs on a core. Bytes can therefore wait only while the loop is busy, or while its thread waits for a core. The upper bound is the total of
 * these times since the previous poll. Each engine has one instance.
 *
 * A loop that is frozen while it is idle counts the time of the freeze as idle. A timer that is overdue by a long time shows that there was a freeze.
 * The first poll after the freeze may read bytes that arrived at any moment since the timer last fired. The timer may fire before or after this poll.
 */
export class Turns {
  #tickedMs = performance.now()
  /** The time at which the timer last fired before a freeze. The first poll after the freeze sets the value back to undefined. */
  #frozenSinceMs: number | undefined
  #lookedMs = performance.now()
  #idleMs = performance.idleMs
  readonly #coreWait = new CoreWait()
  #coreWaitMs = 0
  /** The earliest possible arrival time of the bytes that this turn reads; undefined until the turn reads its first bytes. */
  #earliestMs: number | undefined
  #again = false
  /** The value of `#lookedMs` when the first bytes of this turn were read; undefined if the callback `#read` is not scheduled. */
  #readingSinceMs: number | undefined

  constructor() {
    setInterval(this.#tick, tickEveryMs).unref()
  }

  /** Records that the loop has just polled its sockets. Called in a `setImmediate` callback, before the callback runs user code. */
  looked(nowMs: number): void {
    this.#startAt(nowMs)
    // The next poll must be recorded as well. Otherwise, the upper bound for the bytes of later polls would include the time of user code in this
    // turn.
    this.lookSoon()
  }

  /**
   * Records the next poll. Called at regular intervals while users await bytes. The upper bound for these bytes then includes only the busy time
   * since a recent poll.
   */
  lookSoon(): void {
    if (this.#again) return
    this.#again = true
    setImmediate(this.#lookedAgain)
  }

  /** Called when the loop reads bytes. Returns an upper bound, in milliseconds, for the time that these bytes have waited in the socket. */
  waitedMs(nowMs: number): number {
    const sinceMs = this.#frozenSinceMs ?? (this.#isOverdue(nowMs) ? this.#tickedMs : undefined)
    if (sinceMs !== undefined) return nowMs - sinceMs
    this.#earliestMs ??= this.#firstRead(nowMs)
    return Math.max(0, nowMs - this.#earliestMs)
  }

  /**
   * Handles the first bytes of a turn. Schedules a callback that begins the next turn right after the current poll. The bytes of a later poll then
   * belong to another turn, even if no user is resumed (for example after a redirect).
   */
  #firstRead(nowMs: number): number {
    if (this.#readingSinceMs === undefined) setImmediate(this.#read)
    this.#readingSinceMs ??= this.#lookedMs
    return this.#earliestNow(nowMs)
  }

  readonly #read = (): void => {
    // If `#lookedMs` has changed since the first bytes were read, another callback has already begun the next turn, and user code may have run in the
    // next turn. The next turn must not begin a second time here, because the upper bound for its bytes must include the time of this user code.
    if (this.#lookedMs === this.#readingSinceMs) this.#startAt(performance.now())
    this.#readingSinceMs = undefined
  }

  #isOverdue(nowMs: number): boolean {
    return nowMs - this.#tickedMs > tickEveryMs + stoodStillMs
  }

  readonly #tick = (): void => {
    const nowMs = performance.now()
    if (this.#isOverdue(nowMs)) {
      this.#frozenSinceMs ??= this.#tickedMs
      setImmediate(() => (this.#frozenSinceMs = undefined))
    }
    this.#tickedMs = nowMs
  }

  readonly #lookedAgain = (): void => {
    this.#startAt(performance.now())
    this.#again = false
  }

  #startAt(polledMs: number): void {
    this.#lookedMs = polledMs
    this.#idleMs = performance.idleMs
    this.#coreWaitMs = this.#coreWait.totalMs(polledMs)
    this.#earliestMs = undefined
  }

  /**
   * Returns the earliest possible arrival time of bytes that are read now. If the loop was not idle since the last poll, the busy time of the loop
   * already includes all waits for a core. If the loop was both idle and busy, a wait for a core during the busy time is counted twice. The result
   * is then too early, which makes the upper bound greater.
   */
  #earliestNow(nowMs: number): number {
    const idleMs = performance.idleMs - this.#idleMs
    if (idleMs === 0) return this.#lookedMs
    const waitedMs = this.#coreWait.totalMs(nowMs) - this.#coreWaitMs
    return this.#lookedMs + Math.max(0, idleMs - waitedMs)
  }
}
