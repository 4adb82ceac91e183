import { type Control, decodeControl } from '../../core/fleet/control.ts'
import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { HookEvent, WindowHookEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { readPlan } from '../read-plan.ts'
import { encodeHookFailure } from './hook-records.ts'
import { runHook, runWindowHook } from './run-hook.ts'

/**
 * Runs a hook of the scenario in its own stage, separately from the coordinator and with fewer permissions. Stores the hook's result or failure. Does
 * not run `beforeRun` if it is too late (`isTooLate`).
 * @throws BurstError (97) when the plan is missing or cannot be read; the error of the store
 */
export async function carryOutHook(event: HookEvent | WindowHookEvent, env: Environment): Promise<void> {
  const plan = await readPlan(env.store, event.run)
  if (event.hook === 'onEvent') return runWindowHook(env, plan, event)
  const { run, hook, invocation } = event
  if (hook === 'beforeRun' && (await isTooLate(run, env)))
    return env.log('the run was over before beforeRun began', { run })
  const stop = new AbortController()
  const ended = new AbortController()
  // A stop aborts only `beforeRun`. `afterRun` still runs, because it cleans up.
  const watching = hook === 'beforeRun' ? abortOnStop(plan, env, { stop, ended: ended.signal }) : undefined
  try {
    await runHook(env, plan, hook, { invocation, signal: stop.signal })
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    await env.store.put(keys.hookFailure(run, hook), encodeHookFailure(error))
  } finally {
    ended.abort()
    await watching
  }
}

/** Aborts the hook when the run is stopped, because a person who stops the run must not have to wait for the hook. */
async function abortOnStop(
  { run, timing }: RunPlan,
  env: Environment,
  { stop, ended }: { stop: AbortController; ended: AbortSignal },
): Promise<void> {
  const over = new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve()))
  while (!ended.aborted && !stop.signal.aborted) {
    if (await isStopAsked(run, env)) stop.abort()
    else await Promise.race([env.clock.sleep(timing.controlPollMs), over])
  }
}

/**
 * Returns whether it is too late to begin `beforeRun`, because the run was stopped or its lease has expired. Returns false if the control file cannot
 * be read. The invocation may have waited in a queue for a long time. If `beforeRun` began too late, `afterRun` would not clean up what `beforeRun`
 * created.
 */
async function isTooLate(run: string, env: Environment): Promise<boolean> {
  const control = await controlOf(run, env)
  return control !== undefined && (control.stop !== null || control.leaseUntil < env.clock.nowMs())
}

async function isStopAsked(run: string, env: Environment): Promise<boolean> {
  const control = await controlOf(run, env)
  return control !== undefined && control.stop !== null
}

/**
 * Returns the control file. Returns undefined if the file does not exist or cannot be read. The hook then continues, and the file is read again
 * later.
 */
async function controlOf(run: string, env: Environment): Promise<Control | undefined> {
  try {
    const control = await env.store.get(keys.control(run))
    return control && decodeControl(control.body)
  } catch (error) {
    env.log('control unreadable', { run, error: (error as Error).message })
    return undefined
  }
}
