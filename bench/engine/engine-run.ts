export interface EngineRunOptions {
  /** The origin of the target. */
  origin: string
  /** The path of the requests: `/` or `/json`. */
  path: string
  users: number
  /** The number of measured seconds, after one second of warm-up. */
  seconds: number
}

/** What a generator with one core did. */
export interface EngineRun {
  requestsPerSecond: number
  /** The user and system time of all threads of the process, in microseconds per request. */
  cpuPerRequestUs: number
}
