import { performance, wallNowMs } from '../../guard/built-ins.ts'
import { type ClockAnchor, monotonicMs } from '../../clock.ts'

/** The wall clock was set, or the machine slept, when the two clocks part by more than this between two looks, milliseconds. */
const stepMs = 500

/** The engine's time: monotonic milliseconds, anchored once to the run's clock, so that a step of the wall clock moves nothing. */
export class EngineClock {
  readonly #anchorWallMs: number
  readonly #anchorMs = performance.now()
  #wallAheadMs: number

  /** @param anchor as the run's other processes have it */
  constructor(anchor: ClockAnchor) {
    this.#anchorWallMs = anchor.epochMs + (monotonicMs() - anchor.monotonicMs)
    this.#wallAheadMs = wallNowMs() - this.#anchorWallMs
  }

  nowMs(): number {
    return performance.now()
  }

  /** Epoch milliseconds of a moment of this clock. */
  wallMs(atMs: number): number {
    return this.#anchorWallMs + (atMs - this.#anchorMs)
  }

  /** The moment of this clock at which the wall clock shows `epochMs`. */
  atWall(epochMs: number): number {
    return this.#anchorMs + (epochMs - this.#anchorWallMs)
  }

  /** By how much the wall clock was stepped since the last call, milliseconds; 0 when it was not. Slow corrections are no steps. */
  takeStepMs(): number {
    const aheadMs = wallNowMs() - this.wallMs(performance.now())
    const movedMs = aheadMs - this.#wallAheadMs
    this.#wallAheadMs = aheadMs
    return Math.abs(movedMs) > stepMs ? movedMs : 0
  }
}
