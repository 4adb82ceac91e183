import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan.ts'
import type { CoordinatorEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment, Store } from '../ports.ts'
import { changeControl, stopRun } from './control.ts'
import { Coordination, takeEpoch } from './coordination.ts'
import { finish } from './finish.ts'
import { runHook } from './hooks.ts'
import { launchWorkers } from './launch.ts'
import { watch } from './watch.ts'

/**
 * Carries out a planned run, from `beforeRun` to the report. Whatever goes wrong, it ends in a report that says so.
 * @throws BurstError (97) when there is no plan, or not even the report could be made
 */
export async function coordinate(event: CoordinatorEvent, env: Environment): Promise<void> {
  const plan = await readPlan(env.store, event.run)
  const run = new Coordination(plan, env, await takeEpoch(env, plan.run))
  const ours = await carryOut(run)
  if (ours) await finish(run)
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
    if (run.epoch > 1) return await wait(run, 'the coordinator was lost')
    await prepare(run)
    if (!(await launch(run))) return true
    const ours = await watch(run)
    if (ours) await runAfter(run)
    return ours
  } catch (error) {
    run.fail(error)
    await abort(run)
    return true
  }
}

/** Stops what was launched, whether it has begun or is about to, lets it send what it has, and clears away. */
async function abort(run: Coordination): Promise<void> {
  const { plan, env } = run
  if (!run.launched && (await env.store.list(keys.claims(plan.run))).length === 0) return
  try {
    await stopRun(env, plan.run, run.failure?.message ?? 'the coordinator failed')
    await env.clock.sleep(plan.timing.controlPollMs + plan.timing.stopMs + 2 * plan.flushMs)
  } catch (error) {
    run.tell(`the workers could not be told to stop: ${String(error)}`)
  }
  await runAfter(run)
}

function refuseOtherBuild({ plan, env }: Coordination): void {
  if (plan.build === env.build) return
  throw new BurstError('runFailed', `the run was planned by build ${plan.build} and this is ${env.build}`)
}

/** A second coordinator starts nothing: it stops what is left and collects it. */
async function wait(run: Coordination, reason: string): Promise<boolean> {
  run.fail(new BurstError('runFailed', reason))
  await stopRun(run.env, run.plan.run, reason)
  const ours = await watch(run)
  if (ours) await runAfter(run)
  return ours
}

async function prepare({ plan, env }: Coordination): Promise<void> {
  if (plan.hooks.beforeRun) await runHook(env.store, plan, 'beforeRun')
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
    await runAfter(run)
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
