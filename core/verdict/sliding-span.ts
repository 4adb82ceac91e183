import { type Threshold, holds } from '../thresholds/threshold.ts'
import { type Evidence, addEvidence, noEvidence } from './evidence.ts'
import { judgeEvidence } from './judgement.ts'
import type { JudgedThreshold } from './work.ts'

/** Judges a threshold over the most recent windows of a run. When the span is full and a window is added, the oldest windows leave the span. */
export class SlidingSpan {
  readonly #threshold: Threshold
  readonly #length: number
  readonly #windowMs: number
  #parts: { evidence: Evidence; length: number }[] = []

  /**
   * Creates an empty span.
   * @param length the length of the span in windows, at least 1
   */
  constructor(threshold: Threshold, length: number, windowMs: number) {
    this.#threshold = threshold
    this.#length = length
    this.#windowMs = windowMs
  }

  /**
   * Adds the evidence of the next window, or of several windows together. `evidence` is undefined if the windows cannot be read, or if the windows
   * were not under load all the time. In both cases, a new span begins after these windows.
   * @param length the number of windows, at least 1
   * @returns the result of the threshold over the span; undefined if the span is not full, or if the threshold has no value. Exception: if nothing
   * was counted, a threshold on the rate has the value 0
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
    const judged = judgeEvidence(this.#threshold, sum, { seconds: (this.#length * this.#windowMs) / 1000 })
    if (judged.value !== null) return judged
    if (this.#threshold.measure.kind !== 'rps') return undefined
    // Without requests, the rate is 0, so a threshold on the rate can be judged. Thresholds on errors and latency cannot be judged.
    return { ...judged, value: 0, passed: holds(this.#threshold, 0), note: null }
  }
}
