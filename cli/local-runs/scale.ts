import type { Wanted } from '../../core/fleet/changes/scale.ts'
import { scaleRun } from '../../functions/control/scale-run.ts'
import { scaledInWords } from '../run/scaled-in-words.ts'
import { activeOrOnlyRun, planOfKnownRun } from './find-run.ts'
import type { KnownRun } from './run-folder.ts'

/**
 * Changes the load of a local run in progress.
 * @param run undefined for the only run in progress
 * @returns a message about the change
 * @throws BurstError (104) when the run is not in progress, when its load cannot be changed, or when no name is given and the number of runs in
 * progress is not 1
 */
export async function scaleLocal(run: string | undefined, wanted: Wanted, cwd: string): Promise<string> {
  const known = await activeOrOnlyRun(run, cwd)
  return `run ${known.run} changes ${await scaleKnownRun(known, wanted)}`
}

/**
 * Changes the load of a run that has already been found.
 * @returns a message about the change
 */
export async function scaleKnownRun(known: KnownRun, wanted: Wanted): Promise<string> {
  const plan = await planOfKnownRun(known)
  const epoch = await scaleRun(known, plan, { wanted, agreed: () => Promise.resolve(true) })
  return epoch ? scaledInWords(plan, epoch) : ''
}
