import { decodeControl } from '../../core/fleet/control.ts'
import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { HookEvent, WindowHookEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { readPlan } from '../read-plan.ts'
import { invocationPatienceMs, invokePatiently } from '../invocation.ts'
import { decodeHookFailure, encodeHookFailure } from './hook-records.ts'
import { type HookName, hookLimitMs, runHook, runWindowHook } from './run-hook.ts'

/** The longest time from the invocation to the hook's first line, milliseconds. */
const startMs = 60_000

/** Runs a hook of the scenario in its own stage, separately from the coordinator and with fewer permissions. Stores the hook's result or failure. */
export async function carryOutHook(event: HookEvent | WindowHookEvent, env: Environment): Promise<void> {
  const plan = await readPlan(env.store, event.run)
  if (event.hook === 'onEvent') return runWindowHook(env, plan, event)
  const { run, hook } = event
  const stop = new AbortController()
  const ended = new AbortController()
  // After a stop `afterRun` still runs, to clean up.
  const watching = hook === 'beforeRun' ? abortOnStop(plan, env, { stop, ended: ended.signal }) : undefined
  try {
    await runHook(env, plan, hook, { signal: stop.signal })
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    await env.store.put(keys.hookFailure(run, hook), encodeHookFailure(error))
  } finally {
    ended.abort()
    await watching
  }
}

/** Aborts the hook when the run is stopped, so that a person who stops the run does not wait for the hook. */
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

/** Also returns false when the control cannot be read: the hook then continues, and the next check tries again. */
async function isStopAsked(run: string, env: Environment): Promise<boolean> {
  try {
    const control = await env.store.get(keys.control(run))
    return control !== undefined && decodeControl(control.body).stop !== null
  } catch (error) {
    env.log('control unreadable', { run, error: (error as Error).message })
    return false
  }
}

/**
 * Runs a hook, once per run, and waits for its end. If a lost coordinator has already started the hook, waits for that hook instead of
 * starting it again.
 * @throws BurstError 107 when the hook throws or takes too long, 97 when its function failed
 */
export async function haveHookRun(
  env: Environment,
  plan: RunPlan,
  hook: HookName,
  signal?: AbortSignal,
): Promise<void> {
  const { store, clock } = env
  const event: HookEvent = { run: plan.run, hook }
  if (!(await store.get(keys.hook(plan.run, hook)))) {
    const invocationUntil = clock.nowMs() + invocationPatienceMs
    await invokePatiently(env, ['hook', event], { until: invocationUntil, mayGoOn: async () => !signal?.aborted })
  }
  const until = clock.nowMs() + startMs + hookLimitMs
  for (;;) {
    if (signal?.aborted || (await isDone(env, plan, hook))) return
    if (clock.nowMs() > until) throw new BurstError('runFailed', `${hook} began but never finished`)
    await clock.sleep(Math.min(500, plan.timing.controlPollMs))
  }
}

async function isDone({ store, invoker }: Environment, { run }: RunPlan, hook: HookName): Promise<boolean> {
  if ((await store.get(keys.hook(run, hook)))?.body) return true
  const failed = await store.get(keys.hookFailure(run, hook))
  if (failed) {
    const { reason, message } = decodeHookFailure(failed.body)
    throw new BurstError(reason, message)
  }
  const lost = (await invoker.failed(run)).find(
    (one) => one.stage === 'hook' && (one.event as Partial<HookEvent>).hook === hook,
  )
  if (lost) throw new BurstError('runFailed', `${hook} did not finish: ${lost.error}`)
  return false
}
