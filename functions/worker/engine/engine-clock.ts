import { performance, wallNowMs } from '../../guard/built-ins.ts'
import { type ClockAnchor, monotonicMs } from '../../clock.ts'

/**
 * When the wall clock is set, or when the machine sleeps, the difference between the wall clock and the monotonic clock changes suddenly. Only a
 * change of more than this number of milliseconds is a jump.
 */
const stepMs = 500

/** A monotonic clock in milliseconds. It is aligned with the run's clock once, so a jump of the wall clock does not change it. */
export class EngineClock {
  readonly #anchorWallMs: number
  readonly #anchorMs = performance.now()
  #wallAheadMs: number

  /**
   * Creates the clock.
   * @param anchor the times that the run's clock and the monotonic clock of this machine show at the same moment
   */
  constructor(anchor: ClockAnchor) {
    this.#anchorWallMs = anchor.epochMs + (monotonicMs() - anchor.monotonicMs)
    this.#wallAheadMs = wallNowMs() - this.#anchorWallMs
  }

  nowMs(): number {
    return performance.now()
  }

  /** Returns the epoch milliseconds that the run's clock shows at a moment of this clock. */
  wallMs(atMs: number): number {
    return this.#anchorWallMs + (atMs - this.#anchorMs)
  }

  /** Returns the moment of this clock at which the run's clock shows `epochMs`. */
  atWall(epochMs: number): number {
    return this.#anchorMs + (epochMs - this.#anchorWallMs)
  }

  /**
   * Returns by how many milliseconds the wall clock has jumped since the last call; 0 if it has not jumped. A slow correction of the wall clock is
   * not a jump.
   */
  takeStepMs(): number {
    const aheadMs = wallNowMs() - this.wallMs(performance.now())
    const movedMs = aheadMs - this.#wallAheadMs
    this.#wallAheadMs = aheadMs
    return Math.abs(movedMs) > stepMs ? movedMs : 0
  }
}
