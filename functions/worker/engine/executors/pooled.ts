import type { SimulatedUser } from '../users/simulated-user.ts'

/** A user of the pool. */
export interface Pooled {
  user: SimulatedUser
  /** The current iteration: a promise that is resolved when the user is idle. */
  work: Promise<void>
}

/** An arrival for which a user runs an iteration. */
export interface Arrival {
  j: number
  plannedMs: number
  classIndex: number
  /** The delay between the planned and the actual beginning of the arrival, in milliseconds. */
  lagMs: number
}
