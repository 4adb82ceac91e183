import { BurstError } from '../../../core/errors.ts'
import { few } from '../../../core/words.ts'
import type { Cloud } from '../cloud.ts'
import { activeRuns } from '../running/active-runs.ts'

/**
 * Throws if a run is in progress, because the stack must not change during a run. A run whose coordinator is lost does not count. If `force` is true,
 * checks nothing.
 * @throws BurstError (97) that names the runs
 */
export async function refuseWhileRunning(cloud: Cloud, force: boolean): Promise<void> {
  if (force) return
  const alive = (await activeRuns(cloud)).filter((one) => one.alive).map(({ run }) => run)
  if (alive.length === 0) return
  throw new BurstError('runFailed', `${alive.length === 1 ? 'a run is' : 'runs are'} still running: ${few(alive)}`, {
    hint: `wait until no run is in progress, run burst stop ${alive[0]}, or add --force`,
  })
}
