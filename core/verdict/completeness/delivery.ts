import { counted, few, grouped, moment, percentBeside } from '../../words.ts'
import type { Finding } from '../finding.ts'

/** The planned and the actual load, independent of the results of the requests. */
export interface Delivery {
  /** The user-seconds of a closed model; null if the load consists of arrivals. */
  users: UserTime | null
  /** The arrivals of an open model; null if the load consists of users, or if the run never began. */
  arrivals: { offered: number; dropped: { pool: number; generator: number; lost: number } } | null
  /**
   * burst terminated the engines of these workers, because the scenario's code did not return. `sinceS` is the last time at which the engine reported
   * a user, in seconds since the start; 0 if the engine never reported a user.
   */
  terminated: readonly { slice: number; sinceS: number }[]
  /**
   * The users that awaited a promise that never settled. Each entry is for one class and task. `sinceS` is the second of the run in which the
   * earliest of these users began to wait.
   */
  hung: readonly { task: string; users: number; sinceS: number }[]
  /** The number of times that `onStart` failed, and the number of arrivals whose iteration therefore did not run. */
  onStart: { failed: number; unserved: number }
  /** The number of users that stopped because their `unique()` feed had no more rows. With arrivals, each of these users ended its arrival early. */
  exhausted: number
  /**
   * The end of the load in seconds since the start. `endedAtS` is the actual end. `plannedS` is the planned end; null if the plan has no end.
   */
  endedAtS: number
  plannedS: number | null
}

/** User-seconds, summed over all users. */
export interface UserTime {
  plannedS: number
  /**
   * The number of planned user-seconds in which users were active or had ended by themselves. A user ends by itself when it calls `stop()`, when its
   * iterations are done, or when its data is used up.
   */
  deliveredS: number
  /**
   * The workers that delivered less than 99 % of their planned user time. The worker that delivered the smallest fraction of its planned time comes
   * first.
   */
  short: readonly number[]
}

/** The fraction of the planned load that may be missing. If a larger fraction is missing, the run is inconclusive. */
const mayMiss = 0.01

/**
 * Returns the findings about the load. By default these findings have no exit code, because the counts are exact even if the load differed from the
 * plan.
 * @param isEndExplained `true` if another finding explains that the load ended before the planned end. In this case, missing users are not a finding.
 * Arrivals that were lost with a worker then do not count towards the limit of 1 %.
 */
export function deliveryFindings(delivery: Delivery, isEndExplained = false): Finding[] {
  const { users, arrivals, terminated, hung, onStart } = delivery
  const sentences = [
    ...(arrivals ? arrivalFindings(arrivals, delivery, isEndExplained) : []),
    ...endedEngines(terminated),
    ...hung.map(hungUsers),
    ...(users && !isEndExplained ? missingUsers(users, onStart) : []),
  ]
  return sentences.map((sentence) => ({ reason: 'ok', result: 'inconclusive', sentence }))
}

/**
 * Returns whether `deliveryFindings` is empty: the missing part of the planned load is at most 1 %, no engine was terminated, and no user awaited a
 * promise that never settled.
 */
export function isDelivered(delivery: Delivery): boolean {
  return deliveryFindings(delivery).length === 0
}

/**
 * Returns whether, according to a report, more than 1 % of the planned user-seconds is missing, or more than 1 % of the arrivals were not started.
 * The other findings of `deliveryFindings` do not count.
 */
export function isShort({
  load,
  arrivals,
}: {
  load: { deliveredShare: number } | null
  arrivals: Delivery['arrivals']
}): boolean {
  return (
    (load !== null && load.deliveredShare < 1 - mayMiss) || (arrivals !== null && droppedArrivals(arrivals).length > 0)
  )
}

function arrivalFindings(
  arrivals: NonNullable<Delivery['arrivals']>,
  { onStart, exhausted }: Pick<Delivery, 'onStart' | 'exhausted'>,
  isEndExplained: boolean,
): string[] {
  return [
    ...droppedArrivals(arrivals, isEndExplained),
    ...unservedArrivals(arrivals, onStart),
    ...arrivalsWithoutData(arrivals, exhausted),
  ]
}

function droppedArrivals({ offered, dropped }: NonNullable<Delivery['arrivals']>, isEndExplained = false): string[] {
  const { pool, generator, lost } = dropped
  const all = pool + generator + lost
  if ((isEndExplained ? pool + generator : all) <= mayMiss * offered) return []
  const causes = [
    pool > 0 &&
      `${grouped(pool)} because no user was free (maxUsers is too low, or the target is too slow for this rate)`,
    generator > 0 && `${grouped(generator)} because burst was late`,
    lost > 0 && `${grouped(lost)} because a worker was lost`,
  ]
  const why = causes.filter((cause) => cause !== false).join(', ')
  return [
    `${grouped(all)} of ${counted(offered, 'arrival')} (${percentBeside(all / offered, mayMiss)}) were not started: ${why}`,
  ]
}

function unservedArrivals({ offered }: { offered: number }, { failed, unserved }: Delivery['onStart']): string[] {
  if (unserved <= mayMiss * offered) return []
  const part = `${grouped(unserved)} of ${counted(offered, 'arrival')} (${percentBeside(unserved / offered, mayMiss)})`
  return [`${part} ran no iteration, because onStart of their users failed (${counted(failed, 'time')} in the run)`]
}

function arrivalsWithoutData({ offered }: { offered: number }, exhausted: number): string[] {
  if (exhausted <= mayMiss * offered) return []
  const part = `${grouped(exhausted)} of ${counted(offered, 'arrival')} (${percentBeside(exhausted / offered, mayMiss)})`
  return [`${part} ended early, because no row was left in a unique() feed: add rows, or use unique({ recycle: true })`]
}

function endedEngines(terminated: Delivery['terminated']): string[] {
  if (terminated.length === 0) return []
  const which = terminated.map(({ slice, sinceS }) => `worker ${slice} from ${moment(sinceS)}`)
  return [`the scenario's code did not return, so burst ended the worker: ${few(which)}`]
}

function hungUsers({ task, users, sinceS }: Delivery['hung'][number]): string {
  const since = users === 1 ? `from ${moment(sinceS)} on` : `the first from ${moment(sinceS)} on`
  return `${counted(users, 'user')} of ${task} awaited a promise that never settled, ${since}`
}

function missingUsers({ plannedS, deliveredS, short }: UserTime, { failed }: Delivery['onStart']): string[] {
  if (plannedS === 0 || deliveredS >= (1 - mayMiss) * plannedS) return []
  const share = `${grouped(tenth(deliveredS))} of ${grouped(tenth(plannedS))} planned user-seconds (${percentBeside(deliveredS / plannedS, 1 - mayMiss)})`
  const who =
    short.length === 0
      ? ''
      : `; less than planned on ${short.length === 1 ? 'worker' : 'workers'} ${few(short.map(String))}`
  const why = failed === 0 ? '' : `; onStart failed ${counted(failed, 'time')}`
  return [`part of the planned load did not happen: users were active for ${share}${who}${why}`]
}

function tenth(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
