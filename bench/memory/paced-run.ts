export interface PacedOptions {
  origin: string
  users: number
  /** The interval between the requests of a user, in seconds. */
  everyS: number
  /** The length of the run, in seconds. The measurement of the CPU time begins after at least `everyS` seconds, when all users have a connection. */
  seconds: number
}

/** The resources that a generator used for mostly idle users. */
export interface PacedRun {
  rssMb: number
  /** The fraction of one core that the generator uses while all users run. */
  cpuShare: number
  latencyP50Ms: number
  latencyP99Ms: number
}
