import { invalidInput } from '../../../core/errors.ts'
import { type PauseStep, takePauseStep } from '../../run/pause-step.ts'
import { type Cloud, openCloud, planInStack } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { reportInStack } from './remote-run.ts'

/**
 * Pauses or continues a run in progress. To do so, changes the run's control file, which the workers read.
 * @returns a message about the change
 * @throws BurstError (104) when the run does not exist, is over, is stopping or cannot be paused; also when `step` is `continue` and the run is not
 * paused
 */
export async function pauseOne(place: Place, run: string, step: PauseStep): Promise<string> {
  const cloud = await openCloud(place)
  return `run ${run} ${await onAws(place, async () => pauseInCloud(cloud, run, step))}`
}

/**
 * Pauses or continues a run in a stack that has already been found.
 * @returns a message about the change
 */
export async function pauseInCloud(cloud: Cloud, run: string, step: PauseStep): Promise<string> {
  const plan = await planInStack(cloud, run)
  if (await reportInStack(cloud, run))
    throw invalidInput(`run ${run} is over`, { hint: `burst report ${run} shows its result` })
  return takePauseStep(cloud, plan, step)
}
