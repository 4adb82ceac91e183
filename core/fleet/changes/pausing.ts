import { invalidInput } from '../../errors.ts'
import { type Profile, levelAt, peakLevel, steepestRise } from '../../plan/load/load.ts'
import type { RunPlan } from '../../plan/plan.ts'
import { counted, moment, span } from '../../words.ts'
import type { Control } from '../control.ts'
import { noticeMs } from './epoch.ts'
import { type Fleet, fleetAt } from '../fleet.ts'
import type { Pause, Return } from './pause.ts'

/** The shortest time in milliseconds over which users come back. */
const leastReturnMs = 5_000
/** The maximum number of pauses of a run. The number is limited because each pause stays in the control file, which every worker reads repeatedly. */
const pauseCap = 200
const secondMs = 1_000
/**
 * The number of users that come back depends on the duration of their return, because the load may rise during the return. The duration in turn
 * depends on the number of users. burst therefore repeats the computation with a longer duration until the duration is long enough for all users.
 * This constant is the maximum number of computations. If the last computed duration is still too short, burst uses the number of users at the peak
 * of the load.
 */
const mostTries = 100

/**
 * Makes a pause. The pause begins at the later of two times: the first whole second by which every worker can have read the changed control file, and
 * 1 s after the users began to come back from the previous pause.
 * @param nowMs the time since the run's start; negative before the start
 * @throws BurstError (104) when the run searches for its highest load, is paused or stopping, ends before the pause begins, or has had too many
 * pauses
 */
export function pauseFrom(plan: RunPlan, control: Control, nowMs: number): Pause {
  const { profile, pauses } = runOn(plan, control)
  if (plan.search)
    throw invalidInput(
      'the run searches for its highest load, so it cannot be paused: a pause would distort the result of a step',
    )
  const last = pauses.at(-1)
  if (last && !last.back) throw invalidInput(`the run is already paused from ${moment(last.fromMs / 1000)} on`)
  if (pauses.length >= pauseCap) throw invalidInput(`the run was paused ${pauseCap} times, which is the maximum`)
  const fromMs = Math.max(soonest(plan, nowMs), (last?.back?.atMs ?? 0) + secondMs)
  refuseAfterEnd(profile, { atMs: fromMs, nowMs }, 'before a pause would take effect')
  return { fromMs, back: null }
}

/**
 * Computes the end of the last pause of a run, and returns the pause with this end. Users come back over at least 5 s, and not faster than the
 * steepest rise of the load. Arrivals return to their rate immediately.
 * @param nowMs the time since the run's start
 * @throws BurstError (104) when the run is not paused, is stopping, or ends before the users come back
 */
export function pauseUntil(plan: RunPlan, control: Control, nowMs: number): Pause {
  const { profile, unpaused, pauses } = runOn(plan, control)
  const last = pauses.at(-1)
  if (!last || last.back) throw invalidInput(`run ${plan.run} is not paused`, { hint: 'burst pause pauses the run' })
  const atMs = Math.max(soonest(plan, nowMs), last.fromMs + secondMs)
  refuseAfterEnd(profile, { atMs, nowMs }, 'before the users would come back')
  return { ...last, back: plan.model === 'users' ? returnOf(unpaused, atMs) : { atMs, overMs: 0, users: 0 } }
}

function runOn(plan: RunPlan, control: Control): Fleet {
  if (control.stop) throw invalidInput(`run ${plan.run} is stopping`)
  return fleetAt(plan, control)
}

/** Returns the first whole second by which every worker can have read a change that is made now. */
function soonest({ timing }: RunPlan, nowMs: number): number {
  return Math.ceil((Math.max(0, nowMs) + noticeMs(timing)) / secondMs) * secondMs
}

function refuseAfterEnd({ endMs }: Profile, { atMs, nowMs }: { atMs: number; nowMs: number }, what: string): void {
  if (endMs === null || atMs < endMs) return
  throw invalidInput(`the run ends in ${span(Math.max(0, endMs - nowMs))}, ${what}`)
}

/**
 * Returns the number of users that come back one after another, and the duration of their return. If the load rises during the return, the additional
 * users also come back one after another.
 */
function returnOf(load: Profile, atMs: number): Return {
  const rise = steepestRise(load)
  const perSecond = Number.isFinite(rise) && rise > 0 ? rise : Number.POSITIVE_INFINITY
  const lasting = (users: number): number => Math.max(leastReturnMs, Math.round((users / perSecond) * 1000))
  let overMs = leastReturnMs
  for (let tries = 0; tries < mostTries; tries++) {
    const users = Math.ceil(highestIn(load, atMs, atMs + overMs))
    if (lasting(users) <= overMs) return { atMs, overMs, users }
    overMs = lasting(users)
  }
  const users = Math.ceil(peakLevel(load))
  return { atMs, overMs: lasting(users), users }
}

function highestIn({ points }: Profile, fromMs: number, untilMs: number): number {
  const whole = { points, endMs: null }
  const inner = points.filter(({ atMs }) => atMs > fromMs && atMs <= untilMs).map(({ level }) => level)
  return Math.max(levelAt(whole, fromMs), levelAt(whole, untilMs), ...inner)
}

/** Describes when a pause, or the end of a pause, takes effect. If the run has a planned end, adds this end. */
export function pauseInWords(plan: RunPlan, { fromMs, back }: Pause): string {
  const { endMs } = plan.profile
  const end = endMs === null ? '' : `; the run still ends at ${moment(endMs / 1000)}`
  if (back) return `continues at ${moment(back.atMs / 1000)}: ${returnInWords(plan, back)}${end}`
  return `pauses at ${moment(fromMs / 1000)}; its users keep their state${end}`
}

/** Describes how many users come back at the end of a pause, and how long their return takes. */
export function returnInWords({ model }: Pick<RunPlan, 'model'>, { overMs, users }: Return): string {
  if (model === 'arrivals') return 'arrivals start again at their full rate'
  return `${counted(users, 'user')} ${users === 1 ? 'comes' : 'come'} back over ${span(overMs)}`
}
