/** What each stage is started with. Small: everything else stands in the plan. */
export interface CoordinatorEvent {
  run: string
  /** The epoch of the coordinator that hands over to this one. None: nobody does. */
  after?: number
}

export interface WorkerEvent {
  run: string
  slice: number
  /** 0 for the first; a relaunched slice counts up. */
  attempt: number
  /** Epoch milliseconds at the latest; control may bring it forward. */
  startAt: number
}

export interface FinaliseEvent {
  run: string
  /** What the coordinator saw happen, for the report: epoch milliseconds and a sentence. */
  events: { at: number; text: string }[]
  /** Slices whose invocation failed, with the reason. */
  failed: { slice: number; attempt: number; error: string }[]
  /** The coordinator's own reason to call the run failed (exit 97 or 107), if it has one. */
  failure: { reason: 'runFailed' | 'scenarioThrew'; message: string } | null
}
