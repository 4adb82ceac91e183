import { BurstError } from '../core/errors.ts'
import type { RunPlan } from '../core/plan/plan.ts'
import { decodePlan } from '../core/plan/plan-schema.ts'
import { keys } from './keys.ts'
import type { Store } from './ports.ts'

/**
 * Returns the stored plan of a run.
 * @throws BurstError (97) when the run does not exist, or when its plan cannot be read or belongs to a different run
 */
export async function readPlan(store: Store, run: string): Promise<RunPlan> {
  const plan = await findPlan(store, run)
  if (plan) return plan
  throw new BurstError('runFailed', `there is no run called ${run}`)
}

/**
 * Returns the plan of a run; undefined when the run does not exist.
 * @throws BurstError (97) when the plan cannot be read, or belongs to a different run
 */
export async function findPlan(store: Pick<Store, 'get'>, run: string): Promise<RunPlan | undefined> {
  const stored = await store.get(keys.plan(run))
  if (!stored) return undefined
  const plan = decodePlan(stored.body)
  if (plan.run === run) return plan
  throw new BurstError('runFailed', `the plan stored for run ${run} is the plan of run ${plan.run}`)
}
