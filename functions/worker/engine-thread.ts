import { extname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import { BurstError } from '../../core/errors.ts'
import { lowerCompilerPriority } from './engine/warming/compiler-priority.ts'
import { hasManyUsers } from './engine-limits.ts'
import type { EngineSetup, EngineStart, FromEngine } from './engine/protocol.ts'

const engineFile = new URL(`./engine/thread${extname(import.meta.url)}`, import.meta.url)
/**
 * Flags that turn off two optimisations of V8 (versions 12 to 14). The flags apply to the whole process. V8 reads a flag each time it makes a
 * decision that depends on this flag.
 *
 * `allocation-site-pretenuring`: if a piece of code has allocated objects that lived for a long time, V8 allocates later objects of the same code in
 * the old generation. The objects of waiting users live so long that V8 would also allocate the objects of responses in the old generation. Only a
 * collection of the whole heap frees objects of the old generation. Until such a collection, the objects of responses would keep younger objects
 * alive. Without this optimisation, collections of the young generation take 2 ms instead of 10 ms at 10,000 arrivals per second.
 *
 * `maglev-destroy-on-background`: a background thread frees the memory of finished compilations. On a busy core, this thread runs late. Without this
 * optimisation, a worker with 900 users needs 20 MiB less.
 */
const engineFlags = ['--no-allocation-site-pretenuring', '--no-maglev-destroy-on-background']
/** The longest time that the engine may take to load the scenario, in milliseconds. */
const loadMs = 60_000

/** A thread that has loaded or is loading the engine's code, and has not received its setup yet. */
let prepared: { thread: Worker; limits: ResourceLimits } | undefined

/** Starts a thread that loads the engine's code before the run is planned. If the thread fails, `startEngine` starts another thread. */
export function prepareEngine(limits: ResourceLimits): void {
  const thread = newThread(null, limits)
  const forget = (): void => {
    if (prepared?.thread === thread) prepared = undefined
  }
  thread.once('error', forget)
  thread.once('exit', forget)
  prepared = { thread, limits }
}

/** Passes the setup to the prepared thread if that thread was started with `limits`, otherwise to a new thread. */
export function startEngine(setup: EngineSetup, limits: ResourceLimits): Worker {
  const ready = prepared
  prepared = undefined
  if (ready && isDeepStrictEqual(ready.limits, limits)) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    ready.thread.postMessage(setup)
    return ready.thread
  }
  void ready?.thread.terminate()
  return newThread(setup, limits)
}

function newThread(setup: EngineSetup | null, limits: ResourceLimits): Worker {
  for (const flag of engineFlags) setFlagsFromString(flag)
  const warmsUp = hasManyUsers(limits)
  if (warmsUp) lowerCompilerPriority()
  const start: EngineStart = { setup, warmsUp }
  return new Worker(engineFile, { workerData: start, resourceLimits: limits })
}

/**
 * Resolves when the engine has loaded the scenario.
 * @throws BurstError (107) when the scenario cannot be loaded, when its code ends the thread, or when loading takes longer than `loadMs`
 */
export async function engineLoaded(engine: Worker, masked: (text: string) => string): Promise<void> {
  const loaded = new Promise<void>((resolve, reject) => {
    engine.on('message', (message: FromEngine) => {
      if (message.type === 'loaded') resolve()
      if (message.type === 'failed') reject(new BurstError('scenarioThrew', masked(message.message)))
    })
    engine.once('error', (error) => reject(new BurstError('scenarioThrew', masked(textOf(error)))))
    engine.once('exit', () =>
      reject(new BurstError('scenarioThrew', "the scenario's code ended the thread in which burst loaded it")),
    )
  })
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    limit.reject(new BurstError('scenarioThrew', `the scenario takes longer than ${loadMs / 1000} s to load`))
  }, loadMs)
  try {
    await Promise.race([loaded, limit.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Returns the message of the error that ended a thread. The error may be any value, because user code can throw anything. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
