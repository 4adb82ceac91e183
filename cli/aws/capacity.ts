import { BurstError } from '../../core/errors.ts'
import { type Fleet, type FleetPlan, fleetAt } from '../../core/fleet/fleet.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { grouped } from '../../core/words.ts'
import { whole } from '../flags/numbers.ts'

/** The account's Lambda concurrency in the region. */
export interface Concurrency {
  limit: number
  /** The concurrency that no function has reserved for itself. */
  unreserved: number
  /** The highest use of the unreserved concurrency in the last hour. */
  peak: number
  /** The concurrency that is reserved for burst's workers; null if none is reserved. */
  reserved: number | null
}

/** The flags that limit the concurrency of a run. */
export interface Share {
  /** `true` to reduce a run that needs too much concurrency. burst then plans fewer workers and, if necessary, fewer users. */
  fit: boolean
  /** The concurrency that the run may use. The default is half of the free concurrency. */
  take: number | undefined
}

/**
 * Returns the maximum number of workers that wait for a hand-over at the same time. A worker that takes over a slice starts before the hand-over and
 * waits for it. The hand-overs of the slices are spread over half of the hand-over interval.
 */
function overlapOf({ handOver }: FleetPlan, { slices }: Fleet): number {
  const following = slices.filter(({ handOverMs }) => handOverMs !== null).length
  return handOver ? Math.min(following, Math.ceil((2 * following * handOver.aheadMs) / handOver.intervalMs)) : 0
}

/**
 * Returns the number of executions that a run needs in addition to the workers that generate load: a reducer for each shard, the coordinator, the
 * finaliser, one execution in reserve, and the workers that have started but have not yet taken over their users.
 */
function othersNeeded(plan: FleetPlan): number {
  const fleet = fleetAt(plan)
  return overlapOf(plan, fleet) + fleet.shards + 3
}

/**
 * Returns the concurrency that one run may use. This is the number from the flag, or half of the free concurrency by default. It is never more than
 * the free concurrency.
 */
export function mayTake({ unreserved, peak }: Concurrency, { take }: Share): number {
  const free = Math.max(0, unreserved - peak)
  return take === undefined ? Math.floor(free / 2) : Math.min(take, free)
}

/**
 * Returns the maximum number of workers that may generate load at a time: the reserved concurrency, or the workers for which `mayTake` suffices. The
 * result leaves no room for workers that wait for a hand-over.
 */
export function mostWorkers(found: Concurrency, share: Share): number {
  if (found.reserved !== null) return found.reserved
  const room = mayTake(found, share)
  // A shard has up to 25 workers. The reducer of each shard needs one execution.
  return Math.max(0, Math.floor(((room - 3) * 25) / 26))
}

/**
 * Checks that a run needs no more concurrency than it may use. If concurrency is reserved, compares only the number of slices with the reservation.
 * @throws BurstError (97) with the numbers and what to do
 */
export function checkCapacity(plan: RunPlan, found: Concurrency, share: Share): void {
  const workers = plan.slices.length
  if (found.reserved !== null) return checkReserved(workers, found.reserved)
  const need = workers + othersNeeded(plan)
  if (need <= mayTake(found, share)) return
  const free = Math.max(0, found.unreserved - found.peak)
  throw new BurstError(
    'runFailed',
    `the run needs ${grouped(need)} concurrent executions of Lambda: ${why(found, free, share)}`,
    {
      hint:
        need <= free
          ? `reduce the run with --fit, or allow this concurrency with --take-concurrency ${need}`
          : 'reduce the run with --fit, or ask AWS for more concurrency: Service Quotas, Lambda, "Concurrent executions" (L-B99A9384)',
    },
  )
}

function why({ limit, unreserved, peak }: Concurrency, free: number, share: Share): string {
  const used = `this account has a limit of ${grouped(limit)} executions, of which ${grouped(unreserved)} are unreserved; up to ${grouped(peak)} unreserved executions were in use in the last hour`
  const rule =
    share.take === undefined
      ? `a run may use at most half of the ${grouped(free)} free executions`
      : `the run may use ${grouped(Math.min(share.take, free))}`
  return `${used}; ${rule}`
}

function checkReserved(workers: number, reserved: number): void {
  if (workers <= reserved) return
  throw new BurstError(
    'runFailed',
    `the run needs ${grouped(workers)} workers, but this stack may run only ${grouped(reserved)} at a time`,
    {
      hint: 'reduce the run with --fit, or deploy with a larger --reserve',
    },
  )
}

/**
 * Limits the number of users to the maximum that `workers` workers can run. Returns the limited number of users and the number of workers.
 * @throws BurstError (97) when no worker may be started
 */
export function fittingUsers(workers: number, users: number, perWorker: number): { workers: number; users: number } {
  if (workers < 1) {
    throw new BurstError('runFailed', 'the run cannot start even one worker: no concurrency is free', {
      hint: 'ask AWS for more concurrency: Service Quotas, Lambda, "Concurrent executions" (L-B99A9384)',
    })
  }
  return { workers, users: Math.min(users, workers * perWorker) }
}

/** Parses `--take-concurrency`. @throws BurstError (104) when the value is not a whole number above 0 */
export function takenConcurrency(text: string | undefined): number | undefined {
  return whole(text, '--take-concurrency', Number.MAX_SAFE_INTEGER)
}
