import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleScenario } from '../../../cli/bundle/bundle.ts'
import { decodeMessage } from '../../../core/window/codec/codec.ts'
import { type Control, encodeControl } from '../../../core/fleet/control.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { planRun } from '../../../core/plan/plan-run.ts'
import { type Window, emptyWindow } from '../../../core/window/window.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import type { WorkerEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment, QueueMessage, Store } from '../../../functions/ports.ts'
import { putPlan } from '../../../functions/variables.ts'
import { work } from '../../../functions/worker/handler.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

export interface SliceRunInput {
  /** The content of the scenario file. */
  scenario: string
  host: string
  options?: Partial<RunOptions>
  /** The files that are in the folder of the scenario in addition to the scenario file. */
  files?: Record<string, string>
  /** Files in the folder of `--files`. */
  shipped?: Record<string, string>
  /** The hosts that the worker allows. Default: any. */
  allow?: readonly string[]
  /** The memory of the worker, in megabytes. */
  memoryMb?: number
  plan?: (plan: RunPlan) => RunPlan
  /** The time between the start of the run and the start of the worker, in milliseconds. Default: the run starts after the worker has started. */
  startedAgoMs?: number
  /**
   * The number of attempts of each slice; each attempt takes over from the previous attempt. `until stopped`: each slice begins with two attempts.
   * Whenever an attempt ends, the next attempt starts, until `during` stops the run. Default: 1.
   */
  attempts?: number | 'until stopped'
  /** `true` if another worker has already claimed the slice. The worker of this run notices this claim only after some time. */
  claimed?: boolean
  /** Returns the changes to the environment of the worker. */
  where?: (own: Environment) => Partial<Environment>
  /** Objects that are already in the store when the run starts, by key. */
  stored?: Record<string, string>
  /**
   * Called when all workers have claimed their slices, or immediately if `startedAgoMs` is set. May change the control file, for example to stop the
   * run.
   */
  during?: (run: {
    /** Stops the run; `now`: immediately. */
    stop: (how?: { now: true }) => Promise<void>
    renew: (leaseUntil: number) => Promise<void>
    store: Store
    startAt: number
    /** Merges the counts in all messages that the workers have sent so far, and returns the result. */
    counted: () => Window
  }) => Promise<void>
}

export interface SliceRunResult {
  plan: RunPlan
  messages: WindowMessage[]
  /** The merged counts of all windows. */
  window: Window
  last: WindowMessage
}

/** The time from the claim of the last worker to the start of the run, in milliseconds. Workers read the control file every 100 ms. */
const noticeMs = 700

/**
 * Runs all workers of a run with the real handler of the worker, the real bundle and the real engine thread. Only the store and the queue are
 * simulated, in memory.
 */
export async function runSlice(input: SliceRunInput): Promise<SliceRunResult> {
  // The folder is inside the repository (and ignored by git), so that scenarios find the development packages of the repository.
  const parent = join(import.meta.dirname, '../../../burst-results')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'slice-'))
  try {
    await writeFile(join(folder, 'test.burst.ts'), input.scenario)
    for (const [name, text] of Object.entries(input.files ?? {})) await writeFile(join(folder, name), text)
    const filesFolder = await placeShipped(input.shipped, folder)
    const bundle = await bundleScenario('test.burst.ts', { cwd: folder, filesFolder })
    const options: RunOptions = {
      tags: [],
      excludeTags: [],
      vars: {},
      failOnError: false,
      workers: 1,
      host: input.host,
      ...input.options,
    }
    const facts = {
      run: 'r1',
      scenario: 'test.burst.ts',
      bundle: bundle.hash,
      build: 'test',
      createdAt: Date.now(),
      seed: 'seed',
      cores: 1,
      backend: 'local' as const,
      region: 'local',
    }
    const made = planRun({ description: bundle.description, options, facts })
    const planned = { ...made, timing: { ...made.timing, controlPollMs: 100 } }
    const plan = input.plan?.(planned) ?? planned
    const messages = await runWorkers(plan, bundle.code, input)
    return { plan, messages, window: merged(messages), last: messages.at(-1) as WindowMessage }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function merged(messages: readonly WindowMessage[]): Window {
  const window = emptyWindow()
  for (const message of messages) mergeWindow(window, message.content)
  return window
}

async function placeShipped(shipped: SliceRunInput['shipped'], folder: string): Promise<string | undefined> {
  if (!shipped) return undefined
  await mkdir(join(folder, 'shipped/deep'), { recursive: true })
  for (const [name, text] of Object.entries(shipped)) await writeFile(join(folder, 'shipped', name), text)
  return 'shipped'
}

async function runWorkers(plan: RunPlan, code: string, input: SliceRunInput): Promise<WindowMessage[]> {
  const store = new MemoryStore()
  const sent: QueueMessage[] = []
  const env = whereOf(input, environment(input.claimed ? claimedByAnother(store) : store, sent))
  let startAt = Date.now() + (input.startedAgoMs === undefined ? 60_000 : -input.startedAgoMs)
  let control: Control = { v: 1, startAt, leaseUntil: Date.now() + 300_000, stop: null }
  const write = async (): Promise<void> => void (await store.put(keys.control(plan.run), encodeControl(control)))
  await putPlan(store, plan)
  await store.put(keys.bundle(plan.bundle), code)
  await write()
  for (const [key, body] of Object.entries(input.stored ?? {})) await store.put(key, body)
  const working = startWorkers(plan, input, env, () => control)
  const over = { yet: false }
  const end = (): void => void (over.yet = true)
  working.then(end, end)
  // Makes the run start early when all workers are ready, as a coordinator does. The planned start is late, because workers start slowly on a busy
  // machine.
  if (input.startedAgoMs === undefined && (await allClaimed(store, plan, input, over))) {
    startAt = Date.now() + noticeMs
    control = { ...control, startAt }
    await write()
  }
  const during = input.during?.({
    startAt,
    stop: async (how) => {
      control = { ...control, stop: { reason: 'test', at: Date.now(), ...how } }
      await write()
    },
    store,
    counted: () => merged(sent.map(({ body }) => decodeMessage(body))),
    renew: async (leaseUntil) => {
      control = { ...control, leaseUntil }
      await write()
    },
  })
  await working
  await during
  return sent.map((message) => decodeMessage(message.body))
}

async function startWorkers(
  plan: RunPlan,
  input: SliceRunInput,
  env: Environment,
  control: () => Control,
): Promise<void> {
  if (input.attempts === 'until stopped') return workUntilStopped(plan, env, control)
  await Promise.all(eventsOf(plan, input, control().startAt).map((event) => work(event, env)))
}

/** Keeps two workers of each slice running until the run is stopped, as a coordinator does: whenever a worker ends, the next worker starts. */
async function workUntilStopped({ run, slices }: RunPlan, env: Environment, control: () => Control): Promise<void> {
  const lines = slices.flatMap(({ slice }) => {
    let next = 0
    const line = async (): Promise<void> => {
      while (!control().stop) await work({ run, slice, attempt: next++, startAt: control().startAt }, env)
    }
    return [line(), line()]
  })
  await Promise.all(lines)
}

/** Returns how many attempts of each slice are started before the run starts. */
function firstAttempts({ attempts = 1 }: SliceRunInput): number {
  return attempts === 'until stopped' ? 2 : attempts
}

function eventsOf({ run, slices }: RunPlan, input: SliceRunInput, startAt: number): WorkerEvent[] {
  return slices.flatMap(({ slice }) =>
    Array.from({ length: firstAttempts(input) }, (_, attempt) => ({ run, slice, attempt, startAt })),
  )
}

/**
 * Waits until the workers of all first attempts have claimed their slices, and returns true. If the workers end before that, returns false. The first
 * attempts are the attempts that start before the run starts.
 */
async function allClaimed(
  store: Store,
  { run, slices }: RunPlan,
  input: SliceRunInput,
  over: { yet: boolean },
): Promise<boolean> {
  while (!over.yet) {
    if ((await store.list(keys.claims(run))).length === firstAttempts(input) * slices.length) return true
    await sleep(10)
  }
  return false
}

function whereOf(input: SliceRunInput, own: Environment): Environment {
  return {
    ...own,
    ...(input.allow && { allow: input.allow }),
    ...(input.memoryMb && { memoryMb: input.memoryMb }),
    ...input.where?.(own),
  }
}

function claimedByAnother(store: MemoryStore): Store {
  const isClaim = (key: string): boolean => key.startsWith(keys.claims('r1'))
  return {
    get: async (key) => (isClaim(key) ? { body: '{"nonce":"of another"}', etag: '1' } : store.get(key)),
    put: async (key, body, condition) => (isClaim(key) ? sleep(1_000, undefined) : store.put(key, body, condition)),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
  }
}

function environment(store: Store, sent: QueueMessage[]): Environment {
  return {
    store,
    queue: { send: async (messages) => void sent.push(...messages) },
    invoker: { invoke: () => Promise.reject(new Error('a worker must not invoke a stage')), failed: async () => [] },
    clock: { nowMs: () => Date.now(), sleep: (ms) => sleep(ms) },
    build: 'test',
    remainingMs: () => Number.POSITIVE_INFINITY,
    log: () => undefined,
  }
}
