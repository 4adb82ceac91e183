export interface PacedOptions {
  origin: string
  users: number
  /** Each user sends one request in so many seconds. */
  everyS: number
  /** Until it ends; what is measured begins after `everyS`, when all users have a connection. */
  seconds: number
}

/** How a generator carries idle users. */
export interface PacedRun {
  rssMb: number
  /** Of one core, while all users are there. */
  cpuShare: number
  latencyP50Ms: number
  latencyP99Ms: number
}
