import { BurstError } from '../../core/errors.ts'
import { messageOf } from '../../core/verdict/completeness/loss.ts'
import type { CoordinatorEvent } from '../events.ts'
import { stopRun } from '../control/change-control.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { patientStore, reportPatienceMs } from '../patient-store.ts'
import { readPlan } from '../read-plan.ts'
import { begin, isStopped } from './begin.ts'
import { Coordination } from './coordination.ts'
import { drained } from './losses/backlog.ts'
import { requestReport } from './reporting/request-report.ts'
import { hookAnswer } from '../hooks/hook-records.ts'
import { haveHookRun } from '../hooks/request-hook.ts'
import { assume } from './succession.ts'
import { watch } from './watch-slices.ts'

const collecting = 'the coordinator was lost, and another coordinator collects what the workers have reported'

/**
 * Coordinates a planned run, from `beforeRun` to the report. If the coordination fails, the report contains the failure. Returns early if another
 * coordinator is alive or takes over.
 * @throws BurstError (97) when the plan is missing, when the plan or the stored state cannot be read, or when the report could not be made. If the
 * store fails, or if an invocation does not succeed in time, throws the error of the store or of the invocation.
 */
export async function coordinate(event: CoordinatorEvent, given: Environment): Promise<void> {
  let run: Coordination | undefined
  const store = patientStore(given, {
    failed: () => {
      if (run) run.troubledAt = given.clock.nowMs()
    },
    // Without the store, the coordinator can neither request the report nor wait for it. After the load, the coordinator can wait until a failed
    // store recovers, because the workers no longer depend on the lease.
    untilMs: () => (run?.overAt === undefined ? 0 : run.overAt + reportPatienceMs),
  })
  const env = { ...given, store }
  const plan = await readPlan(store, event.run)
  const taken = await assume(event, plan, env)
  if (!taken) return env.log('another coordinator is alive', { run: plan.run })
  run = new Coordination(plan, env, taken)
  const ours = run.role === 'finisher' || (await carryOut(run))
  if (!ours || !(await run.enter('over'))) return
  await runAfter(run)
  await requestReport(run)
}

/** Carries out the run until the load ends. Returns false when another coordinator has taken over. The other coordinator then makes the report. */
async function carryOut(run: Coordination): Promise<boolean> {
  try {
    refuseOtherBuild(run)
    if (run.role === 'rescuer') return await collect(run)
    if (run.role === 'heir') run.tell('the coordinator was lost, and another coordinator continues the run')
    if (run.phase !== 'running') {
      const begun = await begin(run)
      if (begun !== 'launched') return begun === 'stopped'
    }
    return await watch(run)
  } catch (error) {
    run.fail(error)
    return abort(run)
  }
}

/**
 * Stops all launched workers and lets them send their counts.
 * @returns false when another coordinator has taken over and continues the run
 */
async function abort(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  try {
    if (!(await run.keep())) return false
    if (!run.began) return true
    await stopRun(env, plan.run, run.failure?.message ?? 'the coordinator failed')
    await env.clock.sleep(plan.timing.controlPollMs + plan.timing.stopMs + 2 * plan.flushMs)
    await drained(run)
  } catch (error) {
    run.tell(`the order to stop could not be sent to the workers: ${messageOf(error)}`)
  }
  return true
}

function refuseOtherBuild({ plan, env }: Coordination): void {
  if (plan.build === env.build) return
  throw new BurstError('runFailed', `the run was planned by build ${plan.build}, but this is build ${env.build}`)
}

/**
 * Ends a run whose workers have stopped because the lease expired. Collects the reports of these workers, and does not launch new workers. If the
 * workers had finished the planned load, the run is complete. If no worker was invoked, there is nothing to collect. Returns false when another
 * coordinator has taken over.
 * @throws BurstError (97) when no worker was invoked although the run was not stopped
 */
async function collect(run: Coordination): Promise<boolean> {
  if (run.began) {
    if (!run.events.some(({ text }) => text === collecting)) run.tell(collecting)
    return watch(run)
  }
  if (await isStopped(run)) return true
  throw new BurstError('runFailed', 'the run never began: the coordinator was lost, or started too late')
}

async function runAfter(run: Coordination): Promise<void> {
  const { plan, env } = run
  if (!plan.hooks.afterRun) return
  try {
    if (await isPrepared(run)) await haveHookRun(env, plan, 'afterRun')
  } catch (error) {
    run.fail(error)
  }
}

/**
 * Returns whether `afterRun` may run. If the scenario has `beforeRun`, `afterRun` runs only after `beforeRun` has stored a result. If `beforeRun`
 * failed, was cut off or never began, there is no result that `afterRun` could clean up.
 */
async function isPrepared({ plan, env }: Coordination): Promise<boolean> {
  if (!plan.hooks.beforeRun) return true
  const before = await env.store.get(keys.hook(plan.run, 'beforeRun'))
  return hookAnswer(before) !== undefined
}
