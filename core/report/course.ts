import { type Profile, arrivalsBefore, usersAt } from '../plan/load.ts'
import type { RunPlan } from '../plan/plan.ts'
import type { ArrivalCell, SecondCell } from '../window/window.ts'
import type { Control } from '../window/wire.ts'
import type { Report, SecondEntry } from './report.ts'

/** Seconds that a report shows at most: a week. What claims to be later is left out of `seconds[]`. */
const secondCap = 604_800

/** When things happened. Nothing here comes from a clock: a report made twice is the same. */
export interface Course {
  /** Epoch milliseconds. */
  startedAt: number
  endedAt: number
  /** Seconds from the start to the end. */
  seconds: number
  /** Milliseconds from the start to the stop; null when nobody stopped the run. */
  stopMs: number | null
  /** The plan's profile, cut off at the stop. */
  profile: Profile
}

export function courseOf(plan: RunPlan, control: Control | null, seconds: ReadonlyMap<number, SecondCell>): Course {
  const startedAt = control?.startAt ?? plan.createdAt + plan.timing.startLeadMs
  const stopMs = control?.stop ? Math.max(0, control.stop.at - startedAt) : null
  const ends = [plan.profile.endMs, stopMs].filter((ms) => ms !== null)
  const profile = { points: plan.profile.points, endMs: ends.length === 0 ? null : Math.min(...ends) }
  const length = lengthOf(plan, stopMs, lastSecond(seconds) + 1)
  return { startedAt, endedAt: startedAt + length * 1000, seconds: length, stopMs, profile }
}

/** To the last second in which anything was; and, where nobody ended the plan before its time, to the plan's end. */
function lengthOf(plan: RunPlan, stopMs: number | null, reported: number): number {
  if (reported === 0 || stopMs !== null || plan.iterations !== null || plan.profile.endMs === null) return reported
  return Math.min(secondCap, Math.max(reported, Math.ceil(plan.profile.endMs / 1000)))
}

function lastSecond(seconds: ReadonlyMap<number, SecondCell>): number {
  let last = -1
  for (const [at, { users, draining, requests }] of seconds) {
    if (at < secondCap && users + draining + requests > 0) last = Math.max(last, at)
  }
  return last
}

/** Planned and actual users and requests, second by second. In the open model users are not planned: `plannedUsers` is 0. */
export function secondsOf(plan: RunPlan, course: Course, seconds: ReadonlyMap<number, SecondCell>): SecondEntry[] {
  return Array.from({ length: course.seconds }, (_, at) => {
    const { users, draining, requests, failures } = seconds.get(at) ?? {
      users: 0,
      draining: 0,
      requests: 0,
      failures: 0,
    }
    const planned = plan.model === 'users' ? usersAt(course.profile, at * 1000) : 0
    // A user that has done its iterations leaves the plan as well.
    const plannedUsers = plan.iterations === null ? planned : Math.min(planned, users)
    return { at, plannedUsers, users, draining, requests, failures }
  })
}

/** Arrivals by what became of them; null in the closed model. What nobody started and nobody dropped was lost with its worker. */
export function arrivalsOf(plan: RunPlan, course: Course, cell: ArrivalCell): Report['arrivals'] {
  if (plan.model !== 'arrivals') return null
  const known = cell.started + cell.droppedPool + cell.droppedGenerator
  const due = arrivalsBefore(plan.profile, course.profile.endMs ?? course.seconds * 1000)
  const offered = Math.max(due, known)
  const dropped = { pool: cell.droppedPool, generator: cell.droppedGenerator, lost: offered - known }
  return { offered, started: cell.started, dropped }
}
