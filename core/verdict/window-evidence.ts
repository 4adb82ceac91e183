import type { Threshold } from '../thresholds/threshold.ts'
import type { ArrivalCell, Window } from '../window/window.ts'
import { type Evidence, addEvidence, evidenceOf, noEvidence } from './evidence.ts'
import { GeneratorWatch, type Judged } from './generator/watch.ts'

/**
 * The counts of windows that the coordinator keeps during a run: the evidence for each threshold, and the counts that show whether the load was as
 * planned.
 */
export interface WindowEvidence {
  /** The evidence for each threshold, in the order of the thresholds. */
  thresholds: Evidence[]
  /** The counts by which the generator is judged. */
  judged: Judged
  /** The number of requests whose failure burst itself caused. */
  generatorErrors: number
  /**
   * The delivered user time in microseconds: the time in which users were alive, plus the planned time of users that had ended by themselves. The
   * time in which users awaited a promise that never settled does not count.
   */
  userUs: number
  arrivals: ArrivalCell
}

/** Creates empty evidence for a number of thresholds. */
export function noWindowEvidence(thresholds: number): WindowEvidence {
  return {
    thresholds: Array.from({ length: thresholds }, noEvidence),
    judged: { requests: 0, late: 0, uncertain: 0 },
    generatorErrors: 0,
    userUs: 0,
    arrivals: { started: 0, droppedPool: 0, droppedGenerator: 0 },
  }
}

/** Adds the counts of `from` to `into`. `from` and `into` must have the same thresholds. */
export function addWindowEvidence(into: WindowEvidence, from: WindowEvidence): void {
  from.thresholds.forEach((evidence, k) => addEvidence(into.thresholds[k] as Evidence, evidence))
  into.judged.requests += from.judged.requests
  into.judged.late += from.judged.late
  into.judged.uncertain += from.judged.uncertain
  into.generatorErrors += from.generatorErrors
  into.userUs += from.userUs
  into.arrivals.started += from.arrivals.started
  into.arrivals.droppedPool += from.arrivals.droppedPool
  into.arrivals.droppedGenerator += from.arrivals.droppedGenerator
}

/** Returns the evidence that a window, or a part of a window, contains for the thresholds. */
export function windowEvidenceOf(thresholds: readonly Threshold[], window: Window): WindowEvidence {
  const found = noWindowEvidence(0)
  found.thresholds = thresholds.map((threshold) => evidenceOf(threshold, window))
  const watch = new GeneratorWatch()
  watch.see(window.workers.values())
  found.judged = watch.total
  for (const cell of window.workers.values()) found.generatorErrors += cell.generatorErrors
  for (const cell of window.seconds.values()) found.userUs += Math.max(0, cell.userUs - cell.hungUs) + cell.leftUs
  found.arrivals = { ...window.arrivals }
  return found
}
