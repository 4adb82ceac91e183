import { BurstError } from '../../core/errors.ts'
import { type Fleet, type FleetPlan, fleetAt } from '../../core/fleet/fleet.ts'
import { slicesOf } from '../../core/plan/plan.ts'
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

const askAws = 'ask AWS for more concurrency: Service Quotas, Lambda, "Concurrent executions" (L-B99A9384)'

/** The concurrency that a run needs. */
interface Need {
  /** The number of workers that generate load at the same time. */
  workers: number
  /** The maximum number of workers that wait for a hand-over at the same time. */
  waiting: number
  /**
   * The number of all other executions: a reducer for each shard, the coordinator, the next coordinator at a hand-over, and one hook or
   * the finaliser.
   */
  others: number
}

function needOf(plan: FleetPlan): Need {
  const fleet = fleetAt(plan)
  return { workers: fleet.slices.length, waiting: waitingIn(plan, fleet), others: fleet.shards + 3 }
}

/**
 * Returns the maximum number of workers that wait for a hand-over at the same time. Before a worker takes over a slice, it starts and then waits for
 * the hand-over. The hand-overs of the slices are spread over half of the hand-over interval.
 */
function waitingIn({ handOver }: FleetPlan, { slices }: Fleet): number {
  const following = slices.filter(({ handOverMs }) => handOverMs !== null).length
  return handOver ? Math.min(following, Math.ceil((2 * following * handOver.aheadMs) / handOver.intervalMs)) : 0
}

/**
 * Returns the concurrency that one run may use. This is the number from the flag, or half of the free concurrency by default. It is never more than
 * the free concurrency.
 */
export function mayTake(found: Concurrency, { take }: Share): number {
  const free = freeOf(found)
  return take === undefined ? Math.floor(free / 2) : Math.min(take, free)
}

/** Returns the concurrency that the functions without a reservation may still use. */
export function freeOf({ unreserved, peak }: Concurrency): number {
  return Math.max(0, unreserved - peak)
}

/**
 * Returns the maximum number of workers with which a run fits into its limit; 0 if not even one worker fits. If concurrency is reserved for the
 * workers, the limit is the reserved concurrency. Otherwise, the limit is the concurrency that `mayTake` returns. The result leaves room for the
 * workers that wait for a hand-over, and for the other functions of the run.
 */
export function mostWorkers(plan: FleetPlan, found: Concurrency, share: Share): number {
  const fits = (workers: number): boolean => {
    const need = needOf({ ...plan, slices: slicesOf(plan.users, workers) })
    if (found.reserved === null) return sumOf(need) <= mayTake(found, share)
    return need.workers + need.waiting <= found.reserved && need.others <= freeOf(found)
  }
  let [enough, tooMany] = [0, (found.reserved ?? mayTake(found, share)) + 1]
  while (tooMany - enough > 1) {
    const middle = Math.floor((enough + tooMany) / 2)
    if (fits(middle)) enough = middle
    else tooMany = middle
  }
  return enough
}

function sumOf({ workers, waiting, others }: Need): number {
  return workers + waiting + others
}

/**
 * Checks that a run needs no more concurrency than it may use. If concurrency is reserved for the workers, checks that the reservation suffices for
 * them, and that the free concurrency suffices for the other functions.
 * @throws BurstError (97) with the numbers and what to do
 */
export function checkCapacity(plan: FleetPlan, found: Concurrency, share: Share): void {
  const needed = needOf(plan)
  if (found.reserved !== null) return checkReserved(needed, found.reserved, freeOf(found))
  const need = sumOf(needed)
  if (need <= mayTake(found, share)) return
  const free = freeOf(found)
  throw new BurstError(
    'runFailed',
    `the run needs ${grouped(need)} concurrent executions of Lambda: ${why(found, free, share)}`,
    {
      hint:
        need <= free
          ? `reduce the run with --fit, or allow this concurrency with --take-concurrency ${need}`
          : `reduce the run with --fit, or ${askAws}`,
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

function checkReserved({ workers, waiting, others }: Need, reserved: number, free: number): void {
  if (workers + waiting > reserved) {
    const part =
      waiting === 0 ? '' : `; ${grouped(waiting)} of these workers wait until they take over the users of other workers`
    throw new BurstError(
      'runFailed',
      `the run needs ${grouped(workers + waiting)} workers, but this stack may run only ${grouped(reserved)} at a time`,
      {
        hint: `reduce the run with --fit, or deploy with a larger --reserve${part}`,
      },
    )
  }
  if (others <= free) return
  throw new BurstError(
    'runFailed',
    `the run needs ${grouped(others)} concurrent executions of Lambda in addition to its workers, but only ${grouped(free)} are free`,
    {
      hint: `reduce the run with --fit, or ${askAws}`,
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
      hint: askAws,
    })
  }
  return { workers, users: Math.min(users, workers * perWorker) }
}

/** Parses `--take-concurrency`. @throws BurstError (104) when the value is not a whole number above 0 */
export function takenConcurrency(text: string | undefined): number | undefined {
  return whole(text, '--take-concurrency', Number.MAX_SAFE_INTEGER)
}
