import type { Control } from '../../core/fleet/control.ts'
import { noticeMs } from '../../core/fleet/changes/epoch.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import { reportingMs } from '../../core/plan/hand-over.ts'
import type { RunPlan, Timing } from '../../core/plan/plan.ts'

/** The part of `reportingMs` that is reserved for the last message, in milliseconds. */
const lastMessageMs = 15_000
/**
 * The shell waits this many milliseconds after the last moment at which users may run. If the engine has not ended by then, the shell terminates the
 * engine.
 */
const patienceMs = 1_500
/** The users have a limited time for their last iteration. After that time, the worker has this many milliseconds to hand over the last users. */
const lastPartMs = 1_000

export interface WorkerState {
  nowMs: number
  /** The control file that the worker read last; undefined before the first read. */
  control: Pick<Control, 'stop' | 'leaseUntil'> | undefined
  /** `true` if the control file no longer exists, so that a person can no longer stop the run. */
  controlGone: boolean
  /** `true` if the worker has tried for more than three windows to deliver a message, without success. */
  stuck: boolean
  /** The time until the end of the invocation, in milliseconds. */
  remainingMs: number
}

/** An order to stop the users. `because` is the reason that the report gives. `because` is undefined if the coordinator already knows the reason. */
export interface EarlyStop {
  graceMs: number
  because?: string
}

/**
 * Returns an order to stop the users gracefully, or undefined. There are four reasons for an order: the control file contains a request to stop,
 * messages cannot be delivered, the worker is unattended (see `isUnattended`), or the time of the invocation is nearly over.
 */
export function earlyStopOf(worker: WorkerState, { stopMs, drainMs }: Timing): EarlyStop | undefined {
  if (worker.control?.stop) return { graceMs: stopMs }
  if (worker.stuck) return { graceMs: stopMs, because: 'reports could not be delivered for three windows' }
  if (isUnattended(worker)) return { graceMs: stopMs }
  if (worker.remainingMs >= reportingMs) return undefined
  const graceMs = Math.max(0, Math.min(drainMs, worker.remainingMs - lastMessageMs))
  return { graceMs, because: 'the time of the invocation was nearly over' }
}

/**
 * Returns whether a worker must stop sending requests. There are three reasons: its messages cannot be delivered, the control file was deleted, or
 * the lease has ended.
 */
export function isUnattended({ nowMs, control, controlGone, stuck }: Omit<WorkerState, 'remainingMs'>): boolean {
  return stuck || controlGone || nowMs > (control?.leaseUntil ?? Infinity)
}

/** Computes the time by which the engine must have ended, in epoch milliseconds. */
export class EngineDeadline {
  readonly #plan: RunPlan
  #stopByMs = Number.POSITIVE_INFINITY
  /** The time, in milliseconds since the start, at which the next worker takes over; null if no worker takes over. */
  untilMs: number | null = null
  /** `true` if users of the previous worker may arrive after the end of the run. Such users need more time to stop. */
  #isWaiting = false

  constructor(plan: RunPlan) {
    this.#plan = plan
  }

  /** Records that the users are asked to stop within `graceMs`, or must stop immediately (`graceMs` 0). */
  stop(nowMs: number, graceMs: number): void {
    this.#stopByMs = nowMs + graceMs
  }

  /** Records whether the worker waits for users of the previous worker. */
  wait(isWaiting: boolean): void {
    this.#isWaiting = isWaiting
  }

  /** Returns whether the turn of this worker is over, even if the next worker has not taken over yet. */
  isTurnOver(nowMs: number, control: Control | undefined): boolean {
    return this.untilMs !== null && nowMs >= (control?.startAt ?? 0) + this.untilMs
  }

  /** Returns true if all users were asked to stop, or if the load has ended. */
  isEnding(nowMs: number, control: Control | undefined): boolean {
    return this.#stopByMs < Number.POSITIVE_INFINITY || nowMs >= (control?.startAt ?? 0) + this.#endMs(control)
  }

  /** Returns the time at which the shell terminates the engine if the engine has not ended by then. */
  at(control: Control | undefined): number {
    const { timing } = this.#plan
    const lastMs = Math.min(this.#endMs(control), (this.untilMs ?? Infinity) + lastPartMs)
    const naturalMs = (control?.startAt ?? 0) + lastMs + timing.drainMs
    return Math.min(naturalMs, this.#stopByMs) + (this.#isWaiting ? noticeMs(timing) : 0) + patienceMs
  }

  #endMs(control: Control | undefined): number {
    return fleetAt(this.#plan, control).profile.endMs ?? Infinity
  }
}
