import type { EngineClock } from './engine-clock.ts'

/**
 * The longest block of the event loop after which a permission is still valid, milliseconds. After a longer block, the worker sends nothing until it
 * has read a new permission of the coordinator.
 */
const stoodStillMs = 5_000

/** The coordinator's permission to send, which lasts until the lease ends. */
export class Lease {
  readonly #clock: EngineClock
  #untilMs: number
  #lastWordMs: number
  #lastTurnMs: number
  #wordNeededSinceMs = 0

  /**
   * Creates the lease.
   * @param until the end of the lease, epoch milliseconds
   */
  constructor(clock: EngineClock, until: number) {
    this.#clock = clock
    this.#untilMs = clock.atWall(until)
    this.#lastWordMs = clock.nowMs()
    this.#lastTurnMs = this.#lastWordMs
  }

  /** Receives the end of the lease. The coordinator wrote `leaseUntil`, and this worker read it at `readAt`. Both times are epoch milliseconds. */
  hear(word: { leaseUntil: number; readAt: number }): void {
    this.#untilMs = this.#clock.atWall(word.leaseUntil)
    this.#lastWordMs = this.#clock.atWall(word.readAt)
  }

  /**
   * Detects that the event loop was blocked, because the environment was frozen or code did not return. A permission that was read before a long
   * block is no longer valid.
   */
  beat(nowMs = this.#clock.nowMs()): void {
    if (nowMs - this.#lastTurnMs > stoodStillMs) this.#wordNeededSinceMs = nowMs - stoodStillMs
    this.#lastTurnMs = nowMs
  }

  /** Returns whether users may send at this moment. */
  holds(nowMs = this.#clock.nowMs()): boolean {
    this.beat(nowMs)
    return this.#lastWordMs >= this.#wordNeededSinceMs && nowMs < this.#untilMs
  }
}
