import type { Control } from '../../core/window/wire.ts'
import { changeControl, haltOf, stopRun } from '../control.ts'
import { keys } from '../keys.ts'
import type { Coordination } from './coordination.ts'
import { haveHookRun } from './hook-stage.ts'
import { launchWorkers } from './launch.ts'
import { renewed } from './succession.ts'

/** How long an invocation that is not accepted is tried again, milliseconds. */
const launchPatienceMs = 60_000

/**
 * Brings a run from its plan to its workers. Where an earlier coordinator was lost on the way, it goes on from there: workers that were
 * launched before do no harm when they are launched again.
 * @returns `stopped`: by a person or a halt, before any worker was asked for; `taken over`: by another coordinator
 * @throws BurstError when `beforeRun` fails, and what an invocation threw that was never accepted
 */
export async function begin(run: Coordination): Promise<'launched' | 'stopped' | 'taken over'> {
  if (run.phase === 'starting') {
    if (await isStopped(run)) return 'stopped'
    const { env, plan } = run
    if (plan.hooks.beforeRun) await whileRenewing(run, async (signal) => haveHookRun(env, plan, 'beforeRun', signal))
    if (await isStopped(run)) return 'stopped'
    await setStart(run)
    if (!(await run.enter('launching'))) return 'taken over'
  }
  return (await launch(run)) ? 'launched' : 'taken over'
}

/** Whether a person has stopped the run, or all runs of the stack. */
export async function isStopped(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  const halt = await haltOf(env.store)
  const control =
    halt === undefined ? await changeControl(env, plan.run, () => undefined) : await stopRun(env, plan.run, halt)
  run.control = control
  if (control.stop) run.tell(`stopped before the start: ${control.stop.reason}`)
  return control.stop !== null
}

/** The start lies far enough ahead for all workers to be there, whatever `beforeRun` took. */
async function setStart(run: Coordination): Promise<void> {
  const { plan, env } = run
  const { startLeadMs, leaseMs } = plan.timing
  run.control = await changeControl(env, plan.run, (before) => {
    const nowMs = env.clock.nowMs()
    return before && { ...before, startAt: nowMs + startLeadMs, leaseUntil: nowMs + leaseMs }
  })
}

/** False when another coordinator has taken over. */
async function launch(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  const claims = new Set(run.role === 'first' ? [] : await env.store.list(keys.claims(plan.run)))
  const slices = plan.slices.map(({ slice }) => slice).filter((slice) => !claims.has(keys.claim(plan.run, slice, 0)))
  const { startAt } = run.control ?? (await renew(run))
  await launchWorkers(run, slices, {
    attempt: 0,
    startAt,
    patienceMs: launchPatienceMs,
    goesOn: renewingFor(run),
  })
  run.tell(plan.slices.length === 1 ? '1 worker started' : `${plan.slices.length} workers started`)
  return run.enter('running')
}

/**
 * Keeps the lease alive during work that takes long. The work's signal is raised when the run is stopped.
 * @throws what the work throws; BurstError (97) when the control is gone
 */
async function whileRenewing(run: Coordination, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const { plan, env } = run
  const stop = new AbortController()
  const working = work(stop.signal)
  const ended = working.then(
    () => true,
    () => true,
  )
  const waited = async (): Promise<boolean> => env.clock.sleep(plan.timing.controlPollMs).then(() => false)
  try {
    while (!stop.signal.aborted && !(await Promise.race([ended, waited()]))) {
      const control = await renew(run)
      if (control.stop) stop.abort()
    }
  } catch (error) {
    stop.abort()
    await ended
    throw error
  }
  await working
}

/** Renews the lease while thousands of workers are launched. False when the run is stopped. */
function renewingFor(run: Coordination): () => Promise<boolean> {
  const { clock } = run.env
  let renewedAt = clock.nowMs()
  return async () => {
    if (clock.nowMs() - renewedAt >= run.plan.timing.controlPollMs) {
      renewedAt = clock.nowMs()
      await renew(run)
    }
    return run.control?.stop === null
  }
}

async function renew(run: Coordination): Promise<Control> {
  const { plan, env } = run
  const halt = await haltOf(env.store)
  run.control = await changeControl(
    env,
    plan.run,
    (before) => before && renewed(before, env.clock.nowMs(), plan.timing),
  )
  if (halt !== undefined && !run.control.stop) run.control = await stopRun(env, plan.run, halt)
  return run.control
}
