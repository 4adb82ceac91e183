import { isAllowedHost } from '../../core/allowed-hosts.ts'
import { type Quote, dollars, quoteOf } from '../../core/plan/cost.ts'
import { BurstError, invalidInput } from '../../core/errors.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import { type RunPlan, usersPerWorkerCap } from '../../core/plan/plan.ts'
import { grouped } from '../../core/words.ts'
import { keys } from '../../functions/keys.ts'
import type { ScenarioBundle } from '../bundle/bundle.ts'
import { type Origin, planned } from '../local.ts'
import { readConcurrency, workerRates } from './account.ts'
import { functionsBuild } from './build.ts'
import { type Share, checkCapacity, fittingUsers, mostWorkers } from './capacity.ts'
import { type Cloud, refuseSkew } from './cloud.ts'
import { halt } from './runs.ts'

/** A run that may be started. */
export interface Prepared {
  plan: RunPlan
  quote: Quote
  /** What was changed of what was asked for, and other things to know before. */
  notes: string[]
}

/**
 * Refuses a stack on which nothing may be started now, before the scenario is looked at.
 * @throws BurstError (97 or 104)
 */
export async function checkStack({ stack, store }: Cloud): Promise<void> {
  refuseSkew(stack, (await functionsBuild()).build)
  if (await store.get(halt)) {
    throw new BurstError('runFailed', 'all runs of this stack are halted', {
      hint: 'burst resume lets them start again',
    })
  }
}

/**
 * Plans a run and holds it against what the stack may load and the account may carry.
 * @throws BurstError (97 or 104) with what stands in the way
 */
export async function prepareRun(
  cloud: Cloud,
  { bundle, options, share }: { bundle: ScenarioBundle; options: RunOptions; share: Share },
): Promise<Prepared> {
  const { place, stack } = cloud
  const origin: Origin = { backend: 'aws', region: place.region, build: stack.build }
  const wished = planned(options, bundle, origin)
  checkAllowed(wished, stack.allow)
  checkLength(wished)
  const [concurrency, rates] = await Promise.all([readConcurrency(place, stack.worker), workerRates(stack.worker)])
  const most = mostWorkers(concurrency, share)
  const shrunk = share.fit && wished.slices.length > most ? shrink(wished, options, most) : undefined
  const plan = shrunk ? planned(shrunk.options, bundle, origin) : wished
  checkCapacity(plan, concurrency, share)
  const quote = quoteOf(plan, rates)
  checkBudget(quote, bundle.description.budgetUsd)
  return {
    plan: { ...plan, billing: { ...rates, estimateUsd: quote.usd } },
    quote,
    notes: shrunk ? [shrunk.note] : [],
  }
}

/** @throws BurstError (104) when the scenario's budget would not do */
export function checkBudget({ usd }: Pick<Quote, 'usd'>, budgetUsd: number | undefined): void {
  if (budgetUsd === undefined || usd <= budgetUsd) return
  throw invalidInput(`the run would cost ${dollars(usd)}, and the scenario's budget is ${dollars(budgetUsd)}`, {
    hint: 'raise the budget, or ask for fewer users or less time',
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

/** @throws BurstError (104) when the stack may not load the target */
export function checkAllowed({ host }: Pick<RunPlan, 'host'>, allow: readonly string[]): void {
  const { hostname } = new URL(host)
  if (isAllowedHost(allow, hostname)) return
  throw invalidInput(`this stack may not load ${hostname}: it may load ${allow.join(', ') || 'nothing'}`, {
    hint: `burst deploy ${[...allow, hostname].map((one) => `--allow '${one}'`).join(' ')}`,
  })
}

/** A worker is one invocation, at most 15 minutes long (AWS, "Lambda quotas"), which must also hold its start and its end. */
const longestMs = 13 * 60_000

function checkLength({ profile }: RunPlan): void {
  if (profile.endMs === null || profile.endMs <= longestMs) return
  throw invalidInput('the run is longer than a worker on AWS may live', { hint: 'give at most -t 13m' })
}

/** Puts the run into the store and has it started; from here on it needs nobody. */
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
  await store.put(keys.plan(plan.run), JSON.stringify(plan))
  await store.put(keys.control(plan.run), JSON.stringify(control))
  await store.put(keys.active(plan.run), '')
  await cloud.invoke('coordinator', { run: plan.run })
}
