import type { Epoch } from '../../core/fleet/changes/epoch.ts'
import { type Wanted, epochFor } from '../../core/fleet/changes/scale.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Control } from '../../core/fleet/control.ts'
import { changeControl } from './change-control.ts'
import type { Clock, Store } from '../ports.ts'

type Place = { store: Store; clock: Clock }

/**
 * Changes the load of a run in progress. Workers read the change from the control file. If the new load needs more workers, the coordinator starts
 * them.
 * @param agreed returns whether to make the change; called before the change is written, and again if another process changed the control file first
 * @returns the change; undefined if the person declined it
 * @throws BurstError (104) when the run can no longer be changed
 */
export async function scaleRun(
  place: Place,
  plan: RunPlan,
  { wanted, agreed }: { wanted: Wanted; agreed: (epoch: Epoch, control: Control) => Promise<boolean> },
): Promise<Epoch | undefined> {
  let made: Epoch | undefined
  await changeControl(place, plan.run, async (control) => {
    if (!control) return undefined
    const asked = nextEpoch(place, plan, { control, wanted })
    if (!(await agreed(asked, control))) {
      made = undefined
      return undefined
    }
    // Computes the change again for the present time, because the person may have taken a long time to agree.
    const epoch = nextEpoch(place, plan, { control, wanted })
    made = epoch
    return { ...control, epochs: [...(control.epochs ?? []), epoch] }
  })
  return made
}

function nextEpoch({ clock }: Place, plan: RunPlan, { control, wanted }: { control: Control; wanted: Wanted }): Epoch {
  return epochFor(plan, control, wanted, Math.round(clock.nowMs() - control.startAt))
}
