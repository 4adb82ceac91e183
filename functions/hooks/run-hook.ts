import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { BurstError } from '../../core/errors.ts'
import { masker } from '../../core/secrets.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { WindowHookEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment, Store } from '../ports.ts'
import { placeBundle } from '../files/temporary.ts'
import { withVariables } from '../variables.ts'
import { type WindowTold, encodeWindowTold, hookResult, newClaim } from './hook-records.ts'
import type { HookAnswer, HookSetup } from './hook-thread.ts'
import { milliseconds } from '../../core/words.ts'

export type HookName = 'beforeRun' | 'afterRun'

const entry = new URL(`hook-thread${extname(import.meta.url)}`, import.meta.url)
type HookPlace = Pick<Environment, 'store' | 'allow'>

interface HookOptions {
  /** The name of the invocation that runs the hook. */
  invocation?: string
  /** The maximum duration of the hook, in milliseconds. Default: 60,000. */
  limitMs?: number
  /** When this signal is aborted, the hook ends immediately. */
  signal?: AbortSignal
}

/**
 * The longest time that `beforeRun` or `afterRun` may take, in milliseconds. This time includes the call of `onEvent` for the start or the end of the
 * run.
 */
export const hookLimitMs = 60_000
/** The longest time that `onEvent` may take for one window, in milliseconds. */
export const windowHookLimitMs = 10_000

/**
 * Runs a hook of the scenario, at most once per run, and stores its result as JSON. The stored object contains a claim until the hook has a result.
 * The object keeps the claim in three cases: the hook fails, the signal ends the hook, or the process ends before the hook. Returns immediately if
 * another invocation has already begun the hook.
 * @throws BurstError (107) when the hook throws, takes too long or ends its thread; BurstError (97) when the bundle, the variables or the result of
 * `beforeRun` cannot be read, or when the bundle cannot be written to the temporary folder
 */
export async function runHook(
  place: HookPlace,
  plan: RunPlan,
  hook: HookName,
  { invocation, limitMs = hookLimitMs, signal }: HookOptions = {},
): Promise<void> {
  const { store } = place
  const key = keys.hook(plan.run, hook)
  const claim = await store.put(key, newClaim(invocation), { ifAbsent: true })
  if (claim === undefined) return
  const result = await callHook(place, plan, { hook }, { limitMs, signal })
  if (result !== undefined) await store.put(key, result, { ifMatch: claim })
}

/**
 * Calls `onEvent` with a closed window, at most once per event. Stores the result, which may be an error: the error that `onEvent` threw, or the
 * reason why `onEvent` could not be called.
 */
export async function runWindowHook(
  place: HookPlace,
  plan: RunPlan,
  { number, to, window }: Pick<WindowHookEvent, 'number' | 'to' | 'window'>,
  limitMs = windowHookLimitMs,
): Promise<void> {
  const { store } = place
  const key = keys.windowHook(plan.run, number)
  const claim = await store.put(key, newClaim(), { ifAbsent: true })
  if (claim === undefined) return
  const told: WindowTold = { to }
  try {
    await callHook(place, plan, { hook: 'onEvent', window }, { limitMs, signal: undefined })
  } catch (error) {
    told.error = error instanceof Error ? error.message : String(error)
  }
  await store.put(key, encodeWindowTold(told), { ifMatch: claim })
}

/**
 * Calls a hook in a separate thread. Returns the result as JSON. Returns undefined if the signal ended the hook.
 * @throws BurstError (107) when the hook throws, takes too long or ends its thread; BurstError (97) when the bundle, the variables or the result of
 * `beforeRun` cannot be read, or when the bundle cannot be written to the temporary folder
 */
async function callHook(
  { store, allow }: HookPlace,
  plan: RunPlan,
  call: Pick<HookSetup, 'hook' | 'window'>,
  limits: { limitMs: number; signal: AbortSignal | undefined },
): Promise<string | undefined> {
  const code = await bundleOf(store, plan.bundle)
  const data = call.hook === 'beforeRun' ? undefined : await hookResult(store, plan.run)
  const { file, folder, remove } = await placeBundle(code)
  try {
    const { vars, env, hostUserinfo } = await withVariables(store, plan)
    const context = { run: plan.run, host: plan.host, vars, ...(data === undefined ? {} : { data }) }
    return await inThread({ file, folder, context, env, hostUserinfo, allow: allow ?? null, ...call }, limits)
  } finally {
    await remove()
  }
}

async function bundleOf(store: Store, hash: string): Promise<string> {
  const stored = await store.get(keys.bundle(hash))
  if (!stored) throw new BurstError('runFailed', `the bundle ${hash} does not exist`)
  if (createHash('sha256').update(stored.body).digest('hex') === hash) return stored.body
  throw new BurstError('runFailed', `the bundle ${hash} does not match the hash in its name`)
}

/**
 * Calls the hook in a separate thread, so that burst can end code that blocks or never returns. Returns the result as JSON; undefined when the signal
 * ended the thread.
 */
async function inThread(
  setup: HookSetup,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal | undefined },
): Promise<string | undefined> {
  const thread = new Worker(entry, { workerData: setup, execArgv: [] })
  const { promise, resolve, reject } = Promise.withResolvers<HookAnswer | undefined>()
  // The error is also masked here, because an asynchronous exception ends the thread before the thread can mask the message.
  const masked = masker({ ...setup, vars: setup.context.vars })
  const threw = (message: string): void => reject(new BurstError('scenarioThrew', masked(message)))
  const tooLong = setTimeout(() => threw(`${setup.hook} took longer than ${milliseconds(limitMs)}`), limitMs)
  const stop = (): void => resolve(undefined)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  thread.once('message', resolve)
  thread.once('error', (error) => threw(`${setup.hook} threw: ${String(error)}`))
  thread.once('exit', () => threw(`${setup.hook} ended its thread`))
  try {
    const answer = await promise
    if (!answer) return undefined
    if (answer.ok) return answer.json
    throw new BurstError('scenarioThrew', masked(answer.message))
  } finally {
    clearTimeout(tooLong)
    signal?.removeEventListener('abort', stop)
    await thread.terminate()
  }
}
