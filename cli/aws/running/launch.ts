import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { haltOf, stopRun } from '../../../functions/control/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import { withSecret } from '../../../functions/signature.ts'
import { putPlan } from '../../../functions/variables.ts'
import type { ScenarioBundle } from '../../bundle/bundle.ts'
import type { Cloud } from '../cloud.ts'

/**
 * Stores the run and starts it. The started run does not need this process.
 * @throws BurstError (97) when all runs of the stack are halted; the run is then not started
 */
export async function launch(
  cloud: Cloud,
  plan: RunPlan,
  bundle: Pick<ScenarioBundle, 'hash' | 'code'>,
): Promise<void> {
  const { store, clock } = cloud
  const nowMs = clock.nowMs()
  const { startLeadMs, leaseMs } = plan.timing
  const control = { v: 1, startAt: nowMs + startLeadMs, leaseUntil: nowMs + leaseMs, stop: null }
  await store.put(keys.bundle(bundle.hash), bundle.code, { ifAbsent: true })
  await putPlan(store, await withSecret(store, plan))
  await store.put(keys.control(plan.run), JSON.stringify(control))
  await store.put(keys.active(plan.run), '')
  try {
    // burst checks for a halt for the second time. The first check (`checkStack`) is before burst plans the run, and someone may have halted all runs
    // since then. If someone halts all runs after this second check, the halt also stops this run, because the run is already marked as active.
    await refuseHalted(cloud)
    await cloud.invoke('coordinator', { run: plan.run })
  } catch (error) {
    await takeBack(cloud, plan.run, 'the start of the run was refused')
    throw error
  }
}

/** @throws BurstError (97) when all runs of the stack are halted */
export async function refuseHalted({ store }: Pick<Cloud, 'store'>): Promise<void> {
  if ((await haltOf(store)) === undefined) return
  throw new BurstError('runFailed', 'all runs of this stack are halted', {
    hint: 'burst resume lets runs start again',
  })
}

/**
 * Takes back the start of a run: marks the run as stopped, and deletes its secret variables and its mark as an active run. If a coordinator of the
 * run starts later, the coordinator finds that the run is stopped, and ends the run.
 */
export async function takeBack(cloud: Pick<Cloud, 'store' | 'clock'>, run: string, reason: string): Promise<void> {
  await stopRun(cloud, run, reason)
  await cloud.store.delete(keys.variables(run))
  await cloud.store.delete(keys.active(run))
}
