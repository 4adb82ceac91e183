import { extname } from 'node:path'
import { type ClockAnchor, anchoredClock } from '../../../functions/clock.ts'
import type { HookEvent, WindowHookEvent } from '../../../functions/events.ts'
import type {
  Clock,
  FailedInvocation,
  Invoker,
  Queue,
  QueueEvent,
  QueueResponse,
  StageName,
  Store,
} from '../../../functions/ports.ts'
import { FailedBeforeClaim } from '../../../functions/worker/failed-before-claim.ts'
import type { Ports, PreparedStage } from './ipc.ts'
import { type Print, PrintAllowance } from './printed-lines.ts'
import type { PreparedProcesses } from './prepared-processes.ts'
import { type ProcessOptions, StageProcess } from './stage-process.ts'
import { SharedProcesses } from './shared-processes.ts'

const ownStages = new URL(`stage-handlers${extname(import.meta.url)}`, import.meta.url).href
/** The time limit in milliseconds for merging a batch. */
export const mergeLimitMs = 30_000
/**
 * The time limits in milliseconds for an invocation. The limit of workers and coordinators is close to the maximum of a timer, because a run may have
 * an unlimited duration.
 */
const limitsMs: Record<StageName, number> = {
  coordinator: 2_000_000_000,
  hook: 120_000,
  worker: 2_000_000_000,
  merge: mergeLimitMs,
  finalise: 900_000,
}
/**
 * The stages that run code of the scenario. Each invocation of these stages has a separate process, because the code may block the process or make it
 * exit. Only the invocations of `onEvent` share a process (`#windowHooks`).
 */
const alone: ReadonlySet<StageName> = new Set(['worker', 'hook'])

export interface ChildrenOptions {
  store: Store
  queue: Queue
  /** The build of the code, passed to every stage. */
  build: string
  /** The start of the run's clock. All processes of the run use this clock. */
  anchor: ClockAnchor
  /** The URL of a module that exports `stages`. Default: burst's own module. */
  stages?: string | undefined
  workFolder?: string | undefined
  /** The maximum number of processes that run the coordinator, the reducers and the finaliser. Default: 1. */
  sharedProcesses?: number | undefined
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
  /** Null if the invocation succeeded. */
  error: Error | null
}

/** The invoker of a run on one machine: runs the stages in child processes. */
export class Children implements Invoker {
  readonly #process: ProcessOptions
  readonly #clock: Clock
  readonly #prepared: PreparedProcesses | undefined
  readonly #shared: SharedProcesses
  /**
   * The process that calls `onEvent` for windows. It is used many times, because starting a process every few seconds would take CPU time from the
   * load.
   */
  readonly #windowHooks: SharedProcesses
  readonly #running = new Set<StageProcess>()
  readonly #failures: FailedInvocation[] = []
  readonly #onEnd: (ended: Ended) => void
  #stopped = false

  constructor(options: ChildrenOptions, onEnd: (ended: Ended) => void) {
    this.#onEnd = onEnd
    this.#prepared = options.prepared
    this.#clock = anchoredClock(options.anchor)
    this.#process = {
      ports: this.#ports(options),
      build: options.build,
      anchor: options.anchor,
      stages: options.stages ?? ownStages,
      workFolder: options.workFolder,
      environment: options.environment,
      log: options.log,
      printed: new PrintAllowance(options.print),
    }
    this.#shared = new SharedProcesses(options.sharedProcesses ?? 1, () => this.#start('coordinator'))
    this.#windowHooks = new SharedProcesses(1, () => this.#start())
  }

  async invoke(stage: StageName, event: unknown): Promise<void> {
    void this.#follow(stage, event)
  }

  async failed(run: string): Promise<FailedInvocation[]> {
    return this.#failures.filter((failure) => runOf(failure.event) === run)
  }

  /** Merges a batch and returns the result of the stage. */
  async merge(event: QueueEvent): Promise<QueueResponse> {
    return (await this.#perform('merge', event)) as QueueResponse
  }

  /** Returns the ids of the current processes. */
  get pids(): number[] {
    return [...this.#running].map((child) => child.pid).filter((pid) => pid !== undefined)
  }

  /** Resolves when all processes have ended. After `patienceMs`, kills the processes that still run. No process starts after this call. */
  async end(patienceMs: number): Promise<void> {
    this.#stopped = true
    this.#shared.close()
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
      const beforeClaim = error instanceof FailedBeforeClaim && { beforeClaim: true as const }
      this.#failures.push({ stage, event, error: error.message, at: this.#clock.nowMs(), ...beforeClaim })
      this.#process.log('invocation failed', { stage, event, error: error.message })
    }
    this.#onEnd({ stage, event, error })
  }

  async #carryOut(stage: StageName, event: unknown): Promise<Error | null> {
    try {
      await this.#perform(stage, event)
      return null
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async #perform(stage: StageName, event: unknown): Promise<unknown> {
    if (this.#stopped) throw new Error('the run is over')
    const order = { stage, event, limitMs: limitsMs[stage] }
    const shared = this.#sharedBy(stage, event)
    if (shared) return shared.run(order)
    const child = this.#start(stage === 'worker' ? stage : undefined)
    try {
      return await child.run(order)
    } finally {
      child.release()
    }
  }

  #sharedBy(stage: StageName, event: unknown): SharedProcesses | undefined {
    if (stage === 'hook' && (event as HookEvent | WindowHookEvent).hook === 'onEvent') return this.#windowHooks
    return alone.has(stage) ? undefined : this.#shared
  }

  /** @param prepared the stage for which a process may have been started in advance */
  #start(prepared?: PreparedStage): StageProcess {
    const child = new StageProcess(this.#process, prepared && this.#prepared?.take(prepared))
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
      waiting: async () => (await queue.waiting?.()) ?? 0,
      invoke: async (stage, event) => this.invoke(stage, event),
      failed: async (run) => this.failed(run),
    }
  }
}

function runOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'run' in event ? event.run : undefined
}
