import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Control } from '../../../core/fleet/control.ts'
import { endOf } from '../../../core/fleet/run-end.ts'
import type { CoordinatorEvent, FinaliseEvent } from '../../../functions/events.ts'
import { renewalOf } from '../../../functions/coordinator/succession.ts'
import type { Cloud } from '../cloud.ts'

/** A run without control for this long has failed to start: Lambda tries again for about a minute. Milliseconds. */
const lapsedMs = 90_000
/** A coordinator that has missed this many renewals of its lease counts as lost; the next coordinator verifies it. */
const missedRenewals = 3
/** How long to wait for the finaliser, which may take 15 minutes. Milliseconds. */
const finaliseMs = 16 * 60_000
/**
 * How long a second coordinator may take to continue the run or to collect the counts, before the report is requested directly.
 * Milliseconds.
 */
const takeoverMs = 5 * 60_000

/** Ensures that a run gets its report although its coordinator is lost. */
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
   * Checks a run that has no report yet, and rescues it if it has no live coordinator.
   * @throws BurstError (97) when no rescue worked
   */
  async look(control: Control | undefined): Promise<void> {
    const nowMs = this.#cloud.clock.nowMs()
    const orphanedAt = this.#orphanedAt(control)
    // Another coordinator continues the run, so a later loss is the first one again.
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

  /** The time from which the run has no live coordinator, according to its control. */
  #orphanedAt(control: Control | undefined): number {
    if (!control) return this.#plan.createdAt + lapsedMs
    const endsAt = endOf(this.#plan, control) ?? Number.POSITIVE_INFINITY
    const { timing } = this.#plan
    if (control.leaseUntil < endsAt) return control.leaseUntil - timing.leaseMs + missedRenewals * renewalOf(timing)
    return Math.max(control.leaseUntil, endsAt + this.#plan.timing.graceMs) + finaliseMs
  }
}

/** The input for the finaliser when no coordinator can provide it. */
export function lastWords(run: string, message: string): FinaliseEvent {
  return { run, events: [], failed: [], failure: { reason: 'runFailed', message } }
}
