/** What each stage is started with. Small: everything else stands in the plan. */
export interface CoordinatorEvent {
  run: string
  /** The epoch of the coordinator that this one goes on for: it hands over, or is `lost`. None: nobody is known. */
  after?: number
  /** That coordinator is known to be dead, so that this one tells of it. */
  lost?: boolean
}

export interface WorkerEvent {
  run: string
  slice: number
  /** 0 for the first; a relaunched slice counts up. */
  attempt: number
  /** Epoch milliseconds at the latest; control may bring it forward. */
  startAt: number
  /** On AWS: what the worker reaches its run with. Locally a worker reaches everything through its parent. */
  credentials?: RunCredentials
}

export interface HookEvent {
  run: string
  hook: 'beforeRun' | 'afterRun'
  /** As of a worker. */
  credentials?: RunCredentials
}

/** Credentials that reach one run only; as the SDK takes them. */
export interface RunCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

export interface FinaliseEvent {
  run: string
  /** What the coordinator saw happen, for the report: epoch milliseconds and a sentence. */
  events: { at: number; text: string }[]
  /** Slices whose invocation failed, with the reason. */
  failed: { slice: number; attempt: number; error: string }[]
  /** The coordinator's own reason to call the run failed (exit 97 or 107), if it has one. */
  failure: { reason: 'runFailed' | 'scenarioThrew'; message: string } | null
  /** Some worker was asked for. False: no load was ever begun, so that none of it is missing. Default: true. */
  began?: boolean
}
