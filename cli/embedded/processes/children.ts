import { extname } from 'node:path'
import type { HookEvent, WindowHookEvent } from '../../../functions/events.ts'
import type {
  FailedInvocation,
  Invoker,
  Queue,
  QueueEvent,
  QueueResponse,
  StageName,
  Store,
} from '../../../functions/ports.ts'
import type { Ports } from './ipc.ts'
import { type Print, PrintAllowance } from './printed-lines.ts'
import type { PreparedProcesses } from './prepared-processes.ts'
import { type ProcessOptions, StageProcess } from './stage-process.ts'
import { WarmProcesses } from './warm-processes.ts'

const ownStages = new URL(`stage-handlers${extname(import.meta.url)}`, import.meta.url).href
/** How long a batch may be merged, milliseconds. */
export const mergeLimitMs = 30_000
/** How long an invocation may take, milliseconds. For workers and coordinators of a run without an end: the longest possible timer. */
const limitsMs: Record<StageName, number> = {
  coordinator: 2_000_000_000,
  hook: 120_000,
  worker: 2_000_000_000,
  merge: mergeLimitMs,
  finalise: 900_000,
}
/** The number of batches that are merged at the same time, each in a separate process. */
const mergersAtMost = 2

export interface ChildrenOptions {
  store: Store
  queue: Queue
  /** The build of the code, passed to every stage. */
  build: string
  /** URL of a module that exports `stages`. Default: burst's own. */
  stages?: string | undefined
  workFolder?: string | undefined
  /** Processes that were started in advance. */
  prepared?: PreparedProcesses | undefined
  environment?: ProcessOptions['environment']
  log: ProcessOptions['log']
  print: Print
}

/** The result of one invocation. */
export interface Ended {
  stage: StageName
  event: unknown
  /** Null when the invocation succeeded. */
  error: Error | null
}

/** Runs each stage in its own process: the invoker of a run on one machine. */
export class Children implements Invoker {
  readonly #process: ProcessOptions
  readonly #prepared: PreparedProcesses | undefined
  readonly #mergers: WarmProcesses
  /** Tells `onEvent` of windows; the process is kept, because starting one every few seconds would take time from the load. */
  readonly #windowHooks: WarmProcesses
  readonly #running = new Set<StageProcess>()
  readonly #failures: FailedInvocation[] = []
  readonly #onEnd: (ended: Ended) => void
  #stopped = false

  constructor(options: ChildrenOptions, onEnd: (ended: Ended) => void) {
    this.#onEnd = onEnd
    this.#prepared = options.prepared
    this.#process = {
      ports: this.#ports(options),
      build: options.build,
      stages: options.stages ?? ownStages,
      workFolder: options.workFolder,
      environment: options.environment,
      log: options.log,
      printed: new PrintAllowance(options.print),
    }
    this.#mergers = new WarmProcesses(mergersAtMost, () => this.#start('merge'))
    this.#windowHooks = new WarmProcesses(1, () => this.#start('hook'))
  }

  async invoke(stage: StageName, event: unknown): Promise<void> {
    void this.#follow(stage, event)
  }

  async failed(run: string): Promise<FailedInvocation[]> {
    return this.#failures.filter((failure) => runOf(failure.event) === run)
  }

  /** Merges a batch and returns the stage's answer. */
  async merge(event: QueueEvent): Promise<QueueResponse> {
    const order = { stage: 'merge', event, limitMs: limitsMs.merge } as const
    return (await this.#mergers.run(order)) as QueueResponse
  }

  /** The ids of the current processes. */
  get pids(): number[] {
    return [...this.#running].map((child) => child.pid).filter((pid) => pid !== undefined)
  }

  /** Resolves when all processes have ended; those that still run after `patienceMs` are killed. After this call, no process is started. */
  async end(patienceMs: number): Promise<void> {
    this.#stopped = true
    this.#mergers.close()
    this.#windowHooks.close()
    this.#prepared?.close()
    const impatient = setTimeout(() => this.#kill(), patienceMs)
    while (this.#running.size > 0) await Promise.all([...this.#running].map(async (child) => child.exited))
    clearTimeout(impatient)
    this.#process.printed.end()
  }

  #kill(): void {
    for (const child of this.#running) child.kill()
  }

  async #follow(stage: StageName, event: unknown): Promise<void> {
    const error = await this.#carryOut(stage, event)
    if (error) {
      this.#failures.push({ stage, event, error: error.message, at: Date.now() })
      this.#process.log('invocation failed', { stage, event, error: error.message })
    }
    this.#onEnd({ stage, event, error })
  }

  async #carryOut(stage: StageName, event: unknown): Promise<Error | null> {
    try {
      if (stage === 'merge') await this.merge(event as QueueEvent)
      else if (stage === 'hook' && (event as HookEvent | WindowHookEvent).hook === 'onEvent')
        await this.#windowHooks.run({ stage, event, limitMs: limitsMs.hook })
      else await this.#once(stage, event)
      return null
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async #once(stage: StageName, event: unknown): Promise<void> {
    const child = this.#start(stage)
    try {
      await child.run({ stage, event, limitMs: limitsMs[stage] })
    } finally {
      child.release()
    }
  }

  #start(stage: StageName): StageProcess {
    if (this.#stopped) throw new Error('the run is over')
    const child = new StageProcess(this.#process, this.#prepared?.take(stage))
    this.#running.add(child)
    void child.exited.then(() => this.#running.delete(child))
    return child
  }

  #ports({ store, queue }: ChildrenOptions): Ports {
    return {
      get: async (key) => store.get(key),
      put: async (key, body, condition) => store.put(key, body, condition),
      list: async (prefix) => store.list(prefix),
      delete: async (key) => store.delete(key),
      send: async (messages) => queue.send(messages),
      invoke: async (stage, event) => this.invoke(stage, event),
      failed: async (run) => this.failed(run),
    }
  }
}

function runOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'run' in event ? event.run : undefined
}
