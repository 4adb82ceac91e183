import { invalidInput } from '../../errors.ts'
import { levelAt } from '../../plan/load/load.ts'
import { type RunPlan, pooledUsersFor } from '../../plan/plan.ts'
import type { Control } from '../control.ts'
import { counted, grouped, perSecond, span } from '../../words.ts'
import { type Epoch, addedSlices, noticeMs } from './epoch.ts'
import { type Fleet, fleetAt } from '../fleet.ts'

/** A person's validated request to change the load during a run. */
export interface Wanted {
  model: RunPlan['model']
  /** The number of users, or arrivals per second; 0 or more. */
  level: number
  /**
   * The speed of the change: either the total duration of the change in milliseconds, or the number of users (or arrivals per second) by which the
   * load changes each second.
   */
  change: { overMs: number } | { perSecond: number }
}

/** The time in milliseconds within which a new worker is usually ready. */
const newWorkerMs = 10_000
/**
 * The maximum number of changes in one run. The number is limited because each change stays in the control file, which every worker reads repeatedly.
 */
const epochCap = 200
/** Closed model: an added worker can always get up to this number of users, even if each planned worker has fewer users. */
const fewestUsersPerWorker = 100

/**
 * Returns the change that brings the load of a run to `wanted`. The change takes effect at the beginning of the first window by which every worker
 * can have read the change. By then, additional workers are usually ready. These workers run the additional users. The new load stays until the end
 * of the run.
 * @param nowMs the time since the run's start; negative before the start
 * @throws BurstError (104) when the run has a different load model, is stopping, searches for its highest load, ends before the change begins, or has
 * had too many changes
 */
export function epochFor(plan: RunPlan, control: Control, wanted: Wanted, nowMs: number): Epoch {
  checkModel(plan, wanted)
  checkSteered(plan, control)
  const epochs = control.epochs ?? []
  if (epochs.length >= epochCap) throw invalidInput(`the load was changed ${epochCap} times, which is the maximum`)
  const fleet = fleetAt(plan, control)
  const slices = slicesFor(plan, fleet, wanted.level)
  const fromMs = beginOf(plan, { nowMs, afterMs: epochs.at(-1)?.fromMs ?? -1, grows: slices.length > 0 })
  const { endMs } = fleet.profile
  if (endMs !== null && fromMs >= endMs) {
    throw invalidInput(`the run ends in ${span(Math.max(0, endMs - nowMs))}, before a change would take effect`)
  }
  const level = levelAt(fleet.unpaused, fromMs)
  const points = [
    { atMs: fromMs, level },
    { atMs: fromMs + durationMs(wanted, level), level: wanted.level },
  ]
  return { fromMs, profile: { points, endMs }, slices }
}

function checkSteered({ run, search }: RunPlan, { stop }: Control): void {
  if (stop) throw invalidInput(`run ${run} is stopping`)
  if (search)
    throw invalidInput(
      'the run searches for its highest load: burst sets the load, and a person cannot change the load',
    )
}

function checkModel({ model }: RunPlan, wanted: Wanted): void {
  if (model === wanted.model) return
  if (model === 'users')
    throw invalidInput('the load of this run is a number of users, not a rate', { hint: 'give --users' })
  throw invalidInput('the load of this run is a rate of arrivals, not a number of users', { hint: 'give --rate' })
}

function durationMs({ level, change }: Wanted, from: number): number {
  return 'overMs' in change ? change.overMs : (Math.abs(level - from) / change.perSecond) * 1000
}

/**
 * Returns the minimum notice of a change that adds workers, in milliseconds: burst writes the change to the control file at least this long before
 * the change takes effect. The new workers are launched at the beginning of this time.
 */
export function growthMs(timing: RunPlan['timing']): number {
  return Math.max(noticeMs(timing), newWorkerMs)
}

/**
 * Returns the beginning of the first window by which every worker can have read the change. If the change adds workers (`grows`), the new workers are
 * usually ready by this window.
 */
export function beginOf(
  { windowMs, timing }: RunPlan,
  { nowMs, afterMs, grows }: { nowMs: number; afterMs: number; grows: boolean },
): number {
  const leadMs = grows ? growthMs(timing) : noticeMs(timing)
  const earliest = Math.max(Math.max(0, nowMs) + leadMs, afterMs + 1)
  return Math.ceil(earliest / windowMs) * windowMs
}

/**
 * Makes slices for the additional users (in the open model: pooled users), one slice for each new worker. The limit for a new worker is the number of
 * users of the largest planned worker. In the closed model, this limit is at least `fewestUsersPerWorker`. On one machine, a new worker may exceed
 * the limit, because burst adds at most as many workers as the machine has cores.
 */
function slicesFor(plan: RunPlan, fleet: Fleet, level: number): Epoch['slices'] {
  const needed = plan.model === 'users' ? Math.ceil(level) : pooledFor(plan, level)
  const users = needed - fleet.users
  if (users <= 0) return []
  const most = Math.max(...plan.slices.map(({ count }) => count))
  const perWorker = plan.model === 'users' ? Math.max(most, fewestUsersPerWorker) : most
  const asked = Math.ceil(users / perWorker)
  // The workers of one machine share the cores of the machine, so more workers than cores would not add capacity.
  const workers = plan.cores === undefined ? asked : Math.min(asked, Math.max(1, plan.cores))
  return addedSlices({ users: fleet.users, slices: fleet.slices.length }, { users, workers })
}

/**
 * Returns the number of pooled users for a rate. If the peak rate of the plan is above 0, the number is `rate × plan.users / peak rate`, rounded up.
 * Otherwise, the number is the default for the rate (`pooledUsersFor`).
 */
function pooledFor(plan: RunPlan, rate: number): number {
  const peak = plan.profile.points.reduce((most, point) => Math.max(most, point.level), 0)
  return peak > 0 ? Math.ceil((plan.users / peak) * rate) : pooledUsersFor(rate)
}

/** Describes the change, e.g. `from 50 to 200 users over 1 min`. */
export function epochInWords({ model }: Pick<RunPlan, 'model'>, { fromMs, profile: { points } }: Epoch): string {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return 'to no load'
  const overMs = last.atMs - fromMs
  const over = overMs > 0 ? ` over ${span(overMs)}` : ''
  const to = model === 'users' ? counted(Math.ceil(last.level), 'user') : `${perSecond(last.level)} arrivals/s`
  return `from ${model === 'users' ? grouped(Math.ceil(first.level)) : perSecond(first.level)} to ${to}${over}`
}
