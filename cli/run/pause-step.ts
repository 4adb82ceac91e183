import type { RunPlan } from '../../core/plan/plan.ts'
import { pauseInWords } from '../../core/fleet/changes/pausing.ts'
import { continueRun, pauseRun } from '../../functions/control/pause-run.ts'
import type { Clock, Store } from '../../functions/ports.ts'

/** The requested pause or continuation of a run in progress. */
export type PauseStep = 'pause' | 'continue'

/**
 * Pauses or continues a run.
 * @returns a message about the change
 * @throws BurstError (104) when the run can't be paused. If `step` is `continue`, also throws this error when the run is not paused, or when the run
 * would end before its users come back.
 */
export async function takePauseStep(
  place: { store: Store; clock: Clock },
  plan: RunPlan,
  step: PauseStep,
): Promise<string> {
  return pauseInWords(plan, await (step === 'pause' ? pauseRun(place, plan) : continueRun(place, plan)))
}
