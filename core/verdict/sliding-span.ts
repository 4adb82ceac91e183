import { type Threshold, holds } from '../thresholds/threshold.ts'
import { type Evidence, addEvidence, noEvidence } from './evidence.ts'
import { judgeEvidence } from './judgement.ts'
import type { JudgedThreshold } from './work.ts'

/** A threshold over the last windows of a run: one more window at its end, one less at its beginning. */
export class SlidingSpan {
  readonly #threshold: Threshold
  readonly #length: number
  readonly #windowMs: number
  #parts: { evidence: Evidence; length: number }[] = []

  /** @param length whole windows, from 1 */
  constructor(threshold: Threshold, length: number, windowMs: number) {
    this.#threshold = threshold
    this.#length = length
    this.#windowMs = windowMs
  }

  /**
   * Takes the next window, or several that cannot be told apart; undefined: they had no load for their whole time or cannot be read, and the
   * span begins anew after them.
   * @param length how many windows, from 1
   * @returns the threshold as judged over the span; undefined while the span is not covered to the window, or holds nothing that can be judged
   */
  add(evidence: Evidence | undefined, length = 1): JudgedThreshold | undefined {
    if (!evidence) {
      this.#parts = []
      return undefined
    }
    this.#parts.push({ evidence, length })
    while (this.#covered() > this.#length) this.#parts.shift()
    return this.#covered() === this.#length ? this.#judge() : undefined
  }

  #covered(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0)
  }

  #judge(): JudgedThreshold | undefined {
    const sum = noEvidence()
    for (const part of this.#parts) addEvidence(sum, part.evidence)
    const judged = judgeEvidence(this.#threshold, sum, (this.#length * this.#windowMs) / 1000)
    if (judged.value !== null) return judged
    if (this.#threshold.measure.kind !== 'rps') return undefined
    // No request at all is a rate, but says nothing of errors or latency.
    return { ...judged, value: 0, passed: holds(this.#threshold, 0), note: null }
  }
}
