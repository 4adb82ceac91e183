import { BurstError } from '../../core/errors.ts'
import type { LiveSnapshot } from '../../core/report/live/snapshot.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Report } from '../../core/report/report.ts'
import { type ClockAnchor, anchorNow, anchoredClock } from '../../functions/clock.ts'
import { stopRun } from '../../functions/control/change-control.ts'
import { keys } from '../../functions/keys.ts'
import type { Clock, Store } from '../../functions/ports.ts'
import { withSecret } from '../../functions/signature.ts'
import { putPlan } from '../../functions/variables.ts'
import { Children, type ChildrenOptions } from './processes/children.ts'
import type { PreparedProcesses } from './processes/prepared-processes.ts'
import { FileStore } from './file-store.ts'
import { followStages } from './follow-stages.ts'
import { LiveReader } from '../run/live-reader.ts'
import { outputsOf, workerFilesOf } from '../run/outputs/stored-outputs.ts'
import { reportInStore } from '../run/outputs/stored-report.ts'
import { MemoryQueue, type QueueFaults } from './memory-queue.ts'
import { PrintedStore } from './printed-store.ts'

export interface LocalRunRequest {
  plan: RunPlan
  bundle: { hash: string; code: string }
  /** The folder of the store. It is created if it does not exist. */
  storeDir: string
  /** The start of the run's clock. Default: now. */
  anchor?: ClockAnchor
  /** The folder for the temporary files of the run's processes. Default: burst's own temporary folder. */
  workFolder?: string
  /** Processes that were started in advance. They end with the run. */
  prepared?: PreparedProcesses
  /** `process.env` of the run's processes. Default: the environment of this process. */
  environment?: NodeJS.ProcessEnv
  queueFaults?: QueueFaults
  /** The URL of a module that exports `stages`. Default: burst's own module. */
  stages?: string
  /**
   * Receives the lines that the stages print, mainly the output of the user's `console.log`. `PrintAllowance` and `PrintedLines` limit the number and
   * the length of the lines. Default: the lines are ignored.
   */
  print?: (line: string) => void
  /** Receives the log of the stages. Default: the log is ignored. */
  log?: (event: string, fields?: Record<string, unknown>) => void
}

/** A run whose stages run as processes on this machine. */
export interface LocalRun {
  store: Store
  /** The run's clock. Changes of the system time during the run do not affect this clock. */
  clock: Clock
  /** Returns the current state of the run; undefined until the first state can be read. */
  snapshot(): Promise<LiveSnapshot | undefined>
  /** Stops the run gracefully, so that a report is made. If `now` is true, requests in flight are cut off and `onStop` does not run. */
  stop(reason: string, now?: boolean): Promise<void>
  /**
   * A promise for the report. Rejects with a BurstError: 97 when the run has no report, 105 after `kill`. Settles after all processes of the run have
   * ended.
   */
  done: Promise<Report>
  /** Ends the run immediately, without a report. */
  kill(): Promise<void>
  /** Returns the existing files of the report. The key is the name of the file. */
  outputs(): Promise<Record<string, string>>
  /** Returns the ids of the run's current processes. */
  pids(): number[]
}

/**
 * The maximum number of processes for the coordinator, the reducers and the finaliser together. With two processes, two shards can be merged at the
 * same time.
 */
const sharedAtMost = 2
/** The processes of a run must end within this time in milliseconds after the end of the run. burst then kills the remaining processes. */
const patienceMs = 2000
const ignore = (): void => undefined

/**
 * Starts a run.
 * @throws BurstError (97) when the store can't be written
 */
export async function startLocalRun(request: LocalRunRequest): Promise<LocalRun> {
  const { plan, log = ignore, anchor = anchorNow() } = request
  const place = { store: new FileStore(request.storeDir), clock: anchoredClock(anchor) }
  const { store, clock } = place
  const printed = new PrintedStore(store, plan.run, { nowMs: () => clock.nowMs(), pass: request.print ?? ignore })
  const queue: MemoryQueue = new MemoryQueue({
    deliver: async (event) => children.merge(event),
    setAside: async ({ id, body }) => void (await store.put(keys.unreadable(plan.run, id), body)),
    log,
    ...(request.queueFaults ? { faults: request.queueFaults } : {}),
  })
  const stages = followStages(plan, place)
  const children = new Children({ store, queue, anchor, ...processesOf(request), print: printed.print, log }, (ended) =>
    stages.onEnd(ended, children),
  )
  await putRun(place, request)
  await children.invoke('coordinator', { run: plan.run })
  const clear = async (): Promise<void> => {
    queue.close()
    await children.end(patienceMs)
    await printed.close()
  }
  const done = reportOf(stages.ended, { store, plan, clear })
  // Handles a rejection, because an unhandled rejection would end the process if the caller does not await the promise.
  done.catch(ignore)
  return {
    ...place,
    snapshot: reader(place, plan),
    stop: async (reason, now) => void (await stopRun(place, plan.run, reason, now)),
    done,
    kill: async () => {
      stages.giveUp(new BurstError('stopped', 'the run was ended immediately, without a report'))
      queue.close()
      await children.end(0)
      await printed.close()
      await forgetRun(store, plan.run)
    },
    outputs: async () => ({ ...(await workerFilesOf(store, plan.run)), ...(await outputsOf(store, plan.run)) }),
    pids: () => children.pids,
  }
}

type Place = Pick<LocalRun, 'store' | 'clock'>

/** Returns the options for the processes of a run. Ends processes that were prepared for more workers than the plan has. */
function processesOf({
  plan,
  stages,
  workFolder,
  environment,
  prepared,
}: LocalRunRequest): Omit<ChildrenOptions, 'store' | 'queue' | 'anchor' | 'print' | 'log'> {
  prepared?.limit('worker', plan.slices.length)
  const sharedProcesses = Math.min(sharedAtMost, fleetAt(plan).shards)
  return { build: plan.build, stages, workFolder, environment, prepared, sharedProcesses }
}

function reader({ store, clock }: Place, plan: RunPlan): LocalRun['snapshot'] {
  const live = new LiveReader(store, plan)
  return async () => live.read(clock.nowMs())
}

async function putRun({ store, clock }: Place, { plan, bundle }: LocalRunRequest): Promise<void> {
  await store.put(keys.bundle(bundle.hash), bundle.code, { ifAbsent: true })
  const nowMs = clock.nowMs()
  const control = {
    v: 1,
    startAt: nowMs + plan.timing.startLeadMs,
    leaseUntil: nowMs + plan.timing.leaseMs,
    stop: null,
  }
  await store.put(keys.control(plan.run), JSON.stringify(control))
  // Writes the plan after the control file. Other commands wait until the plan exists. They then read or change the control file at once.
  await putPlan(store, await withSecret(store, plan))
  await store.put(keys.active(plan.run), '')
}

async function forgetRun(store: Store, run: string): Promise<void> {
  await store.delete(keys.variables(run))
  await store.delete(keys.active(run))
}

async function reportOf(
  ended: Promise<void>,
  { store, plan, clear }: { store: Store; plan: RunPlan; clear: () => Promise<void> },
): Promise<Report> {
  try {
    await ended
  } finally {
    await clear()
  }
  const report = await reportInStore(store, plan.run)
  if (!report) throw new BurstError('runFailed', 'the run ended without a report')
  await store.delete(keys.active(plan.run))
  return report
}
