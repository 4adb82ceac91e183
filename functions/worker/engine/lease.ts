import type { EngineClock } from './engine-clock.ts'

/** A loop that stood still for so long has old news: it must hear from the coordinator again before it sends anything. */
const stoodStillMs = 5_000

/** Whether the coordinator's word to go on is still good. */
export class Lease {
  readonly #clock: EngineClock
  #untilMs: number
  #lastWordMs: number
  #lastTurnMs: number
  #wordNeededSinceMs = 0

  /** @param until epoch milliseconds */
  constructor(clock: EngineClock, until: number) {
    this.#clock = clock
    this.#untilMs = clock.atWall(until)
    this.#lastWordMs = clock.nowMs()
    this.#lastTurnMs = this.#lastWordMs
  }

  /** News from the coordinator, read at `readAt`; both in epoch milliseconds. */
  hear(word: { leaseUntil: number; readAt: number }): void {
    this.#untilMs = this.#clock.atWall(word.leaseUntil)
    this.#lastWordMs = this.#clock.atWall(word.readAt)
  }

  /** Notices that the loop stood still: a frozen environment, or code that blocked. What was heard before it no longer counts. */
  beat(): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#lastTurnMs > stoodStillMs) this.#wordNeededSinceMs = nowMs - stoodStillMs
    this.#lastTurnMs = nowMs
  }

  /** Whether anything may be sent at this moment. */
  holds(): boolean {
    this.beat()
    return this.#lastWordMs >= this.#wordNeededSinceMs && this.#clock.nowMs() < this.#untilMs
  }
}
