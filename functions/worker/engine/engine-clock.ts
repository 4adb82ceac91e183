import { performance, wallNowMs } from '../../guard/built-ins.ts'
import { type ClockAnchor, monotonicMs } from '../../clock.ts'

/**
 * The smallest jump, milliseconds. The difference between the wall clock and the monotonic clock has a jump when the wall clock is set, or when the
 * machine sleeps. Smaller changes are not jumps.
 */
const stepMs = 500

/** A monotonic clock in milliseconds, which is aligned once with the run's clock. A jump of the wall clock does not change this clock. */
export class EngineClock {
  readonly #anchorWallMs: number
  readonly #anchorMs = performance.now()
  #wallAheadMs: number

  /**
   * Creates the clock.
   * @param anchor the same anchor as in the run's other processes
   */
  constructor(anchor: ClockAnchor) {
    this.#anchorWallMs = anchor.epochMs + (monotonicMs() - anchor.monotonicMs)
    this.#wallAheadMs = wallNowMs() - this.#anchorWallMs
  }

  nowMs(): number {
    return performance.now()
  }

  /** Returns the epoch milliseconds of a moment of this clock. */
  wallMs(atMs: number): number {
    return this.#anchorWallMs + (atMs - this.#anchorMs)
  }

  /** Returns the moment of this clock at which the wall clock shows `epochMs`. */
  atWall(epochMs: number): number {
    return this.#anchorMs + (epochMs - this.#anchorWallMs)
  }

  /** Returns by how much the wall clock has jumped since the last call, in milliseconds; 0 without a jump. Slow corrections are not jumps. */
  takeStepMs(): number {
    const aheadMs = wallNowMs() - this.wallMs(performance.now())
    const movedMs = aheadMs - this.#wallAheadMs
    this.#wallAheadMs = aheadMs
    return Math.abs(movedMs) > stepMs ? movedMs : 0
  }
}
