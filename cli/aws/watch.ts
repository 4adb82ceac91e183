import type { LocalRequest } from '../local.ts'
import { outputFolder, prepareOutputs } from '../outputs.ts'
import { screenFor } from '../terminal/display.ts'
import { openCloud, planOf } from './cloud.ts'
import { type Place, onAws } from './place.ts'
import { watchRun } from './run.ts'

/**
 * Shows a run that was started before, by whomever, and writes its report down.
 * @returns the exit code of its verdict
 */
export async function watch(
  place: Place,
  run: string,
  request: Omit<LocalRequest, 'file' | 'options'>,
): Promise<number> {
  const cloud = await openCloud(place)
  const plan = await onAws(place, async () => planOf(cloud, run))
  const folder = outputFolder(request, run)
  await prepareOutputs(folder)
  const screen = screenFor(request.json ? process.stderr : process.stdout, request.quiet)
  return watchRun(cloud, plan, { ...request, folder, screen })
}
