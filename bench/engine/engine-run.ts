export interface EngineRunOptions {
  /** Of the target. */
  origin: string
  /** `/` or `/json`. */
  path: string
  users: number
  /** How long it is measured, after a second of warming up. */
  seconds: number
}

/** The result of a generator on its core. */
export interface EngineRun {
  requestsPerSecond: number
  /** User and system time of the whole process, all threads, per request, microseconds. */
  cpuPerRequestUs: number
}
