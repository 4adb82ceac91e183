import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Control } from '../../../core/fleet/control.ts'
import { endOf } from '../../../core/fleet/run-end.ts'
import type { CoordinatorEvent, FinaliseEvent } from '../../../functions/events.ts'
import { renewalOf } from '../../../functions/coordinator/succession.ts'
import type { Cloud } from '../cloud.ts'

/**
 * The time in milliseconds after which a run without a control file counts as a run that has lost its coordinator. The time begins when burst makes
 * the plan. It is longer than a minute, because Lambda retries an invocation for about a minute.
 */
const lapsedMs = 90_000
/** The number of missed lease renewals after which a coordinator counts as lost. The next coordinator verifies the loss. */
const missedRenewals = 3
/** The maximum time in milliseconds to wait for the finaliser. The finaliser may take 15 minutes. */
const finaliseMs = 16 * 60_000
/**
 * The time limit in milliseconds for a new coordinator to continue the run or to make the report. After this time, burst invokes the finaliser
 * itself.
 */
const takeoverMs = 5 * 60_000

/** Tries to get a report for a run whose coordinator is lost. Never starts a run. */
export class Rescue {
  readonly #cloud: Pick<Cloud, 'clock' | 'invoke'>
  readonly #plan: RunPlan
  #tried = 0
  #nextAt = 0

  constructor(cloud: Pick<Cloud, 'clock' | 'invoke'>, plan: RunPlan) {
    this.#cloud = cloud
    this.#plan = plan
  }

  /**
   * Checks a run that has no report yet. If the coordinator of the run is lost, starts another coordinator. If the new coordinator neither continues
   * the run nor makes the report in time, a later check invokes the finaliser.
   * @throws BurstError (97) when the finaliser does not make the report in time
   */
  async look(control: Control | undefined): Promise<void> {
    const nowMs = this.#cloud.clock.nowMs()
    const orphanedAt = this.#orphanedAt(control)
    // If another coordinator has continued the run, the rescue is complete. If that coordinator is lost too, the rescue starts again with its first
    // step.
    if (nowMs < orphanedAt) this.#tried = 0
    if (nowMs < orphanedAt || (this.#tried > 0 && nowMs < this.#nextAt)) return
    this.#tried++
    if (this.#tried === 1) {
      this.#nextAt = nowMs + takeoverMs
      const event: CoordinatorEvent = { run: this.#plan.run, rescue: true }
      return this.#cloud.invoke('coordinator', event)
    }
    if (this.#tried === 2) {
      this.#nextAt = nowMs + finaliseMs
      return this.#cloud.invoke('finalise', finaliseInput(this.#plan.run, 'the coordinator was lost'))
    }
    throw new BurstError('runFailed', `run ${this.#plan.run} has ended without a report`, {
      hint: `try burst report ${this.#plan.run} --finalize`,
    })
  }

  /** Returns the time after which the coordinator counts as lost, in milliseconds since the epoch. */
  #orphanedAt(control: Control | undefined): number {
    if (!control) return this.#plan.createdAt + lapsedMs
    const endsAt = endOf(this.#plan, control) ?? Number.POSITIVE_INFINITY
    const { timing } = this.#plan
    if (control.leaseUntil < endsAt) return control.leaseUntil - timing.leaseMs + missedRenewals * renewalOf(timing)
    return Math.max(control.leaseUntil, endsAt + this.#plan.timing.graceMs) + finaliseMs
  }
}

/** Returns the input for the finaliser. Normally, the coordinator of the run provides this input, but this run has no coordinator. */
export function finaliseInput(run: string, message: string): FinaliseEvent {
  return { run, events: [], failed: [], failure: { reason: 'runFailed', message } }
}
