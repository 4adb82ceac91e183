import { greatest, smallest } from '../extremes.ts'
import { type Fleet, fleetAt } from '../fleet/fleet.ts'
import { type Profile, type ProfilePoint, arrivalsBefore, usersAt } from '../plan/load/load.ts'
import type { RunPlan } from '../plan/plan.ts'
import { type ArrivalCell, type SecondCell, type Window, type WorkerCell, emptySecondCell } from '../window/window.ts'
import type { Control } from '../fleet/control.ts'
import { pausedMs } from '../fleet/changes/pause.ts'
import type { SecondEntry } from './entries/report-entries.ts'
import type { Report } from './report.ts'

/** The maximum number of seconds of a report: a week. `seconds[]` does not contain later seconds. */
const secondCap = 604_800

/** The moments of a run. They do not depend on the current time, so all reports of a run that has ended are the same. */
export interface Timeline {
  /** The workers and their load, according to the plan and the control file. */
  fleet: Fleet
  /** Epoch milliseconds. */
  startedAt: number
  endedAt: number
  /** The time from the start to the end in seconds. */
  seconds: number
  /**
   * If the run was stopped: the time from the start to the stop, in milliseconds; 0 if the stop was before the start. If the run is in progress and
   * was not stopped: the time from the start to the end of the report so far. If the run has ended and was not stopped: null.
   */
  stopMs: number | null
  /** The planned load and its changes until the stop of the run. */
  profile: Profile
  /**
   * The load that was expected from the run. If the run was stopped, this load ends at the stop. Exception: if burst stopped the run because of a
   * failure, the planned load after the stop is included and counts as missing.
   */
  wanted: Profile
  /**
   * The first and the last moment of the load, in milliseconds since the start; both are 0 when there was no load. The last moment is never after the
   * planned end of the load, even if users end later.
   */
  activeFromMs: number
  activeToMs: number
  /** The time over which rates are computed, in seconds: from `activeFromMs` to `activeToMs`, without pauses. */
  loadSeconds: number
}

/** The data from which the timeline of a run is computed. */
interface Traces {
  plan: RunPlan
  control: Control | null
  failure: { message: string } | null
  soFarMs?: number
  gathered: { totals: Pick<Window, 'seconds' | 'workers'> }
}

export function timelineOf({ plan, control, failure, soFarMs, gathered: { totals } }: Traces): Timeline {
  const startedAt = control?.startAt ?? plan.createdAt + plan.timing.startLeadMs
  const stopMs = control?.stop ? Math.max(0, control.stop.at - startedAt) : (soFarMs ?? null)
  const fleet = fleetAt(plan, control)
  const length = lengthOf({ plan, fleet }, stopMs, lastSecond(totals.seconds) + 1)
  return {
    fleet,
    startedAt,
    endedAt: startedAt + length * 1000,
    seconds: length,
    stopMs,
    profile: cutAt(fleet.profile, stopMs),
    wanted: cutAt(fleet.profile, isOwnStop(control, failure) ? null : stopMs),
    ...activeTime(plan, fleet, [...totals.workers.values()]),
  }
}

/** Returns whether burst itself stopped the run because of a failure. In this case, the stop and the failure have the same reason. */
function isOwnStop(control: Control | null, failure: Traces['failure']): boolean {
  return control?.stop != null && control.stop.reason === failure?.message
}

function cutAt({ points, endMs }: Profile, stopMs: number | null): Profile {
  const ends = [endMs, stopMs].filter((ms) => ms !== null)
  return { points, endMs: ends.length === 0 ? null : Math.min(...ends) }
}

/**
 * Returns the first and the last moment with a user. If the last moment is after the planned end of the load, returns the planned end instead. With
 * arrivals, the first moment is the time at which the planned rate begins to exceed 0, unless a user was active before.
 */
function activeTime(
  { model }: Pick<RunPlan, 'model'>,
  { profile, pauses }: Pick<Fleet, 'profile' | 'pauses'>,
  workers: readonly WorkerCell[],
): Pick<Timeline, 'activeFromMs' | 'activeToMs' | 'loadSeconds'> {
  const active = workers.filter((cell) => cell.activeFromMs !== null)
  if (active.length === 0) return { activeFromMs: 0, activeToMs: 0, loadSeconds: 0 }
  const first = smallest(active, (cell) => cell.activeFromMs ?? 0)
  const last = greatest(active, (cell) => cell.activeToMs ?? 0)
  const activeFromMs = model === 'arrivals' ? Math.min(first, firstLoadMs(profile)) : first
  // At the planned end of the load, the remaining users are asked to stop. Some of these users therefore end shortly after the planned end.
  const activeToMs = Math.max(activeFromMs, Math.min(last, profile.endMs ?? last))
  const loadMs = activeToMs - activeFromMs - pausedMs(pauses, activeFromMs, activeToMs)
  return { activeFromMs, activeToMs, loadSeconds: loadMs / 1000 }
}

function firstLoadMs({ points }: Profile): number {
  const rising = points.findIndex(({ level }) => level > 0)
  if (rising === -1) return 0
  const [before, first] = [points[rising - 1], points[rising] as ProfilePoint]
  return before?.atMs ?? first.atMs
}

/**
 * Returns the length of the run in seconds: the end of the last second that has counts, or 0 if no second has counts. If the run has counts and a
 * planned end, was not stopped, and has no limit of iterations, the length is at least the planned length, but at most `secondCap`.
 */
function lengthOf({ plan, fleet }: { plan: RunPlan; fleet: Fleet }, stopMs: number | null, reported: number): number {
  const { endMs } = fleet.profile
  if (reported === 0 || stopMs !== null || plan.iterations !== null || endMs === null) return reported
  return Math.min(secondCap, Math.max(reported, Math.ceil(endMs / 1000)))
}

function lastSecond(seconds: ReadonlyMap<number, SecondCell>): number {
  let last = -1
  for (const [at, { users, draining, requests, dropped }] of seconds) {
    if (at < secondCap && users + draining + requests + dropped > 0) last = Math.max(last, at)
  }
  return last
}

/** The counts per second. */
interface CountedSeconds {
  totals: { seconds: ReadonlyMap<number, SecondCell> }
  watch: { lateBySecond: ReadonlyMap<number, number> }
}

/**
 * Returns the planned users, the actual users and the requests of each second. In the open model, `plannedUsers` is 0, because users are not planned.
 */
export function secondsOf(
  plan: RunPlan,
  timeline: Timeline,
  { totals: { seconds }, watch: { lateBySecond } }: CountedSeconds,
): SecondEntry[] {
  return Array.from({ length: timeline.seconds }, (_, at) => {
    const { users, draining, requests, failures, dropped } = seconds.get(at) ?? emptySecondCell()
    // Reads the profile immediately after the beginning of the second, as workers do. The result therefore includes a user that is due exactly at the
    // beginning of the second.
    const planned = plan.model === 'users' ? usersAt(timeline.profile, at * 1000 + 1) : 0
    // A user that has completed all its iterations is no longer planned.
    const plannedUsers = plan.iterations === null ? planned : Math.min(planned, users)
    return { at, plannedUsers, users, draining, requests, failures, dropped, late: lateBySecond.get(at) ?? 0 }
  })
}

/**
 * Returns the arrivals by outcome; null in the closed model. An arrival counts as lost if its worker was lost before the worker started the arrival
 * or counted the arrival as dropped.
 */
export function arrivalsOf(plan: RunPlan, timeline: Timeline, cell: ArrivalCell): Report['arrivals'] {
  if (plan.model !== 'arrivals') return null
  const known = cell.started + cell.droppedPool + cell.droppedGenerator
  const due = arrivalsBefore(timeline.fleet.profile, timeline.profile.endMs ?? timeline.seconds * 1000)
  const offered = Math.max(due, known)
  const dropped = { pool: cell.droppedPool, generator: cell.droppedGenerator, lost: offered - known }
  return { offered, started: cell.started, dropped }
}
