import type { Control } from '../../core/fleet/control.ts'
import { reportingMs } from '../../core/plan/hand-over.ts'
import type { Timing } from '../../core/plan/plan.ts'

/** The part of `reportingMs` that is reserved for the last message, milliseconds. */
const lastMessageMs = 15_000

export interface WorkerState {
  nowMs: number
  /** The control file as last read; undefined before the first read. */
  control: Pick<Control, 'stop' | 'leaseUntil'> | undefined
  /** `true` if the control file does not exist any more. A person can then no longer stop the run. */
  controlGone: boolean
  /** `true` if the queue has not accepted a message for three windows. */
  stuck: boolean
  /** The time until the end of the invocation. */
  remainingMs: number
}

/** An order to stop the users. `because` is the cause in words, for the report, if the coordinator does not know the cause. */
export interface EarlyStop {
  graceMs: number
  because?: string
}

/**
 * Returns an order to stop the users gracefully, if there is a reason: a person stops the run, messages cannot be delivered, the run has lost its
 * coordinator, or the time of the invocation is nearly over.
 */
export function earlyStopOf(worker: WorkerState, { stopMs, drainMs }: Timing): EarlyStop | undefined {
  if (worker.control?.stop) return { graceMs: stopMs }
  if (worker.stuck) return { graceMs: stopMs, because: 'its reports could not be delivered for three windows' }
  if (isUnattended(worker)) return { graceMs: stopMs }
  if (worker.remainingMs >= reportingMs) return undefined
  const graceMs = Math.max(0, Math.min(drainMs, worker.remainingMs - lastMessageMs))
  return { graceMs, because: 'the time of its invocation was nearly over' }
}

/** Returns whether a worker must stop sending requests, because its messages cannot be delivered, or because the run has lost its coordinator. */
export function isUnattended({ nowMs, control, controlGone, stuck }: Omit<WorkerState, 'remainingMs'>): boolean {
  return stuck || controlGone || nowMs > (control?.leaseUntil ?? Infinity)
}
