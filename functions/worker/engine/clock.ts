/** The engine's time: monotonic milliseconds, anchored once to the wall clock, so that a step of the wall clock moves nothing. */
export class EngineClock {
  readonly #anchorWallMs = Date.now()
  readonly #anchorMs = performance.now()

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
}
