import { counted } from '../../core/words.ts'
import { activeRun } from './find.ts'
import { askToStop, knownRuns } from './run-folder.ts'

/**
 * Asks the process of a local run to end it in order.
 * @returns a sentence
 * @throws BurstError (104) when the run is not on
 */
export async function stopLocal(run: string, reason: string, cwd: string): Promise<string> {
  await askToStop(await activeRun(run, cwd), reason)
  return `run ${run} is stopping; burst watch ${run} --local waits for its report`
}

/** Stops every local run of this user. */
export async function stopEveryLocal(reason: string): Promise<string> {
  const runs = (await knownRuns()).filter(({ active }) => active)
  for (const one of runs) await askToStop(one, reason)
  const names = runs.map(({ run }) => run).join(', ')
  return runs.length === 0 ? 'no local run is in progress' : `${counted(runs.length, 'run')} stopping: ${names}`
}
