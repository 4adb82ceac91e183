import { type Profile, peakLevel } from './load/load.ts'
import type { Network } from '../hosts/network.ts'

/**
 * The plan contains all values that are fixed before a run starts. burst writes the plan once, to `runs/<run>/plan.json`. Every stage reads the plan,
 * and no stage changes it.
 */
export interface RunPlan {
  schemaVersion: 1
  run: string
  /** The run's name in the report; default: the scenario's name. */
  name: string
  /** The path of the scenario file, as typed by the user. */
  scenario: string
  host: string
  /**
   * The `user:password` part of the host's URL, as the user wrote it. burst sends this part as Basic authentication and never shows it. The stored
   * plan contains `***` instead, as for secret variables.
   */
  hostUserinfo?: string
  seed: string
  /** The SHA-256 of the bundle, which is the key of the bundle in the store. */
  bundle: string
  /** The build of burst that made the plan. A stage of a different build refuses the plan. */
  build: string
  backend: 'local' | 'aws'
  region: string
  /** The number of cores of the machine, which all workers share; absent on AWS. */
  cores?: number
  createdAt: number
  model: 'users' | 'arrivals'
  /** The load over time: users, or arrivals per second. */
  profile: Profile
  /** Closed model: the greatest number of users of the run; in a search, `search.max`. Open model: the maximum number of pooled users. */
  users: number
  freshUser: boolean
  classes: PlannedClass[]
  slices: Slice[]
  slicesPerShard: number
  /** The length of a window of the run's grid, in milliseconds. The generator is judged window by window. */
  windowMs: number
  /** The interval in milliseconds at which a worker sends its counts. */
  flushMs: number
  timing: Timing
  /** The hand-overs of users from one worker to the next. Absent: a worker runs its users until the end of the run. */
  handOver?: HandOverTiming
  /** A user stops after this number of iterations. */
  iterations: number | null
  thresholds: PlannedThreshold[]
  /** Thresholds that stop the run when they fail over a sliding span. Default: none. */
  abortOn?: PlannedAbortRule[]
  /** The search for the highest load at which thresholds hold. With a search, the profile contains only the first step. */
  search?: SearchPlan
  connections: 'per-user' | 'shared'
  /** `true` if certificates are accepted without verification. Default false. */
  insecure?: boolean
  /** The network options that differ from their defaults. */
  network?: Network
  /** `user:password` of the proxies, by the scheme of the target. burst stores these credentials in the same way as `hostUserinfo`. */
  proxyUserinfo?: Record<string, string>
  vars: Record<string, string>
  /** Variables from an environment file, for the scenario's `process.env`. */
  env?: Record<string, string>
  failOnError: boolean
  /** `true` if an inconclusive run has its own exit code. Default false. */
  failOnInconclusive?: boolean
  /** `true` if each worker records a CPU profile of its engine. Default false. */
  cpuProfile?: boolean
  /** `true` if each worker records every request in a file. Default false. */
  samples?: boolean
  /** `true` if every request has a `traceparent` header. Default false. */
  traceContext?: boolean
  /** `true` if workers sign their messages with the run's secret, and reducers reject unsigned messages. Default false. */
  signed?: boolean
  /** `onEvent` is `true` if the scenario has the hook `onEvent`. Default false. */
  hooks: { beforeRun: boolean; afterRun: boolean; onRequest: boolean; onEvent?: true }
  /** The expected cost of the run; absent if the run is not billed. */
  billing?: Billing
  /** The summary of the plan, one string per line. */
  words: string[]
}

export interface PlannedClass {
  name: string
  weight: number
  /** The exact number of users, independent of the weights; null if the weights determine the number. */
  count: number | null
  tags: string[]
  /** `true` if the class has no `wait`. Its users then send requests as fast as the service answers. */
  unpaced?: true
  /** The tasks that remain after `--tags` and `--exclude-tags`. */
  tasks: PlannedTask[]
}

export interface PlannedTask {
  name: string
  weight: number
  tags: string[]
}

interface PlannedThreshold {
  expression: string
  /** The `file:line` of the threshold, if known. */
  at: string | null
}

/** The parameters of a search for the highest load. Times are in milliseconds, and are multiples of the window length. */
export interface SearchPlan {
  /** The load of the first step (`start`) and the highest load (`max`): users, or arrivals per second. */
  start: number
  max: number
  /** `true` if each load is a number of users, and therefore a whole number. */
  whole: boolean
  /** The time for which each step is measured. */
  stepMs: number
  /** The time between the change of the load and the beginning of the measurement of a step. */
  settleMs: number
  /**
   * The required precision, 0–1. The search ends when the lowest load that broke a threshold is at most (1 + `precision`) × the highest load that
   * broke no threshold.
   */
  precision: number
  /** The thresholds that determine whether the service sustains a load; at least one. */
  until: PlannedThreshold[]
}

/** `overMs` is a whole number of windows. */
export interface PlannedAbortRule extends PlannedThreshold {
  overMs: number
}

/** The users `first + k × stride`, k from 0 to `count − 1`. */
export interface Slice {
  slice: number
  first: number
  stride: number
  count: number
}

/** All values are in milliseconds. */
export interface Timing {
  /** The longest time from planning to the start of the run. The run starts earlier if all workers are ready before this time. */
  startLeadMs: number
  /**
   * The minimum time between the decision to start the run early and the start of the run. If the store or the machine is slow, the actual time is
   * longer.
   */
  startNoticeMs: number
  controlPollMs: number
  leaseMs: number
  /**
   * When a user stops as planned or by itself, its requests in flight and its `onStop` may take this time. At a hand-over, a user has this time to
   * finish its iteration.
   */
  drainMs: number
  /** The maximum time for the requests in flight and the `onStop` of a user when a person or burst stops the run before its planned end. */
  stopMs: number
  /**
   * The time for which the coordinator waits for missing windows. The time begins when the last worker should have ended. It begins again with each
   * message that is merged later.
   */
  graceMs: number
}

const leastLookMs = 50

/**
 * Returns the interval between two reads of the control file, in milliseconds. A run may start earlier than planned. Before the start, the interval
 * is therefore at most half of `startNoticeMs` (but at least 50 ms). Each worker then reads the new start time before the run starts.
 */
export function controlReadEveryMs({ controlPollMs, startNoticeMs }: Timing, hasStarted: boolean): number {
  return hasStarted ? controlPollMs : Math.min(controlPollMs, Math.max(leastLookMs, startNoticeMs / 2))
}

/** The times, in milliseconds, of hand-overs between the workers of a slice. */
export interface HandOverTiming {
  /** The longest time for which a worker runs its slice; a whole number of windows. */
  intervalMs: number
  /** The time from the invocation of the next worker to the beginning of the next worker's turn. */
  aheadMs: number
  /**
   * The time for which the next worker waits for the users of the previous worker. If a user has not arrived after this time, the next worker starts
   * a new life of this user.
   */
  waitMs: number
}

/**
 * The expected cost of a run, and the properties of the workers on which this cost depends. The planner reads the properties from the deployed
 * function.
 */
export interface Billing {
  /** The memory of a worker in mebibytes. */
  workerMb: number
  architecture: 'arm64' | 'x86_64'
  /** The cost in US dollars that burst quotes before the start. */
  estimateUsd: number
}

/**
 * Divides the users among the slices: slice `s` of `workers` has the users i ≡ s (mod workers). At every moment of a ramp, the numbers of active
 * users of any two slices differ by at most one.
 */
export function slicesOf(users: number, workers: number): Slice[] {
  return Array.from({ length: workers }, (_, slice) => ({
    slice,
    first: slice,
    stride: workers,
    count: Math.max(0, Math.ceil((users - slice) / workers)),
  }))
}

/** Returns the shard that merges the messages of a slice. */
export function shardOf(plan: Pick<RunPlan, 'slicesPerShard'>, slice: number): number {
  return Math.floor(slice / plan.slicesPerShard)
}

/** The default maximum number of users of one worker. The number is limited because Lambda allows 1,024 file descriptors (AWS, "Lambda quotas"). */
export const usersPerWorkerCap = 800

/** The assumed duration in seconds of the longest iteration. It applies to arrivals in a scenario that does not set `maxUsers`. */
const assumedIterationS = 10

/**
 * Returns the number of pooled users for a rate of arrivals. By Little's law, the number is the rate × the assumed duration of an iteration; it is at
 * least 100.
 */
export function pooledUsersFor(perSecond: number): number {
  return Math.max(100, Math.ceil(perSecond * assumedIterationS))
}

/**
 * The maximum number of users with their own connections that a worker on AWS can run. A worker has 1,024 file descriptors. The worker itself uses
 * about 25 of them, and some more for DNS, the store, the queue and sockets that are closing.
 */
export const awsUsersPerWorkerCap = 900

/**
 * Returns the number of workers for a number of users: `asked`, or more if a worker would otherwise have more than `perWorker` users. The number is
 * limited to one worker per user, and is at least 1.
 */
export function workersFor(users: number, asked: number, perWorker = usersPerWorkerCap): number {
  return Math.max(1, Math.min(Math.max(asked, Math.ceil(users / perWorker)), Math.max(1, users)))
}

/**
 * Returns the class of each of the users 0 … n−1, as an index into `classes`. Classes with fixed counts come first. nginx's smooth weighted round
 * robin distributes the other classes over the remaining users. Among the first k of these users, for every k, the number of users of a class differs
 * from the exact proportion by at most one.
 */
export function assignClasses(classes: readonly Pick<PlannedClass, 'weight' | 'count'>[], n: number): Uint16Array {
  const assigned = new Uint16Array(n)
  let next = 0
  classes.forEach((one, index) => {
    for (let k = 0; k < (one.count ?? 0) && next < n; k++) assigned[next++] = index
  })
  const weights = classes.map((one) => (one.count === null ? one.weight : 0))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return assigned
  const credit = weights.map(() => 0)
  while (next < n) {
    weights.forEach((weight, index) => (credit[index] = (credit[index] as number) + weight))
    const chosen = credit.indexOf(Math.max(...credit))
    credit[chosen] = (credit[chosen] as number) - total
    assigned[next++] = chosen
  }
  return assigned
}

/** Returns whether the level of the profile exceeds 0 at any time. */
export function hasLoad(profile: Profile): boolean {
  return peakLevel(profile) > 0
}

/**
 * The maximum duration of a run in which workers count each request name by second. In a longer run, a bucket of the charts lasts at least one
 * window, so counts by second are not needed.
 */
const longestWithSecondsMs = 3_600_000

/** Returns whether workers count each request name by second, in addition to the count by window. */
export function namesHaveSeconds({ profile: { endMs } }: Pick<RunPlan, 'profile'>): boolean {
  return endMs === null || endMs <= longestWithSecondsMs
}
