import { type PauseStep, takePauseStep } from '../run/pause-step.ts'
import { activeOrOnlyRun, planOfKnownRun } from './find-run.ts'
import type { KnownRun } from './run-folder.ts'

/**
 * Pauses or continues a local run in progress.
 * @param run undefined for the only run in progress
 * @returns a message about the change
 * @throws BurstError (104) when the run is not in progress or can't be paused, when `step` is `continue` and the run is not paused, or when no name
 * is given and the number of runs in progress is not 1
 */
export async function pauseLocal(run: string | undefined, step: PauseStep, cwd: string): Promise<string> {
  const known = await activeOrOnlyRun(run, cwd)
  return `run ${known.run} ${await pauseKnownRun(known, step)}`
}

/**
 * Pauses or continues a run that has already been found.
 * @returns a message about the change
 */
export async function pauseKnownRun(known: KnownRun, step: PauseStep): Promise<string> {
  return takePauseStep(known, await planOfKnownRun(known), step)
}
