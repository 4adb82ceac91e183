export interface EngineRunOptions {
  /** Of the target. */
  origin: string
  /** `/` or `/json`. */
  path: string
  users: number
  /** What is measured, after a second of warming up. */
  seconds: number
}

/** What a generator did on its core. */
export interface EngineRun {
  requestsPerSecond: number
  /** User and system time of the whole process, all threads, per request, microseconds. */
  cpuPerRequestUs: number
}
