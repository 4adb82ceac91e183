/** What each stage is invoked with. Small: everything else is in the plan. */
export interface CoordinatorEvent {
  run: string
  /** The epoch of the coordinator that this one replaces: it hands over, or is `lost`. Undefined: the previous coordinator is unknown. */
  after?: number
  /** The previous coordinator is known to be dead; this one reports it as an event. */
  lost?: boolean
}

export interface WorkerEvent {
  run: string
  slice: number
  /** 0 for the first; a relaunched slice counts up. */
  attempt: number
  /** Epoch milliseconds at the latest; control may bring it forward. */
  startAt: number
  /** On AWS: credentials for the run. Undefined on this machine, where a worker reaches the store and the queue through its parent. */
  credentials?: RunCredentials
}

export interface HookEvent {
  run: string
  hook: 'beforeRun' | 'afterRun'
  /** As for a worker. */
  credentials?: RunCredentials
}

/** Credentials for one run, as the SDK takes them. */
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
  /** Whether a worker was invoked. False: no load began, so none of it is missing. Default: true. */
  began?: boolean
}
