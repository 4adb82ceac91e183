import { BurstError } from '../core/errors.ts'
import type { RunPlan } from '../core/plan/plan.ts'
import { keys } from './keys.ts'
import type { Store } from './ports.ts'

/**
 * The plan of a run, as the command line stored it.
 * @throws BurstError (97) when there is no such run
 */
export async function readPlan(store: Store, run: string): Promise<RunPlan> {
  const stored = await store.get(keys.plan(run))
  if (!stored) throw new BurstError('runFailed', `there is no run called ${run}`)
  return JSON.parse(stored.body) as RunPlan
}
