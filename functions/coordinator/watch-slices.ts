import { type Control, decodeControl } from '../../core/fleet/control.ts'
import { stopRun } from '../control/change-control.ts'
import { BurstError } from '../../core/errors.ts'
import { workersInWords } from '../../core/verdict/completeness/loss.ts'
import { keys } from '../keys.ts'
import type { Coordination } from './coordination.ts'
import { endOf } from '../../core/fleet/run-end.ts'
import { controlReadEveryMs } from '../../core/plan/plan.ts'
import { haveEnded, isOver, mayBeBehind } from './decisions.ts'
import { tellWait, waitingIn } from './losses/backlog.ts'
import { hasTold } from './measuring/has-told.ts'
import { Abort } from './measuring/abort.ts'
import { Search } from './measuring/search.ts'
import { WindowEvents } from './measuring/window-events.ts'
import { WatchedSlices } from './slices.ts'
import { steer } from './steering.ts'
import { Succession } from './succession.ts'

/** The state that a coordinator keeps between two checks of a run. */
interface Seen {
  slices: WatchedSlices
  abort: Abort
  search: Search
  events: WindowEvents
  succession: Succession
}

/**
 * Watches a run from the launch of its workers to its end: renews the lease, may start the load early, replaces lost workers, and stops the run. If a
 * check fails, tries again, with two exceptions: the error is a BurstError, or the last successful check was more than half of `leaseMs` ago. Returns
 * false when another coordinator has taken over.
 * @throws the error of the last check
 */
export async function watch(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  const [abort, search, events] = [new Abort(run), new Search(run), new WindowEvents(run)]
  const slices = new WatchedSlices(run, (state) => {
    abort.see(state)
    search.see(state)
    events.see(state)
  })
  const seen: Seen = { slices, abort, search, events, succession: new Succession(run) }
  let wellAt = env.clock.nowMs()
  for (;;) {
    const fromMs = env.clock.nowMs()
    try {
      const ours = await lookOnce(run, seen)
      if (ours !== 'goes on') return ours
      wellAt = env.clock.nowMs()
    } catch (error) {
      if (error instanceof BurstError || env.clock.nowMs() - wellAt > plan.timing.leaseMs / 2) throw error
      run.troubledAt = env.clock.nowMs()
      env.log('coordinator tries again', { run: plan.run, error: String(error) })
    }
    const hasStarted = run.control !== undefined && env.clock.nowMs() >= run.control.startAt
    const pauseMs = controlReadEveryMs(plan.timing, hasStarted)
    await env.clock.sleep(pauseMs)
    tookSince(run, fromMs + pauseMs)
  }
}

function tookSince(run: Coordination, fromMs: number): void {
  run.slowestLookMs = Math.max(run.slowestLookMs, run.env.clock.nowMs() - fromMs)
}

async function lookOnce(run: Coordination, seen: Seen): Promise<boolean | 'goes on'> {
  const { slices } = seen
  const { env } = run
  const fromMs = env.clock.nowMs()
  await knowControl(run)
  const [planGone] = await Promise.all([restorePlan(run), slices.readClaims(), slices.readLedgers()])
  tookSince(run, fromMs)
  keepSeen(run, seen)
  const control = await steer(run, slices, planGone)
  if (control === null) return false
  try {
    await slices.settle(control, !seen.succession.isImminent)
  } finally {
    // The report needs the attempts that this check replaced or gave up, even if this check is the last one.
    keepSeen(run, seen)
  }
  const isTold = (window: number): boolean => hasTold(run, slices, window)
  await seen.abort.look(isTold)
  await seen.search.look(isTold)
  await seen.events.look(isTold, haveEnded(slices.watched))
  if (await over(run, slices, run.control ?? control)) {
    nameMissing(run, slices)
    await seen.events.finish()
    return true
  }
  return seen.succession.isDue ? handOver(run, seen) : 'goes on'
}

/** Records the facts that the next coordinator needs. The facts are stored with the state of this coordinator. */
function keepSeen(run: Coordination, { slices, succession }: Seen): void {
  run.slices = slices.kept
  // The time of the last new message is stored only near the end of this invocation, because the time changes with each message.
  run.newsAt = succession.isNear ? slices.lastNewsAt : undefined
}

/**
 * Stores the state that the next coordinator needs, such as the workers that were just launched, and then invokes the next coordinator.
 * Ends the load if no other coordinator may continue the run.
 */
async function handOver(run: Coordination, seen: Seen): Promise<false | 'goes on'> {
  const { succession } = seen
  keepSeen(run, seen)
  if (!(await run.keep())) return false
  if (await succession.invokeNext()) return 'goes on'
  const why = 'the run has exceeded the maximum duration'
  // No person stopped the run, so the run counts as failed.
  run.fail(new Error(why))
  await stopRun(run.env, run.plan.run, why)
  return 'goes on'
}

/** Reads the control file if this coordinator has not read it yet. A coordinator that continues a run needs the file to determine the fleet. */
async function knowControl(run: Coordination): Promise<void> {
  if (run.control) return
  const stored = await run.env.store.get(keys.control(run.plan.run))
  if (stored) run.control = decodeControl(stored.body)
}

/** Restores the plan if it was deleted, because the report cannot be made without the plan. Returns whether the plan had been deleted. */
async function restorePlan({ plan, env }: Coordination): Promise<boolean> {
  if (await env.store.get(keys.plan(plan.run))) return false
  await env.store.put(keys.plan(plan.run), JSON.stringify(plan), { ifAbsent: true })
  return true
}

async function over(run: Coordination, slices: WatchedSlices, control: Control): Promise<boolean> {
  const { plan, env } = run
  const { timing, flushMs } = plan
  const { watched, lastNewsAt } = slices
  const progress = { watched, nowMs: env.clock.nowMs(), lastNewsAt, endsAt: endOf(plan, control), timing, flushMs }
  if (!isOver(progress)) return false
  if (!mayBeBehind(progress) || !slices.mayBeInQueue) return true
  const waiting = await waitingIn(run)
  if (waiting > 0) tellWait(run, waiting)
  return waiting === 0
}

function nameMissing(run: Coordination, slices: WatchedSlices): void {
  const silent = slices.watched.filter((one) => !one.whole && one.lost === null).map((one) => one.slice)
  if (silent.length === 0) return
  const [have, their, them] = silent.length === 1 ? ['has', 'its', 'it'] : ['have', 'their', 'them']
  run.tell(`${workersInWords(silent)} ${have} not reported ${their} end, and burst no longer waits for ${them}`)
}
