import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { CoordinatorEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment, Store } from '../ports.ts'
import { changeControl, stopRun } from '../control.ts'
import { Coordination } from './coordination.ts'
import { finish } from './finish.ts'
import { runHook } from './hooks.ts'
import { launchWorkers } from './launch.ts'
import { assume } from './succession.ts'
import { watch } from './watch.ts'

/**
 * Carries out a planned run, from `beforeRun` to the report. Whatever goes wrong, it ends in a report that says so.
 * @throws BurstError (97) when there is no plan, or not even the report could be made
 */
export async function coordinate(event: CoordinatorEvent, env: Environment): Promise<void> {
  const plan = await readPlan(env.store, event.run)
  const taken = await assume(event, env)
  if (!taken) return env.log('another coordinator is alive', { run: plan.run })
  const run = new Coordination(plan, env, taken)
  const ours = run.role === 'finisher' || (await carryOut(run))
  if (!ours || !(await run.endLoad())) return
  await runAfter(run)
  await finish(run)
}

async function readPlan(store: Store, run: string): Promise<RunPlan> {
  const stored = await store.get(keys.plan(run))
  if (!stored) throw new BurstError('runFailed', `there is no run called ${run}`)
  return JSON.parse(stored.body) as RunPlan
}

/** False when another coordinator has taken over, which then makes the report. */
async function carryOut(run: Coordination): Promise<boolean> {
  try {
    refuseOtherBuild(run)
    if (run.role === 'rescuer') await stopLost(run)
    if (run.role === 'first' && !(await begin(run))) return true
    return await watch(run)
  } catch (error) {
    run.fail(error)
    await abort(run)
    return true
  }
}

/** Stops what was launched, whether it has begun or is about to, and lets it send what it has. */
async function abort(run: Coordination): Promise<void> {
  const { plan, env } = run
  if (!run.launched && (await env.store.list(keys.claims(plan.run))).length === 0) return
  try {
    await stopRun(env, plan.run, run.failure?.message ?? 'the coordinator failed')
    await env.clock.sleep(plan.timing.controlPollMs + plan.timing.stopMs + 2 * plan.flushMs)
  } catch (error) {
    run.tell(`the workers could not be told to stop: ${String(error)}`)
  }
}

function refuseOtherBuild({ plan, env }: Coordination): void {
  if (plan.build === env.build) return
  throw new BurstError('runFailed', `the run was planned by build ${plan.build} and this is ${env.build}`)
}

/** A coordinator that finds a run without one starts nothing: it stops what is left and collects it. */
async function stopLost(run: Coordination): Promise<void> {
  const reason = 'the coordinator was lost'
  run.fail(new BurstError('runFailed', reason))
  await stopRun(run.env, run.plan.run, reason)
}

/** False when the run was stopped before. */
async function begin(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  if (plan.hooks.beforeRun) await whileRenewing(run, async () => runHook(env.store, plan, 'beforeRun'))
  return launch(run)
}

/** Keeps the lease alive during work that takes long. */
async function whileRenewing({ plan, env }: Coordination, work: () => Promise<void>): Promise<void> {
  const { leaseMs } = plan.timing
  const working = work()
  const ended = working.then(
    () => true,
    () => true,
  )
  const waited = async (): Promise<boolean> => env.clock.sleep(leaseMs / 3).then(() => false)
  while (!(await Promise.race([ended, waited()]))) {
    await changeControl(env, plan.run, (before) => before && { ...before, leaseUntil: env.clock.nowMs() + leaseMs })
  }
  await working
}

/** Sets the start and launches the workers. False when the run was stopped before. */
async function launch(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  const { startLeadMs, leaseMs } = plan.timing
  const control = await changeControl(env, plan.run, (before) => {
    const nowMs = env.clock.nowMs()
    return { v: 1, startAt: nowMs + startLeadMs, leaseUntil: nowMs + leaseMs, stop: before?.stop ?? null }
  })
  if (control.stop) {
    run.tell(`stopped before the start: ${control.stop.reason}`)
    return false
  }
  const slices = plan.slices.map(({ slice }) => slice)
  run.launched = true
  await launchWorkers(run, slices, { attempt: 0, startAt: control.startAt })
  run.tell(`${slices.length === 1 ? '1 worker' : `${slices.length} workers`} started`)
  return true
}

/** Only where `beforeRun` went well: what it did not make need not be cleared away. */
async function runAfter(run: Coordination): Promise<void> {
  const { plan, env } = run
  if (!plan.hooks.afterRun) return
  try {
    const before = plan.hooks.beforeRun ? await env.store.get(keys.hook(plan.run, 'beforeRun')) : undefined
    if (plan.hooks.beforeRun && !before?.body) return
    await runHook(env.store, plan, 'afterRun')
  } catch (error) {
    run.fail(error)
  }
}
