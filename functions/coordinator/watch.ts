import { BurstError } from '../../core/errors.ts'
import type { Control } from '../../core/window/wire.ts'
import { changeControl } from '../control.ts'
import type { Coordination } from './coordination.ts'
import { earlierStart, endOf, isOver } from './decisions.ts'
import { WatchedSlices } from './slices.ts'
import { handOverOrStop, isEnding } from './succession.ts'

const stoodStill = 'the coordinator stood still for longer than its lease, so the workers have stopped'

/** What lies between two looks at a run. */
interface Seen {
  slices: WatchedSlices
  stop: boolean
  handedOver: boolean
}

/**
 * Accompanies a run from the launch to its end: lease, start, losses, stop. What fails for a moment is tried again while the lease lasts.
 * False when another coordinator has taken over.
 */
export async function watch(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  const seen: Seen = { slices: new WatchedSlices(run), stop: false, handedOver: false }
  let wellAt = env.clock.nowMs()
  for (;;) {
    try {
      const ours = await lookOnce(run, seen)
      if (ours !== 'goes on') return ours
      wellAt = env.clock.nowMs()
    } catch (error) {
      if (error instanceof BurstError || env.clock.nowMs() - wellAt > plan.timing.leaseMs / 2) throw error
      env.log('coordinator tries again', { run: plan.run, error: String(error) })
    }
    await env.clock.sleep(plan.timing.controlPollMs)
  }
}

async function lookOnce(run: Coordination, seen: Seen): Promise<boolean | 'goes on'> {
  const { slices } = seen
  await slices.readClaims()
  const control = await steer(run, slices)
  if (!control) return false
  if (control.stop && !seen.stop) run.tell(`stopped: ${control.stop.reason}`)
  seen.stop = control.stop !== null
  await look(slices, control)
  if (over(run, slices, control)) return nameMissing(run, slices)
  if (!seen.handedOver && isEnding(run)) {
    await handOverOrStop(run)
    seen.handedOver = true
  }
  return 'goes on'
}

/** Reads the control, and renews the lease or brings the start forward where it is time. Undefined: no longer ours to steer. */
async function steer(run: Coordination, slices: WatchedSlices): Promise<Control | undefined> {
  const { plan, env } = run
  run.slices = slices.kept
  if (!(await run.keep())) return undefined
  let broughtForwardMs = 0
  let lapsed = false
  const control = await changeControl(env, plan.run, (before) => {
    if (!before) return undefined
    const nowMs = env.clock.nowMs()
    lapsed = before.leaseUntil < nowMs && !before.stop
    if (lapsed) return { ...before, stop: { reason: stoodStill, at: nowMs } }
    const earlier = earlierStart(before.startAt, nowMs, slices.watched, plan.timing)
    broughtForwardMs = earlier === null ? 0 : before.startAt - earlier
    return renewed(before, { nowMs, startAt: earlier ?? before.startAt, leaseMs: plan.timing.leaseMs })
  })
  if (broughtForwardMs > 0)
    run.tell(`all workers are ready: the start is ${(broughtForwardMs / 1000).toFixed(1)} s earlier`)
  if (lapsed) run.fail(new Error(stoodStill))
  return control
}

/** Undefined when there is nothing to write yet. */
function renewed(before: Control, now: { nowMs: number; startAt: number; leaseMs: number }): Control | undefined {
  const due = before.leaseUntil - now.nowMs <= (2 * now.leaseMs) / 3
  if (!due && now.startAt === before.startAt) return undefined
  return { ...before, startAt: now.startAt, leaseUntil: now.nowMs + now.leaseMs }
}

async function look(slices: WatchedSlices, control: Control): Promise<void> {
  await slices.readLedgers()
  await slices.readFailures()
  if (control.stop) await slices.abandonUnclaimed()
  else await slices.relaunch(control.startAt)
}

function over({ plan, env }: Coordination, { watched, lastNewsAt }: WatchedSlices, control: Control): boolean {
  const { timing, flushMs } = plan
  return isOver({ watched, nowMs: env.clock.nowMs(), lastNewsAt, endsAt: endOf(plan, control), timing, flushMs })
}

function nameMissing(run: Coordination, slices: WatchedSlices): true {
  const silent = slices.watched.filter((one) => !one.whole && one.lost === null).map((one) => one.slice)
  if (silent.length > 0) run.tell(`the wait is over and the end of these slices was not reported: ${silent.join(', ')}`)
  return true
}
