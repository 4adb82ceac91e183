/**
 * The argument of `onEvent`. `runStart`, `runStop` and each `windowClosed` occur once for the whole run. The other events occur in the worker that
 * runs the user.
 */
export type RunEvent =
  | RunStarted
  | RunStopped
  | WindowClosed
  | UserStarted
  | UserStopped
  | RequestFailed
  | ExceptionThrown

interface OfRun {
  readonly run: string
  readonly host: string
  readonly vars: Readonly<Record<string, string>>
}

/** The run starts. `beforeRun` and the start of the first user follow this event. If `onEvent` throws, the run ends with exit code 107. */
interface RunStarted extends OfRun {
  readonly type: 'runStart'
}

/** The run has stopped: all users have ended, and `afterRun` has run. If `onEvent` throws, the run fails with exit code 107. */
interface RunStopped extends OfRun {
  readonly type: 'runStop'
  /** The result of `beforeRun`. */
  readonly data?: unknown
}

/**
 * All workers have reported a window of the run. The events arrive in order and do not overlap. `run` and `fromS` identify an event. A window has no
 * event if its counts cannot be read, or if `onEvent` does not receive the event within 10 s after the end of the run; the report contains the number
 * of these windows.
 */
export interface WindowClosed extends OfRun, WindowFigures {
  readonly type: 'windowClosed'
  /** The result of `beforeRun`. */
  readonly data?: unknown
}

/** The counts of a window, or of several consecutive windows. Each count is the total of all workers. */
export interface WindowFigures extends RequestFigures {
  /** The beginning of the window in seconds since the start of the run. */
  readonly fromS: number
  /**
   * The end of the window in seconds since the start of the run. A window lasts 5 s. The next event waits until `onEvent` has ended for the current
   * event. If 12 events wait, burst adds each further window to the last of these 12 events. The last event then covers several windows. The last
   * window ends with the last second of the run.
   */
  readonly toS: number
  /** The number of users that were alive at the beginning of the last second of the window. */
  readonly users: number
  /**
   * One row per name, at most 100 rows. If there are more than 100 names, the last row is `(other names)`. The row `(other names)` contains the
   * counts of all names without their own row.
   */
  readonly names: readonly NameFigures[]
}

export interface NameFigures extends RequestFigures {
  readonly method: string
  /** The request name, at most 300 characters. */
  readonly name: string
}

interface RequestFigures {
  /** The number of finished requests. */
  readonly requests: number
  readonly failures: number
  /** The number of finished requests per second. */
  readonly rps: number
  /** Percentiles of the latency in milliseconds; null if no latency was measured. */
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null }
}

interface OfUser {
  /** The user's index. */
  readonly user: number
  readonly class: string
}

/** A user has completed `onStart`. */
interface UserStarted extends OfUser {
  readonly type: 'userStart'
}

/** A user has ended. burst does not send this event if the user never completed `onStart`, or if another worker takes over the user. */
interface UserStopped extends OfUser {
  readonly type: 'userStop'
  /** The number of iterations that the user has begun. */
  readonly iterations: number
}

/** A request has failed. */
interface RequestFailed extends OfUser {
  readonly type: 'failure'
  readonly method: string
  readonly name: string
  readonly url: string
  /** The HTTP status; 0 if there was no response. */
  readonly status: number
  /** The kind of the failure as in the report's `errors`, such as `status`, `timeout` or `expect`. */
  readonly kind: string
  readonly message: string
}

/** The scenario's code has thrown an error. */
interface ExceptionThrown extends OfUser {
  readonly type: 'exception'
  readonly message: string
}
