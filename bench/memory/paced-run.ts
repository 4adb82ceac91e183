export interface PacedOptions {
  origin: string
  users: number
  /** Each user sends one request in this many seconds. */
  everyS: number
  /** The length of the run. The measurement begins after `everyS` seconds, when all users have a connection. */
  seconds: number
}

/** The resources that a generator needs for idle users. */
export interface PacedRun {
  rssMb: number
  /** The share of one core that the generator uses while all users run. */
  cpuShare: number
  latencyP50Ms: number
  latencyP99Ms: number
}
