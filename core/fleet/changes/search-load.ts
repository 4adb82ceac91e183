import { levelAt } from '../../plan/load/load.ts'
import type { RunPlan, SearchPlan } from '../../plan/plan.ts'
import type { Control } from '../control.ts'
import type { Epoch } from './epoch.ts'
import { fleetAt } from '../fleet.ts'
import { beginOf } from './scale.ts'
import type { StepSpan } from './search.ts'

/** Returns the load of the current step, and the time span in which the step is measured. Before this time span, the load settles. */
export function currentStep(
  { start, settleMs, stepMs }: SearchPlan,
  { epochs = [] }: Pick<Control, 'epochs'>,
): StepSpan {
  const last = epochs.at(-1)
  const beganMs = last?.fromMs ?? 0
  const fromMs = beganMs + settleMs
  return { level: last?.profile.points.at(-1)?.level ?? start, fromMs, toMs: fromMs + stepMs }
}

/**
 * Returns the change of the load at the beginning of a step. The load changes in the first half of the settling time and stays at the new level in
 * the second half. Then the measurement begins.
 * @returns undefined when the run would end before the step ends
 */
export function stepEpoch(
  plan: RunPlan,
  control: Pick<Control, 'epochs'>,
  { search, level, nowMs }: { search: SearchPlan; level: number; nowMs: number },
): Epoch | undefined {
  const { profile } = fleetAt(plan, control)
  const fromMs = beginOf(plan, { nowMs, afterMs: control.epochs?.at(-1)?.fromMs ?? -1, grows: false })
  if (profile.endMs !== null && fromMs + search.settleMs + search.stepMs > profile.endMs) return undefined
  const points = [
    { atMs: fromMs, level: levelAt(profile, fromMs) },
    { atMs: fromMs + search.settleMs / 2, level },
  ]
  return { fromMs, profile: { points, endMs: profile.endMs }, slices: [] }
}
