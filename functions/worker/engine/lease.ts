import type { EngineClock } from './engine-clock.ts'

/**
 * The longest block of the event loop after which a permission is still valid, milliseconds. After a longer block, the worker sends nothing until it
 * has read a new permission of the coordinator.
 */
const stoodStillMs = 5_000

/** The reasons why users may not send, in words. */
const blocked =
  'the process of the worker was blocked for more than 5 s, so it first checks whether another worker has replaced it'
const ended = 'the lease has ended: the coordinator was lost, or the worker could not read the control file'

/** The coordinator's permission to send, which lasts until the lease ends. */
export class Lease {
  readonly #clock: Pick<EngineClock, 'nowMs' | 'atWall'>
  #untilMs: number
  #lastWordMs: number
  #lastTurnMs: number
  #wordNeededSinceMs = 0

  /**
   * Creates the lease.
   * @param until the end of the lease, epoch milliseconds
   */
  constructor(clock: Pick<EngineClock, 'nowMs' | 'atWall'>, until: number) {
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

  /** Returns, in words, the reason why users may not send now; undefined if they may send. */
  refusal(nowMs = this.#clock.nowMs()): string | undefined {
    this.beat(nowMs)
    // After a block, the lease may only seem to have ended, because the worker has not read its renewal yet.
    if (this.#lastWordMs < this.#wordNeededSinceMs) return blocked
    return nowMs < this.#untilMs ? undefined : ended
  }
}
