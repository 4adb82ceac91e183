/**
 * What `onEvent` receives. `runStart` and `runStop` come once per run; the others come in the worker that runs the user.
 */
export type RunEvent = RunStarted | RunStopped | UserStarted | UserStopped | RequestFailed | ExceptionThrown

interface OfRun {
  readonly run: string
  readonly host: string
  readonly vars: Readonly<Record<string, string>>
}

/** Before `beforeRun` and the first user. */
interface RunStarted extends OfRun {
  readonly type: 'runStart'
}

/** After `afterRun`; all users have ended. */
interface RunStopped extends OfRun {
  readonly type: 'runStop'
  /** What `beforeRun` returned. */
  readonly data?: unknown
}

interface OfUser {
  /** The user's index. */
  readonly user: number
  readonly class: string
}

/** A user has passed `onStart`. */
interface UserStarted extends OfUser {
  readonly type: 'userStart'
}

/** A user that had started has ended; not when another worker takes it over. */
interface UserStopped extends OfUser {
  readonly type: 'userStop'
  /** Iterations that it has begun. */
  readonly iterations: number
}

/** A request has failed. */
interface RequestFailed extends OfUser {
  readonly type: 'failure'
  readonly method: string
  readonly name: string
  readonly url: string
  /** 0: no response. */
  readonly status: number
  /** The kind as in the report's `errors`, such as `status`, `timeout` or `expect`. */
  readonly kind: string
  readonly message: string
}

/** Code of the user has thrown. */
interface ExceptionThrown extends OfUser {
  readonly type: 'exception'
  readonly message: string
}
