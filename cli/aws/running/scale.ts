import { invalidInput } from '../../../core/errors.ts'
import type { Epoch } from '../../../core/fleet/changes/epoch.ts'
import { type FleetControl, fleetAt } from '../../../core/fleet/fleet.ts'
import { type Wanted, epochInWords } from '../../../core/fleet/changes/scale.ts'
import { quoteOf } from '../../../core/fleet/cost.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { dollars } from '../../../core/words.ts'
import { haltOf } from '../../../functions/control/change-control.ts'
import { scaleRun } from '../../../functions/control/scale-run.ts'
import { scaledInWords } from '../../run/scaled-in-words.ts'
import { readConcurrency, workerRates } from '../account.ts'
import { agrees } from '../ask.ts'
import { checkCapacity } from '../capacity.ts'
import { type Cloud, openCloud, planInStack } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { reportInStack } from './remote-run.ts'

/** The additional cost in US dollars above which burst asks for confirmation of a change. */
const askAboveUsd = 1

/**
 * Changes the load of a run in progress. Checks that the account has enough concurrency for new workers, and asks for confirmation if the additional
 * cost is above $1.
 * @returns a message about the change
 * @throws BurstError (104) when the run does not exist, when its load cannot be changed, or when the person declines; (97) when the account lacks the
 * concurrency
 */
export async function scaleOne(
  place: Place,
  run: string,
  { wanted, yes }: { wanted: Wanted; yes: boolean },
): Promise<string> {
  const cloud = await openCloud(place)
  const agree = (question: string): Promise<boolean> => agrees(question, yes)
  return `run ${run} changes ${await onAws(place, async () => scaleInCloud(cloud, run, { wanted, agree }))}`
}

export interface Scaling {
  wanted: Wanted
  /** Asks a person to accept the additional cost. Returns false, or throws an error, if the person does not accept it. */
  agree: (question: string) => Promise<boolean>
}

/**
 * Changes the load of a run in a stack that has already been found.
 * @returns a message about the change
 * @throws the errors of `scaleOne`, and the error that `agree` throws
 */
export async function scaleInCloud(cloud: Cloud, run: string, { wanted, agree }: Scaling): Promise<string> {
  const plan = await planInStack(cloud, run)
  if (await reportInStack(cloud, run))
    throw invalidInput(`run ${run} is over`, { hint: `burst report ${run} shows its result` })
  const halt = await haltOf(cloud.store)
  if (halt !== undefined) throw invalidInput(`all runs of the stack are halted: ${halt}`)
  const agreed = async (epoch: Epoch, control: FleetControl): Promise<boolean> =>
    mayScale(cloud, { plan, epoch, control, agree })
  const epoch = await scaleRun(cloud, plan, { wanted, agreed })
  if (!epoch) throw invalidInput('the load was not changed')
  return scaledInWords(plan, epoch)
}

interface Change {
  plan: RunPlan
  epoch: Epoch
  control: FleetControl
  agree: Scaling['agree']
}

async function mayScale({ place, stack }: Cloud, { plan, epoch, control, agree }: Change): Promise<boolean> {
  const [concurrency, rates] = await Promise.all([readConcurrency(place, stack.worker), workerRates(stack.worker)])
  const before = asPlan(plan, control)
  const after = asPlan(plan, { ...control, epochs: [...(control?.epochs ?? []), epoch] })
  // If concurrency is reserved, checks all workers, because the reservation must suffice for all workers. Otherwise, checks only the new workers,
  // because the peak of the last hour already includes the current workers.
  const slices = concurrency.reserved === null ? epoch.slices : after.slices
  if (epoch.slices.length > 0) checkCapacity({ ...after, slices }, concurrency, { fit: false, take: undefined })
  const moreUsd = quoteOf(after, rates).usd - quoteOf(before, rates).usd
  if (moreUsd <= askAboveUsd) return true
  return agree(`${plan.run} changes ${epochInWords(plan, epoch)}: about ${dollars(moreUsd)} more. Continue?`)
}

/** Returns a plan in which the run has the fleet of `control` from the start. burst computes the price of the run from this plan. */
function asPlan(plan: RunPlan, control: FleetControl): RunPlan {
  const { profile, users, slices } = fleetAt(plan, control)
  return { ...plan, profile, users, slices }
}
