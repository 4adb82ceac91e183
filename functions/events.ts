import type { WindowFigures } from '../core/authoring/run-event.ts'

/** The events with which stages are invoked. An event is small, because the plan contains all other data. */
export interface CoordinatorEvent {
  run: string
  /**
   * The term of the previous coordinator. The previous coordinator either hands the run over or is lost (`lost`). Undefined if there is no previous
   * coordinator, or if the previous coordinator is unknown.
   */
  after?: number
  /** The time, in epoch milliseconds, at which the previous coordinator invoked this coordinator to hand the run over. */
  at?: number
  /** `true` if the previous coordinator is known to be dead; the new coordinator then reports the loss as an event. */
  lost?: boolean
  /**
   * `true` if a watcher of the run invoked this coordinator, because no coordinator renewed the lease. If no coordinator has taken over the run yet,
   * this coordinator does not begin the run. If a lost coordinator has taken over the run, this coordinator may continue the launch.
   */
  rescue?: true
}

export interface WorkerEvent {
  run: string
  slice: number
  /** The number of the attempt. The first attempt has the number 0; each relaunch of the slice and each planned hand-over adds 1. */
  attempt: number
  /** The load starts at this time at the latest, in epoch milliseconds. The control file may contain an earlier start. */
  startAt: number
  /** On AWS, the credentials for the run. Undefined in a local run, where a worker reaches the store and the queue through its parent process. */
  credentials?: RunCredentials
}

export interface HookEvent {
  run: string
  hook: 'beforeRun' | 'afterRun'
  /** The unique name of the invocation. */
  invocation: string
  /** The same credentials as in `WorkerEvent`. */
  credentials?: RunCredentials
}

/** The event with which the hook stage is invoked to call `onEvent` for a closed window. */
export interface WindowHookEvent {
  run: string
  hook: 'onEvent'
  /** The number of the event, from 0. */
  number: number
  /** The last window of the grid that the event covers. */
  to: number
  window: WindowFigures
  /** The same credentials as in `WorkerEvent`. */
  credentials?: RunCredentials
}

/** Credentials for one run, in the SDK's form. */
export interface RunCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

export interface FinaliseEvent {
  run: string
  /** The coordinator's events for the report. Each event has a time, in epoch milliseconds, and a text. */
  events: { at: number; text: string }[]
  /**
   * The attempts whose invocation failed (`Coordination.failedWorkers`), and the reasons. The finaliser adds the slices that the coordinator gave up.
   */
  failed: { slice: number; attempt: number; error: string }[]
  /**
   * The slices whose latest worker had not begun when the run was stopped. `attempt` and all later attempts of the slice sent no requests. Only the
   * finaliser sets this field, from the coordinator's state. Default: no slices.
   */
  unbegun?: { slice: number; attempt: number }[]
  /** The reason why the run itself failed (exit code 97 or 107), according to the coordinator. Null if the run did not fail. */
  failure: { reason: 'runFailed' | 'scenarioThrew'; message: string } | null
  /** The errors of `onEvent` for windows, and how often each message occurred. Default: no errors. */
  exceptions?: { message: string; count: number }[]
  /**
   * `true` if a worker may have been invoked. If no worker was invoked, the load has not begun, so the report does not say that load is missing.
   * Default: true.
   */
  began?: boolean
  /**
   * The name of this invocation. The finaliser stores this name to confirm that the finaliser has begun. If the report already exists, the finaliser
   * does not make the report again. If the name is missing, the finaliser does not confirm anything, and always makes the report.
   */
  invocation?: string
}
