import type { Control } from '../../core/fleet/control.ts'
import { changeControl, haltOf, stopRun, stopped } from '../control/change-control.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import { BurstError } from '../../core/errors.ts'
import type { Coordination } from './coordination.ts'
import { earlierStart } from './decisions.ts'
import type { WatchedSlices } from './slices.ts'
import { renewed } from './succession.ts'
import { milliseconds } from '../../core/words.ts'

const lost = 'the coordinator was lost'
const stoodStill = 'the coordinator did not renew its lease in time, so the workers have stopped'
/** If the load starts at least this many milliseconds earlier than planned, the report contains an event that says so. */
const notableMs = 10_000

/** The result of one check of the control file. */
interface Steered {
  /** The new control file; undefined: unchanged. */
  after: Control | undefined
  /** The reason why burst itself ends the load. */
  failure?: string
  broughtForwardMs?: number
  renewed?: boolean
}

/**
 * Renews the lease, and stops the run if the stack is halted. Starts the load earlier if all workers are ready. Ends the load if the lease has
 * expired, or if the plan or the control file was deleted.
 * @param planGone whether the plan had been deleted
 * @returns the control file. If another coordinator has taken over, leaves the control file unchanged and returns null.
 * @throws BurstError (97) when another coordinator has taken over and the control file does not exist
 */
export async function steer(run: Coordination, slices: WatchedSlices, planGone: boolean): Promise<Control | null> {
  const { plan, env } = run
  let steered: Steered = { after: undefined }
  let ours = true
  const control = await changeControl(env, plan.run, async (stored) => {
    // Before each write, checks again whether another coordinator has taken over. A conflicting write may be the write of that coordinator.
    ours = await run.keep()
    if (!ours && stored) return undefined
    if (!ours) throw new BurstError('runFailed', `another coordinator has taken over run ${plan.run}`)
    const gone = deletion(planGone, stored === undefined)
    const before = stored ?? newControl(run)
    steered =
      gone === null ? next(run, slices, before) : { after: ended(before, gone, env.clock.nowMs()), failure: gone }
    return steered.after
  })
  if (!ours) return null
  const { failure, broughtForwardMs = 0, renewed: renewing = false } = steered
  tellEarlierStart(run, broughtForwardMs)
  if (failure !== undefined) run.fail(new Error(failure))
  run.control = renewing ? await underHalt(run, control) : control
  return run.control
}

/**
 * Adds an event if the load starts at least 10 s earlier than planned. Adds no event for a local run, because its workers are always ready long
 * before the planned start.
 */
function tellEarlierStart(run: Coordination, broughtForwardMs: number): void {
  if (run.plan.backend === 'local' || broughtForwardMs < notableMs) return
  run.tell(`all workers are ready: the load begins ${milliseconds(broughtForwardMs)} earlier than planned`)
}

function next(run: Coordination, slices: WatchedSlices, before: Control): Steered {
  const { plan, slowestLookMs } = run
  const { timing } = plan
  const nowMs = run.env.clock.nowMs()
  if (before.leaseUntil < nowMs) return lapsed(run, slices, before)
  // After a stop, the start time stays unchanged for two reasons. First, no load begins after a stop. Second, the coordinator itself claims the
  // slices of late workers, so these slices may seem to be claimed by workers.
  const earlier = before.stop ? null : earlierStart(before.startAt, { nowMs, slowestLookMs, timing }, slices.watched)
  const longer = renewed(before, nowMs, timing)
  if (earlier === null) return { after: longer, renewed: longer !== undefined }
  const after = { ...(longer ?? before), startAt: earlier }
  return { after, renewed: longer !== undefined, broughtForwardMs: before.startAt - earlier }
}

/** Ends a run whose lease has expired and whose workers have therefore stopped. If the workers had finished the planned load, the run is complete. */
function lapsed({ plan, role }: Coordination, slices: WatchedSlices, before: Control): Steered {
  const { startAt, leaseUntil, stop } = before
  const { endMs } = fleetAt(plan, before).profile
  const wasOver = endMs !== null && startAt + endMs <= leaseUntil
  if (stop || wasOver || slices.endedBy(leaseUntil)) return { after: undefined }
  const failure = role === 'rescuer' ? lost : stoodStill
  return { after: ended(before, failure, leaseUntil), failure }
}

function ended(before: Control, reason: string, at: number): Control {
  return stopped(before, { reason, at }) ?? before
}

/** Stops the run when the whole stack is halted. The halt is checked at each renewal of the lease. */
async function underHalt({ plan, env }: Coordination, control: Control): Promise<Control> {
  const halt = control.stop ? undefined : await haltOf(env.store)
  return halt === undefined ? control : stopRun(env, plan.run, halt)
}

function deletion(plan: boolean, control: boolean): string | null {
  const gone = [...(plan ? ['plan.json'] : []), ...(control ? ['control.json'] : [])]
  return gone.length === 0 ? null : `the run was stopped because its ${gone.join(' and ')} had been deleted`
}

/** Returns a control file that replaces a deleted control file. */
function newControl({ plan, env, control }: Coordination): Control {
  const nowMs = env.clock.nowMs()
  return control ?? { v: 1, startAt: nowMs, leaseUntil: nowMs + plan.timing.leaseMs, stop: null }
}
