import { type Threshold, holds } from '../thresholds/threshold.ts'
import { type Evidence, addEvidence, noEvidence } from './evidence.ts'
import { judgeEvidence } from './judgement.ts'
import type { JudgedThreshold } from './work.ts'

/** A threshold over the last windows of a run: one more window at its end, one less at its beginning. */
export class SlidingSpan {
  readonly #threshold: Threshold
  readonly #length: number
  readonly #windowMs: number
  #windows: Evidence[] = []

  /** @param length whole windows, from 1 */
  constructor(threshold: Threshold, length: number, windowMs: number) {
    this.#threshold = threshold
    this.#length = length
    this.#windowMs = windowMs
  }

  /**
   * Takes the next window; undefined: it had no load for its whole time or cannot be read, and the span begins anew after it.
   * @returns the threshold as judged over the span; undefined while the span is not covered, or holds nothing that can be judged
   */
  add(window: Evidence | undefined): JudgedThreshold | undefined {
    if (!window) {
      this.#windows = []
      return undefined
    }
    this.#windows.push(window)
    if (this.#windows.length > this.#length) this.#windows.shift()
    return this.#windows.length === this.#length ? this.#judge() : undefined
  }

  #judge(): JudgedThreshold | undefined {
    const sum = noEvidence()
    for (const window of this.#windows) addEvidence(sum, window)
    const judged = judgeEvidence(this.#threshold, sum, (this.#length * this.#windowMs) / 1000)
    if (judged.value !== null) return judged
    if (this.#threshold.measure.kind !== 'rps') return undefined
    // No request at all is a rate, but says nothing of errors or latency.
    return { ...judged, value: 0, passed: holds(this.#threshold, 0), note: null }
  }
}
