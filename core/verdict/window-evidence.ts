import type { Threshold } from '../thresholds/threshold.ts'
import type { ArrivalCell, Window } from '../window/window.ts'
import { type Evidence, addEvidence, evidenceOf, noEvidence } from './evidence.ts'
import { GeneratorWatch, type Judged } from './generator/watch.ts'

/**
 * The counts that the coordinator takes from windows and keeps during a run: the evidence for each threshold, and the counts that show whether the
 * load was as planned.
 */
export interface WindowEvidence {
  /** The evidence for each threshold, in the order of the thresholds. */
  thresholds: Evidence[]
  /** The counts by which the generator is judged. */
  judged: Judged
  /** The number of failures that burst itself caused. */
  generatorErrors: number
  /**
   * The time in microseconds in which users were alive, summed over the users. The time in which users awaited a promise that never settled does not
   * count.
   */
  userUs: number
  /**
   * The planned time, in microseconds, of users that had ended by themselves: they called `stop()`, their iterations were done, or no row of data was
   * left for them. Also includes the planned time of users that cannot begin a new life yet, because their previous life has not ended.
   */
  leftUs: number
  arrivals: ArrivalCell
  /** The number of arrivals whose iteration did not run, because `onStart` of their user failed. */
  unserved: number
  /**
   * In a run with users, the number of users that ended because no row of data was left. In a run with arrivals, the number of iterations that ended
   * because no row of data was left.
   */
  exhausted: number
  /** The number of requests that were overdue at the end of the windows. */
  overdue: number
  /** The sum of the delays that burst itself may have added to latencies, in microseconds. */
  delayUs: number
}

/** Creates empty evidence for a number of thresholds. */
export function noWindowEvidence(thresholds: number): WindowEvidence {
  return {
    thresholds: Array.from({ length: thresholds }, noEvidence),
    judged: { requests: 0, late: 0, uncertain: 0 },
    generatorErrors: 0,
    userUs: 0,
    leftUs: 0,
    arrivals: { started: 0, droppedPool: 0, droppedGenerator: 0 },
    unserved: 0,
    exhausted: 0,
    overdue: 0,
    delayUs: 0,
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
  into.leftUs += from.leftUs
  into.arrivals.started += from.arrivals.started
  into.arrivals.droppedPool += from.arrivals.droppedPool
  into.arrivals.droppedGenerator += from.arrivals.droppedGenerator
  into.unserved += from.unserved
  into.exhausted += from.exhausted
  into.overdue += from.overdue
  into.delayUs += from.delayUs
}

/** Returns the evidence that a window, or a part of a window, contains for the thresholds. */
export function windowEvidenceOf(thresholds: readonly Threshold[], window: Window): WindowEvidence {
  const found = noWindowEvidence(0)
  found.thresholds = thresholds.map((threshold) => evidenceOf(threshold, window))
  const watch = new GeneratorWatch()
  watch.see(window.workers.values())
  found.judged = watch.total
  for (const cell of window.workers.values()) {
    found.generatorErrors += cell.generatorErrors
    found.overdue += cell.overdue
    found.delayUs += cell.timingError.sumUs
  }
  for (const { userUs, leftUs, hungUs } of window.seconds.values()) {
    found.userUs += Math.max(0, userUs - hungUs)
    found.leftUs += leftUs
  }
  found.arrivals = { ...window.arrivals }
  found.unserved = window.users.unserved
  found.exhausted = window.users.exhausted
  return found
}
