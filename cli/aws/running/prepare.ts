import { isAllowedHost } from '../../../core/hosts/allowed-hosts.ts'
import { type Quote, quoteOf } from '../../../core/fleet/cost.ts'
import { invalidInput } from '../../../core/errors.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import { type RunPlan, usersPerWorkerCap } from '../../../core/plan/plan.ts'
import type { ScenarioBundle } from '../../bundle/bundle.ts'
import { type Origin, newPlan } from '../../run/new-plan.ts'
import { readConcurrency, workerRates } from '../account.ts'
import { functionsBuild } from '../functions-build.ts'
import { type Share, checkCapacity, fittingUsers, mostWorkers } from '../capacity.ts'
import { type Cloud, refuseSkew } from '../cloud.ts'
import { dollars, few, grouped } from '../../../core/words.ts'
import { refuseHalted } from './launch.ts'

/** A planned run that can be started. */
export interface Prepared {
  plan: RunPlan
  quote: Quote
  /** Notes to show before the start, for example how `--fit` changed the run. */
  notes: string[]
}

/**
 * Throws if the stack may not start runs at the moment. `burst run` calls this function before it loads the scenario.
 * @throws BurstError (97) when the stack has a different build, all its runs are halted, or the functions are not built
 */
export async function checkStack({ stack, store }: Cloud): Promise<void> {
  refuseSkew(stack, (await functionsBuild()).build)
  await refuseHalted({ store })
}

/** The run that the user requests. */
export interface Asked {
  bundle: ScenarioBundle
  options: RunOptions
  share: Share
  /** The maximum cost of the run in US dollars. If undefined, the budget of the scenario applies. */
  budgetUsd: number | undefined
}

/**
 * Plans a run. Checks that the stack may load-test the target, that the account has enough concurrency, and that the cost is within the budget.
 * @throws BurstError (104) when the options or the target are not valid, or when the budget is too small; (97) when the account lacks the concurrency
 */
export async function prepareRun(cloud: Cloud, { bundle, options, share, budgetUsd }: Asked): Promise<Prepared> {
  const { place, stack } = cloud
  const origin: Origin = { backend: 'aws', region: place.region, build: stack.build }
  const wished = newPlan(options, bundle, origin)
  checkAllowed(wished, stack.allow)
  const [concurrency, rates] = await Promise.all([readConcurrency(place, stack.worker), workerRates(stack.worker)])
  const most = mostWorkers(wished, concurrency, share)
  const shrunk = share.fit && wished.slices.length > most ? shrink(wished, options, most) : undefined
  const plan = shrunk ? newPlan(shrunk.options, bundle, origin) : wished
  checkCapacity(plan, concurrency, share)
  const quote = quoteOf(plan, rates)
  checkBudget(quote, budgetUsd ?? bundle.description.budgetUsd)
  return {
    plan: { ...plan, billing: { ...rates, estimateUsd: quote.usd } },
    quote,
    notes: shrunk ? [shrunk.note] : [],
  }
}

/** @throws BurstError (104) when the cost is above the budget; without a budget, any cost is allowed */
export function checkBudget({ usd }: Pick<Quote, 'usd'>, budgetUsd: number | undefined): void {
  if (budgetUsd === undefined || usd <= budgetUsd) return
  throw invalidInput(`the run would cost ${dollars(usd)}, but the budget is ${dollars(budgetUsd)}`, {
    hint: 'raise the budget, or reduce the users or the duration',
  })
}

function shrink(plan: RunPlan, options: RunOptions, most: number): { options: RunOptions; note: string } {
  const { workers, users } = fittingUsers(most, plan.users, options.usersPerWorker ?? usersPerWorkerCap)
  if (plan.model === 'arrivals') {
    return {
      options: { ...options, workers },
      note: `--fit: ${grouped(workers)} of ${grouped(plan.slices.length)} workers`,
    }
  }
  const note = `--fit: ${grouped(users)} of ${grouped(plan.users)} users, ${grouped(workers)} of ${grouped(plan.slices.length)} workers`
  return { options: { ...options, workers, ...(users < plan.users && { users }) }, note }
}

/** @throws BurstError (104) when the stack may not load-test the target */
export function checkAllowed({ host }: Pick<RunPlan, 'host'>, allow: readonly string[]): void {
  const { hostname } = new URL(host)
  if (isAllowedHost(allow, hostname)) return
  throw invalidInput(`this stack may not load-test ${hostname}: it may load-test ${few(allow, 10) || 'no host'}`, {
    hint: `burst deploy ${[...allow, hostname].map((one) => `--allow '${one}'`).join(' ')}`,
  })
}
