import type { Control } from '../../core/fleet/control.ts'
import { changeControl, haltOf, stopRun } from '../control/change-control.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import { counted } from '../../core/words.ts'
import { keys } from '../keys.ts'
import type { Coordination } from './coordination.ts'
import { haveHookRun } from '../hooks/request-hook.ts'
import { invocationPatienceMs, launchWorkers } from '../invocation.ts'
import { renewed } from './succession.ts'

/**
 * Begins a run, and returns after it has launched the workers. If an earlier coordinator was lost, continues from the phase that it had reached.
 * Launching a worker twice does no harm, because only one of the two invocations gets the claim.
 * @returns `launched` when the launch has ended, even if the run was stopped during the launch; `stopped` when a person or a halt stopped the run
 * before any worker was launched; `taken over` when another coordinator has taken over
 * @throws BurstError (107) when `beforeRun` throws or takes too long; BurstError (97) when `beforeRun` cannot be run, or when the control file is
 * missing. If an invocation was never accepted, throws the error of that invocation.
 */
export async function begin(run: Coordination): Promise<'launched' | 'stopped' | 'taken over'> {
  const outcome = run.phase === 'starting' ? await prepare(run) : 'ready'
  if (outcome !== 'ready') return outcome
  return (await launch(run)) ? 'launched' : 'taken over'
}

/** Runs `beforeRun`, and sets the start time of the load. */
async function prepare(run: Coordination): Promise<'ready' | 'stopped' | 'taken over'> {
  if (await isStopped(run)) return 'stopped'
  const { env, plan } = run
  const hook = async (signal: AbortSignal): Promise<void> => haveHookRun(env, plan, 'beforeRun', signal)
  if (plan.hooks.beforeRun && !(await whileRenewing(run, hook))) return 'taken over'
  if (await isStopped(run)) return 'stopped'
  return (await setStart(run)) && (await run.enter('launching')) ? 'ready' : 'taken over'
}

/**
 * Returns whether a person has stopped this run or halted all runs of the stack. If all runs are halted, stops this run. If the run is stopped, adds
 * an event that says that no worker was started. This function must therefore be called before any worker is launched.
 */
export async function isStopped(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  const halt = await haltOf(env.store)
  const control =
    halt === undefined ? await changeControl(env, plan.run, () => undefined) : await stopRun(env, plan.run, halt)
  run.control = control
  if (control.stop) run.tell('no worker was started: the run was stopped before its start')
  return control.stop !== null
}

/**
 * Sets the planned start time of the load, and renews the lease. The planned start time is late enough for all workers to be ready. The load may
 * start earlier. Called after `beforeRun` has ended. Returns undefined if another coordinator has taken over.
 */
async function setStart(run: Coordination): Promise<Control | undefined> {
  const { startLeadMs, leaseMs } = run.plan.timing
  return changeAsHolder(run, (before, nowMs) => ({
    ...before,
    startAt: nowMs + startLeadMs,
    leaseUntil: nowMs + leaseMs,
  }))
}

/**
 * Changes the control file if this coordinator is still responsible for the run. Checks before each write whether another coordinator has taken over,
 * because a slow call to the store gives other coordinators time to take over.
 * @returns the control file. If another coordinator has taken over, leaves the control file unchanged and returns undefined.
 * @throws BurstError (97) when the control file is missing, cannot be read, or is changed too often by other processes
 */
export async function changeAsHolder(
  run: Coordination,
  change: (before: Control, nowMs: number) => Control | undefined,
): Promise<Control | undefined> {
  const { plan, env } = run
  let ours = true
  const control = await changeControl(env, plan.run, async (before) => {
    ours = await run.keep()
    return ours && before ? change(before, env.clock.nowMs()) : undefined
  })
  if (!ours) return undefined
  run.control = control
  return control
}

/** Launches a worker for each slice that has not been claimed yet. Returns false if another coordinator has taken over. */
async function launch(run: Coordination): Promise<boolean> {
  const { plan, env } = run
  const claims = new Set(run.role === 'first' ? [] : await env.store.list(keys.claims(plan.run)))
  const control = run.control ?? (await renew(run))
  if (!control) return false
  const all = fleetAt(plan, control).slices.map(({ slice }) => slice)
  const slices = all.filter((slice) => !claims.has(keys.claim(plan.run, slice, 0)))
  const { startAt } = control
  let started = all.length - slices.length
  await launchWorkers(run, slices, {
    attempt: 0,
    startAt,
    patienceMs: invocationPatienceMs,
    accepted: () => void started++,
    goesOn: renewingFor(run),
  })
  tellStarted(run, started, all.length)
  return run.enter('running')
}

/** Adds an event with the number of started workers. Adds no event if the launch ended early because another coordinator has taken over. */
function tellStarted(run: Coordination, started: number, planned: number): void {
  const workers = counted(planned, 'worker')
  // An earlier coordinator may have started further workers that have not claimed their slices.
  const least = run.role === 'first' ? '' : 'at least '
  if (started === planned) return run.tell(`${workers} started`)
  if (run.control?.stop) run.tell(`the run was stopped during the launch: ${least}${started} of ${workers} started`)
}

/**
 * Renews the lease while `work` runs. Aborts the signal of `work` when the run is stopped or another coordinator takes over.
 * @returns false when another coordinator has taken over
 * @throws the error of `work`; BurstError (97) when the control file is missing
 */
async function whileRenewing(run: Coordination, work: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
  const { plan, env } = run
  const stop = new AbortController()
  const working = work(stop.signal)
  const ended = working.then(
    () => true,
    () => true,
  )
  const waited = async (): Promise<boolean> => env.clock.sleep(plan.timing.controlPollMs).then(() => false)
  let ours = true
  try {
    while (!stop.signal.aborted && !(await Promise.race([ended, waited()]))) {
      const control = await renew(run)
      ours = control !== undefined
      if (!control || control.stop) stop.abort()
    }
  } catch (error) {
    stop.abort()
    await ended
    throw error
  }
  await working
  return ours
}

/**
 * Returns a function that renews the lease while thousands of workers are launched. The returned function returns false when the run is stopped or
 * another coordinator has taken over.
 */
function renewingFor(run: Coordination): () => Promise<boolean> {
  const { clock } = run.env
  let renewedAt = clock.nowMs()
  let ours: Promise<boolean> = Promise.resolve(true)
  return async () => {
    if (clock.nowMs() - renewedAt >= run.plan.timing.controlPollMs) {
      renewedAt = clock.nowMs()
      ours = renew(run).then((control) => control !== undefined)
    }
    // All pending launches wait for one renewal, because its result is valid for each launch.
    return (await ours) && run.control?.stop === null
  }
}

/** Renews the lease if a renewal is due, and stops the run if the stack is halted. Returns undefined when another coordinator has taken over. */
async function renew(run: Coordination): Promise<Control | undefined> {
  const { plan, env } = run
  const halt = await haltOf(env.store)
  const control = await changeAsHolder(run, (before, nowMs) => renewed(before, nowMs, plan.timing))
  if (control && halt !== undefined && !control.stop) run.control = await stopRun(env, plan.run, halt)
  return control && run.control
}
