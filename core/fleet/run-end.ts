import type { RunPlan } from '../plan/plan.ts'
import type { Control } from './control.ts'
import { type FleetPlan, fleetAt } from './fleet.ts'

/** Returns the time by which the last worker should have ended, in epoch milliseconds; null when the run continues until a person stops it. */
export function endOf(plan: FleetPlan & Pick<RunPlan, 'timing'>, control: Control): number | null {
  const { timing } = plan
  const { startAt, stop } = control
  const { profile } = fleetAt(plan, control)
  const planned = profile.endMs === null ? null : startAt + profile.endMs + timing.drainMs
  if (!stop) return planned
  const stopped = stop.at + timing.controlPollMs + (stop.now ? 0 : timing.stopMs)
  return planned === null ? stopped : Math.min(planned, stopped)
}
