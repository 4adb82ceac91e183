export interface EngineRunOptions {
  /** The origin of the target. */
  origin: string
  /** The path of the requests: `/` or `/json`. */
  path: string
  users: number
  /** The duration of the measurement, in seconds. The measurement begins after a warm-up of 1 s. */
  seconds: number
}

/** The measurements of a generator that runs on one core. */
export interface EngineRun {
  requestsPerSecond: number
  /** The CPU time (user and system) of all threads of the process, in microseconds per request. */
  cpuPerRequestUs: number
}
