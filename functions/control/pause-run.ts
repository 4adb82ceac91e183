import type { Control } from '../../core/fleet/control.ts'
import type { Pause } from '../../core/fleet/changes/pause.ts'
import { pauseFrom, pauseUntil } from '../../core/fleet/changes/pausing.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { changeControl } from './change-control.ts'
import type { Clock, Store } from '../ports.ts'

type Place = { store: Store; clock: Clock }

/**
 * Pauses a run in progress. Workers read the pause from the control file, and their users then wait.
 * @throws BurstError (104) when the run can't be paused
 */
export async function pauseRun(place: Place, plan: RunPlan): Promise<Pause> {
  return lastPause(place, plan, ({ pauses = [], ...control }, nowMs) => [
    ...pauses,
    pauseFrom(plan, { ...control, pauses }, nowMs),
  ])
}

/**
 * Ends the pause of a run.
 * @throws BurstError (104) when the run is not paused, or when the run would end before all users have resumed
 */
export async function continueRun(place: Place, plan: RunPlan): Promise<Pause> {
  return lastPause(place, plan, (control, nowMs) => [
    ...(control.pauses ?? []).slice(0, -1),
    pauseUntil(plan, control, nowMs),
  ])
}

/**
 * Changes the pauses of a run.
 * @returns the last pause
 */
async function lastPause(
  { store, clock }: Place,
  { run }: RunPlan,
  change: (control: Control, nowMs: number) => Pause[],
): Promise<Pause> {
  const changed = await changeControl({ store, clock }, run, (control) => {
    if (!control) return undefined
    return { ...control, pauses: change(control, Math.round(clock.nowMs() - control.startAt)) }
  })
  return changed.pauses?.at(-1) as Pause
}
