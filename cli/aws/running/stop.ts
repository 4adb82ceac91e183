import { counted } from '../../../core/words.ts'
import type { StopHow } from '../../local-runs/stop.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { openCloud, planInStack } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { reportInStack } from './remote-run.ts'
import { type Stopping, resume, stopAll } from './active-runs.ts'

/**
 * Stops one run, even if its coordinator is lost: the workers read the request to stop from the run's control file. Does nothing if the run has a
 * report.
 * @returns a message about the stop
 * @throws BurstError (104) when the run does not exist, (97) when its control file cannot be read or written
 */
export async function stopOne(place: Place, run: string, { reason, now }: StopHow): Promise<string> {
  const cloud = await openCloud(place)
  return onAws(place, async () => {
    await planInStack(cloud, run)
    if (await reportInStack(cloud, run)) return `run ${run} is over; burst report ${run} shows its result`
    await stopRun(cloud, run, reason, now)
    return `run ${run} is stopping; burst watch ${run} waits for its report`
  })
}

/** Stops every run of a stack, and prevents new runs until `burst resume`. @returns a message with the names of the stopped runs */
export async function stopEvery(place: Place, how: StopHow): Promise<string> {
  const cloud = await openCloud(place)
  return `${inWords(await onAws(place, async () => stopAll(cloud, how)))}; no run can start until you run burst resume`
}

function inWords({ asked, uncontrolled }: Stopping): string {
  const ended = `${counted(uncontrolled.length, 'run')} ending immediately, because the control file was damaged or missing: ${uncontrolled.join(', ')}`
  const stopping = `${counted(asked.length, 'run')} stopping: ${asked.join(', ')}`
  const parts = [...(asked.length > 0 ? [stopping] : []), ...(uncontrolled.length > 0 ? [ended] : [])]
  return parts.join('; ') || 'no run was running'
}

export async function resumeStack(place: Place): Promise<string> {
  const cloud = await openCloud(place)
  return (await onAws(place, async () => resume(cloud))) ? 'runs may start again' : 'runs were not halted'
}
