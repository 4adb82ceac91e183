import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { decodeWindow } from '../../../core/window/codec/codec.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import { emptyWindow } from '../../../core/window/window.ts'
import { BurstError } from '../../../core/errors.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import { type RunPlan, slicesOf } from '../../../core/plan/plan.ts'
import { planRun } from '../../../core/plan/plan-run.ts'
import { masker } from '../../../core/secrets.ts'
import { hookResult } from '../../../functions/hooks/hook-records.ts'
import { anchorNow, anchoredClock } from '../../../functions/clock.ts'
import { runHook } from '../../../functions/hooks/run-hook.ts'
import { keys } from '../../../functions/keys.ts'
import { temporaryFolder } from '../../../functions/files/temporary.ts'
import { fetchBundle } from '../../../functions/worker/fetch-bundle.ts'
import type {
  EngineSetup,
  EngineStart,
  FromEngine,
  ToEngine,
  TraceEvent,
} from '../../../functions/worker/engine/protocol.ts'
import { buildIdentity } from '../../../build/identity.ts'
import { type ScenarioBundle, bundleScenario, bundleOptions } from '../../bundle/bundle.ts'
import { FileStore } from '../../embedded/file-store.ts'
import { sweepStale } from './sweep.ts'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import { milliseconds } from '../../../core/words.ts'

/** The options of `burst debug`, which runs one user of each class. */
export interface DebugRequest {
  file: string
  options: RunOptions
  cwd: string
  /** Called when a user performs an action. `masked` replaces the secrets in a string with `***`. */
  show: (event: TraceEvent, masked: (text: string) => string) => void
  /**
   * The maximum time in milliseconds for which the scenario's code may run without an await, or may await something other than a request or a pause.
   * Default: 30,000.
   */
  stuckMs?: number
}

/** The result of the run. */
export interface DebugResult {
  /** The number of failed exchanges. */
  failures: number
  exceptions: { message: string; stack: string; count: number }[]
}

const engine = new URL(`../../../functions/worker/engine/thread${extname(import.meta.url)}`, import.meta.url)
const limitMs = 10 * 60_000
const stuckMs = 30_000
/** A thread counts as blocked if its event loop is busy for more than this fraction of the time. */
const blockedShare = 0.99

/**
 * Runs each task once, with one user of each class, in this process, and shows each action of these users.
 * @throws BurstError (104) when the scenario is invalid; (107) when its file or a hook throws, when its code ends the thread, or when its code blocks
 * the thread for longer than `stuckMs`
 */
export async function debugScenario(request: DebugRequest): Promise<DebugResult> {
  await sweepStale(Date.now())
  const bundle = await bundleScenario(request.file, { cwd: request.cwd, ...bundleOptions(request.options) })
  const plan = await planDebugRun(bundle, request.options)
  const folder = await temporaryFolder()
  const store = new FileStore(folder)
  try {
    await store.put(keys.bundle(bundle.hash), bundle.code)
    if (plan.hooks.beforeRun) await runHook({ store }, plan, 'beforeRun')
    const data = await hookResult(store, plan.run)
    const masked = masker(plan)
    const result = await withBundle(bundle.hash, store, async (bundleFile) =>
      rehearse({ plan, bundleFile, data, stuckMs: request.stuckMs ?? stuckMs }, (event) => request.show(event, masked)),
    )
    if (plan.hooks.afterRun) await runHook({ store }, plan, 'afterRun')
    return result
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function withBundle<T>(hash: string, store: FileStore, act: (file: string) => Promise<T>): Promise<T> {
  const { file, remove } = await fetchBundle(hash, store)
  try {
    return await act(file)
  } finally {
    await remove()
  }
}

async function planDebugRun(bundle: ScenarioBundle, options: RunOptions): Promise<RunPlan> {
  const plan = planRun({
    // Only one user of each class runs, regardless of the users that the file plans.
    description: {
      ...bundle.description,
      // Removes the search and the rules that stop a run, because a debug run ends after its tasks.
      abortOn: [],
      find: undefined,
      classes: bundle.description.classes.map((one) => ({ ...one, weight: 1, count: null })),
    },
    options: { ...options, env: bundle.env },
    facts: {
      run: 'debug',
      scenario: bundle.scenario,
      bundle: bundle.hash,
      build: await buildIdentity(),
      createdAt: Date.now(),
      seed: 'debug',
      cores: availableParallelism(),
      backend: 'local',
      region: 'local',
    },
    locate: (text, after) => bundle.locate(text, after),
  })
  return { ...plan, slices: slicesOf(plan.users, 1) }
}

async function rehearse(
  parts: Pick<EngineSetup, 'plan' | 'bundleFile' | 'data'> & { stuckMs: number },
  show: (event: TraceEvent) => void,
): Promise<DebugResult> {
  const anchor = anchorNow()
  const clock = anchoredClock(anchor)
  const startAt = clock.nowMs()
  const setup: EngineSetup = {
    ...parts,
    fleet: fleetAt(parts.plan),
    slice: 0,
    attempt: 0,
    anchor,
    startAt,
    leaseUntil: startAt + limitMs,
    allow: null,
    sent: new SharedArrayBuffer(4),
    mode: 'debug',
  }
  const thread = new Worker(engine, { workerData: { setup, warmsUp: false } satisfies EngineStart, execArgv: [] })
  // Renews the lease of the run, because there is no coordinator.
  const word = setInterval(() => {
    const control: ToEngine = { type: 'control', startAt, leaseUntil: startAt + limitMs, readAt: clock.nowMs() }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    thread.postMessage(control)
  }, 1000)
  const blocked = noticeBlocked(thread, parts.stuckMs)
  try {
    const begin: ToEngine = { type: 'begin' }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    thread.postMessage(begin)
    return await Promise.race([resultOf(thread, show), blocked.promise])
  } finally {
    blocked.end()
    clearInterval(word)
    await thread.terminate()
  }
}

/** Returns a promise that rejects when the scenario's code blocks the thread for too long. */
function noticeBlocked(thread: Worker, mostMs: number): { promise: Promise<never>; end(): void } {
  const { promise, reject } = Promise.withResolvers<never>()
  let before = thread.performance.eventLoopUtilization()
  let busyMs = 0
  let loaded = false
  thread.on('message', (message: FromEngine) => {
    loaded ||= message.type === 'loaded'
    // A finished request shows that the thread is not blocked, so the busy time starts again at 0. Otherwise, a thread that is always active on a
    // busy machine would count as blocked.
    if (message.type === 'trace' && message.event.kind === 'exchange') busyMs = 0
  })
  const timer = setInterval(() => {
    const now = thread.performance.eventLoopUtilization()
    const { active, utilization } = thread.performance.eventLoopUtilization(now, before)
    before = now
    if (!loaded) return
    busyMs = utilization > blockedShare ? busyMs + active : 0
    if (busyMs < mostMs) return
    const message = `the scenario's code has run for ${milliseconds(mostMs)} without an await, probably in an endless loop`
    reject(new BurstError('scenarioThrew', message, { hint: 'the last lines above show the task' }))
  }, 100)
  return { promise, end: () => clearInterval(timer) }
}

function resultOf(thread: Worker, show: (event: TraceEvent) => void): Promise<DebugResult> {
  let failures = 0
  const counted = emptyWindow()
  return new Promise((resolve, reject) => {
    const threw = (message: string): void => reject(new BurstError('scenarioThrew', message))
    thread.once('error', (error) => threw(String(error)))
    thread.once('exit', () => threw('the scenario ended its thread'))
    thread.on('message', (message: FromEngine) => {
      if (message.type === 'failed') threw(message.message)
      if (message.type === 'trace') {
        if (message.event.kind === 'exchange' && message.event.exchange.failure !== null) failures++
        show(message.event)
      }
      if (message.type !== 'counted') return
      // A message contains the counts of one window, and the run may last for several windows. The counts of all messages are therefore merged.
      mergeWindow(counted, decodeWindow(message.content))
      if (message.done) resolve({ failures, exceptions: [...counted.exceptions.values()] })
    })
  })
}
