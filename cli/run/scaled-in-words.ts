import type { Epoch } from '../../core/fleet/changes/epoch.ts'
import { epochInWords } from '../../core/fleet/changes/scale.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { counted, moment } from '../../core/words.ts'

/** Describes an accepted change of the load in words: what changes, when the change takes effect, and how many workers are added. */
export function scaledInWords(plan: RunPlan, epoch: Epoch): string {
  const added = epoch.slices.length
  const workers = added > 0 ? `, with ${counted(added, 'more worker')}` : ''
  return `${epochInWords(plan, epoch)}, from ${moment(epoch.fromMs / 1000)} on${workers}`
}
