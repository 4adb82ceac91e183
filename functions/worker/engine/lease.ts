import type { EngineClock } from './engine-clock.ts'

/**
 * If the event loop is blocked for at most this time (in milliseconds), the worker's permission to send requests stays valid. After a longer block,
 * the permission is valid only if the worker read it in the last `stoodStillMs` before the end of the block. Otherwise, the worker sends nothing
 * until it has read a new permission.
 */
const stoodStillMs = 5_000

/** The reasons why users must not send requests, in words. */
const blocked =
  'the process of the worker was blocked for more than 5 s, so the worker first checks whether another worker has replaced it'
const ended = 'the lease has ended: the coordinator was lost, or the worker could not read the control file'

/** The coordinator's permission to send requests. The permission is valid until the lease ends. */
export class Lease {
  readonly #clock: Pick<EngineClock, 'nowMs' | 'atWall'>
  #untilMs: number
  #lastWordMs: number
  #lastTurnMs: number
  #wordNeededSinceMs = 0

  /**
   * Creates the lease.
   * @param until when the lease ends, in epoch milliseconds
   */
  constructor(clock: Pick<EngineClock, 'nowMs' | 'atWall'>, until: number) {
    this.#clock = clock
    this.#untilMs = clock.atWall(until)
    this.#lastWordMs = clock.nowMs()
    this.#lastTurnMs = this.#lastWordMs
  }

  /**
   * Receives a new end of the lease. `leaseUntil` is the end that the coordinator wrote, and `readAt` is the time at which this worker read it. Both
   * times are in epoch milliseconds.
   */
  hear(word: { leaseUntil: number; readAt: number }): void {
    this.#untilMs = this.#clock.atWall(word.leaseUntil)
    this.#lastWordMs = this.#clock.atWall(word.readAt)
  }

  /**
   * Detects that the event loop was blocked, because the environment was frozen or because code did not return. After a block of more than
   * `stoodStillMs`, a permission is valid only if the worker read it at most `stoodStillMs` before this call.
   */
  beat(nowMs = this.#clock.nowMs()): void {
    if (nowMs - this.#lastTurnMs > stoodStillMs) this.#wordNeededSinceMs = nowMs - stoodStillMs
    this.#lastTurnMs = nowMs
  }

  /** Returns, in words, the reason why users must not send requests now; undefined if they may send requests. */
  refusal(nowMs = this.#clock.nowMs()): string | undefined {
    this.beat(nowMs)
    // This check comes first. After a block, the lease may seem to have ended although it was renewed, because the worker has not read the renewal
    // yet.
    if (this.#lastWordMs < this.#wordNeededSinceMs) return blocked
    return nowMs < this.#untilMs ? undefined : ended
  }
}
