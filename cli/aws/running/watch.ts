import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { keys } from '../../../functions/keys.ts'
import type { RunRequest } from '../../run/run-request.ts'
import { claimFolder } from '../../run/outputs/claimed-folder.ts'
import { checkOut, outputFolder, prepareOutputs } from '../../run/outputs/result-files.ts'
import { screenFor } from '../../terminal/display.ts'
import { type Cloud, openCloud, planInStack } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { watchRun } from './run-on-aws.ts'

/**
 * Shows a run that another process started, and writes its report to files.
 * @returns the exit code of the run's verdict
 */
export async function watchOnAws(
  place: Place,
  run: string,
  request: Omit<RunRequest, 'file' | 'options'>,
): Promise<number> {
  await checkOut(request)
  const cloud = await openCloud(place)
  const plan = await onAws(place, async () => startedPlan(cloud, run))
  const folder = outputFolder(request, run)
  await prepareOutputs(folder)
  const release = request.out === undefined ? undefined : await claimFolder(folder, run)
  const screen = screenFor(request.json ? process.stderr : process.stdout, request.quiet)
  try {
    return await watchRun(cloud, plan, { ...request, folder, screen })
  } finally {
    await release?.()
  }
}

/**
 * Returns the plan of a run that was started. Does not start a run.
 * @throws BurstError (104) when the run does not exist, (97) when its start was refused or its plan cannot be read
 */
export async function startedPlan(cloud: Pick<Cloud, 'store' | 'stack'>, run: string): Promise<RunPlan> {
  const plan = await planInStack(cloud, run)
  const signs = [keys.output(run, 'report.json'), keys.coordinator(run), keys.active(run)]
  for (const sign of signs) if (await cloud.store.get(sign)) return plan
  throw new BurstError('runFailed', `run ${run} was never started`, { hint: 'start a new run with burst run' })
}
