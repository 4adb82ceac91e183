import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Control } from '../../../core/fleet/control.ts'
import { endOf } from '../../../functions/coordinator/decisions.ts'
import type { CoordinatorEvent, FinaliseEvent } from '../../../functions/events.ts'
import { renewalOf } from '../../../functions/coordinator/succession.ts'
import type { Cloud } from '../cloud.ts'

/** A start that came to nothing is known after so long, milliseconds: Lambda tries again for about a minute. */
const lapsedMs = 90_000
/** A coordinator that has not renewed its lease for so many times is taken for lost; the next one makes sure of it. */
const missedRenewals = 3
/** The report of a run that is over may take its function's whole 15 minutes. */
const finaliseMs = 16 * 60_000
/** A second coordinator goes on with the run, or collects what there is; it gets so long before the report is asked for directly. */
const takeoverMs = 5 * 60_000

/** Sees to it that a run gets its report although its coordinator is lost. */
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
   * Takes a look at the run while there is no report.
   * @throws BurstError (97) when nothing helped
   */
  async look(control: Control | undefined): Promise<void> {
    const nowMs = this.#cloud.clock.nowMs()
    const orphanedAt = this.#orphanedAt(control)
    // Another coordinator goes on with it.
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

  /** When the run has nobody who looks after it, by what its control says. */
  #orphanedAt(control: Control | undefined): number {
    if (!control) return this.#plan.createdAt + lapsedMs
    const endsAt = endOf(this.#plan, control) ?? Number.POSITIVE_INFINITY
    const { timing } = this.#plan
    if (control.leaseUntil < endsAt) return control.leaseUntil - timing.leaseMs + missedRenewals * renewalOf(timing)
    return Math.max(control.leaseUntil, endsAt + this.#plan.timing.graceMs) + finaliseMs
  }
}

/** What the report's maker is told when no coordinator can tell it. */
export function lastWords(run: string, message: string): FinaliseEvent {
  return { run, events: [], failed: [], failure: { reason: 'runFailed', message } }
}
