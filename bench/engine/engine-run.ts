export interface EngineRunOptions {
  /** The origin of the target. */
  origin: string
  /** The path of the requests: `/` or `/json`. */
  path: string
  users: number
  /** The number of measured seconds, after one second of warm-up. */
  seconds: number
}

/** The measurements of a generator with one core. */
export interface EngineRun {
  requestsPerSecond: number
  /** The CPU time (user and system) of all threads of the process, in microseconds per request. */
  cpuPerRequestUs: number
}
