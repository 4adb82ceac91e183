export interface EngineRunOptions {
  /** The origin of the target. */
  origin: string
  /** `/` or `/json`. */
  path: string
  users: number
  /** The number of measured seconds, after one second of warm-up. */
  seconds: number
}

/** The result of a generator that has one core. */
export interface EngineRun {
  requestsPerSecond: number
  /** The user and system time of all threads of the process, in microseconds per request. */
  cpuPerRequestUs: number
}
