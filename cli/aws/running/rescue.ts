import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Control } from '../../../core/fleet/control.ts'
import { endOf } from '../../../core/fleet/run-end.ts'
import type { CoordinatorEvent, FinaliseEvent } from '../../../functions/events.ts'
import { renewalOf } from '../../../functions/coordinator/succession.ts'
import type { Cloud } from '../cloud.ts'

/** If a run has no control for this long, it has failed to start. Lambda retries an invocation for about a minute. Milliseconds. */
const lapsedMs = 90_000
/** A coordinator counts as lost after this many missed renewals of its lease. The next coordinator verifies the loss. */
const missedRenewals = 3
/** How long to wait for the finaliser, milliseconds. It may take 15 minutes. */
const finaliseMs = 16 * 60_000
/**
 * How long a second coordinator may take to continue the run or to collect the counts. After this time, the report is requested directly.
 * Milliseconds.
 */
const takeoverMs = 5 * 60_000

/** Ensures that a run gets its report even if its coordinator is lost. */
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
   * Checks a run that has no report yet. If the run has no live coordinator, starts one or requests the report.
   * @throws BurstError (97) when the report cannot be made in any way
   */
  async look(control: Control | undefined): Promise<void> {
    const nowMs = this.#cloud.clock.nowMs()
    const orphanedAt = this.#orphanedAt(control)
    // Another coordinator has continued the run, so a later loss is handled like a first loss.
    if (nowMs < orphanedAt) this.#tried = 0
    if (nowMs < orphanedAt || (this.#tried > 0 && nowMs < this.#nextAt)) return
    this.#tried++
    if (this.#tried === 1) {
      this.#nextAt = nowMs + takeoverMs
      const event: CoordinatorEvent = { run: this.#plan.run }
      return this.#cloud.invoke('coordinator', event)
    }
    if (this.#tried === 2) {
      this.#nextAt = nowMs + finaliseMs
      return this.#cloud.invoke('finalise', lastWords(this.#plan.run, 'the coordinator was lost'))
    }
    throw new BurstError('runFailed', `run ${this.#plan.run} has ended without a report`, {
      hint: `try burst report ${this.#plan.run} --finalize`,
    })
  }

  /** Returns the time since which the run has had no live coordinator, according to its control. */
  #orphanedAt(control: Control | undefined): number {
    if (!control) return this.#plan.createdAt + lapsedMs
    const endsAt = endOf(this.#plan, control) ?? Number.POSITIVE_INFINITY
    const { timing } = this.#plan
    if (control.leaseUntil < endsAt) return control.leaseUntil - timing.leaseMs + missedRenewals * renewalOf(timing)
    return Math.max(control.leaseUntil, endsAt + this.#plan.timing.graceMs) + finaliseMs
  }
}

/** Returns the input for the finaliser when no coordinator can provide it. */
export function lastWords(run: string, message: string): FinaliseEvent {
  return { run, events: [], failed: [], failure: { reason: 'runFailed', message } }
}
