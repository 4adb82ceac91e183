export interface PacedOptions {
  origin: string
  users: number
  /** Each user sends one request in this many seconds. */
  everyS: number
  /** The length of the run; the measurement begins after `everyS`, when all users have a connection. */
  seconds: number
}

/** The resources that a generator needs for idle users. */
export interface PacedRun {
  rssMb: number
  /** The share of one core, while all users are there. */
  cpuShare: number
  latencyP50Ms: number
  latencyP99Ms: number
}
