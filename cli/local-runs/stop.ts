import { counted } from '../../core/words.ts'
import { activeOrOnlyRun } from './find-run.ts'
import { askToStop, knownRuns } from './run-folder.ts'

/** Options for stopping a run. */
export interface StopHow {
  /** The reason for the stop, which the report shows. */
  reason: string
  /** `true` to cut off requests in flight and to skip `onStop`. */
  now: boolean
}

/**
 * Asks the process of a local run to stop the run.
 * @param name undefined for the only run in progress
 * @returns a message about the stop
 * @throws BurstError (104) when the run is not in progress, or when no name is given and the number of runs in progress is not 1
 */
export async function stopLocal(name: string | undefined, { reason, now }: StopHow, cwd: string): Promise<string> {
  const known = await activeOrOnlyRun(name, cwd)
  await askToStop(known, reason, now)
  const { run } = known
  return `run ${run} is stopping; burst watch ${run} --local waits for its report`
}

/** Asks the processes of all local runs of this user to stop these runs. Returns a message with the names of the runs. */
export async function stopEveryLocal({ reason, now }: StopHow): Promise<string> {
  const runs = (await knownRuns()).filter(({ active }) => active)
  for (const one of runs) await askToStop(one, reason, now)
  const names = runs.map(({ run }) => run).join(', ')
  return runs.length === 0 ? 'no local run is in progress' : `${counted(runs.length, 'run')} stopping: ${names}`
}
