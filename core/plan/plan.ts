import { type Profile, peakLevel } from './load.ts'

/** Everything that is decided before a run starts. Written once to `runs/<run>/plan.json`; every stage reads it, none changes it. */
export interface RunPlan {
  schemaVersion: 1
  run: string
  /** What the run is called in the report; default: the scenario's name. */
  name: string
  /** The scenario file as the person named it. */
  scenario: string
  host: string
  /** `user:password` of the host's URL, as it was written there; sent as Basic authentication, and shown nowhere. In the store `***`, as secret variables are. */
  hostUserinfo?: string
  seed: string
  /** SHA-256 of the bundle, its key in the store. */
  bundle: string
  /** Of the code that planned it; a stage of another build refuses. */
  build: string
  backend: 'local' | 'aws'
  region: string
  /** Cores of the machine that all workers share; absent on AWS. */
  cores?: number
  createdAt: number
  model: 'users' | 'arrivals'
  /** Users, or arrivals per second, over the run's time. */
  profile: Profile
  /** Closed model: the peak of the profile. Open model: the most pooled users. */
  users: number
  freshUser: boolean
  classes: PlannedClass[]
  slices: Slice[]
  slicesPerShard: number
  /** The grid on which the generator is judged. */
  windowMs: number
  /** How often a worker sends what it counted. */
  flushMs: number
  timing: Timing
  /** Workers that hand their users over to the next ones. Absent: a worker lasts as long as the run. */
  handOver?: HandOverTiming
  /** A user leaves after this number of iterations. */
  iterations: number | null
  thresholds: PlannedThreshold[]
  connections: 'per-user' | 'shared'
  vars: Record<string, string>
  /** For `process.env` of the scenario, from an environment file. */
  env?: Record<string, string>
  failOnError: boolean
  /** Its workers sign their messages with the run's secret, and reducers take no others. Default false. */
  signed?: boolean
  hooks: { beforeRun: boolean; afterRun: boolean; onRequest: boolean }
  /** What it costs; absent where no cost is billed. */
  billing?: Billing
  /** The plan in words, a line each, as it is shown. */
  words: string[]
}

export interface PlannedClass {
  name: string
  weight: number
  /** Exactly this number of users, whatever the weights. */
  count: number | null
  tags: string[]
  /** It has no `wait`: its users run as fast as the service answers. */
  unpaced?: true
  /** Those that are left after `--tags` and `--exclude-tags`. */
  tasks: PlannedTask[]
}

export interface PlannedTask {
  name: string
  weight: number
  tags: string[]
}

interface PlannedThreshold {
  expression: string
  /** `file:line` of it, if it could be found. */
  at: string | null
}

/** The users `first + k × stride`, k from 0 to `count − 1`. */
export interface Slice {
  slice: number
  first: number
  stride: number
  count: number
}

/** All in milliseconds. */
export interface Timing {
  /** How long after planning the run starts at the latest; workers that are ready earlier may bring it forward. */
  startLeadMs: number
  /** Least time between the decision to bring the start forward and the start. */
  startNoticeMs: number
  controlPollMs: number
  leaseMs: number
  /** Requests in flight get so long at ramp-down and at the end of the run. */
  drainMs: number
  /** The same when a person stops the run. */
  stopMs: number
  /** How long the coordinator waits for missing windows after the last worker should have ended. */
  graceMs: number
}

/** How the worker of a slice is followed by the next one. All in milliseconds. */
export interface HandOverTiming {
  /** A worker runs its slice for at most so long; whole windows. */
  intervalMs: number
  /** The next one is invoked so long before it takes over. */
  aheadMs: number
  /** The next one waits so long for the users of one that does not hand them over, and then begins them anew. */
  waitMs: number
}

/** What the workers of a run cost: read from the deployed function when the run is planned. */
export interface Billing {
  workerMb: number
  architecture: 'arm64' | 'x86_64'
  /** What the run was quoted at before it started. */
  estimateUsd: number
}

/** Worker `s` of `workers` owns the users i ≡ s (mod workers): shares differ by at most one, on every stretch of a ramp. */
export function slicesOf(users: number, workers: number): Slice[] {
  return Array.from({ length: workers }, (_, slice) => ({
    slice,
    first: slice,
    stride: workers,
    count: Math.max(0, Math.ceil((users - slice) / workers)),
  }))
}

/** The shard that merges a slice. */
export function shardOf(plan: Pick<RunPlan, 'slicesPerShard'>, slice: number): number {
  return Math.floor(slice / plan.slicesPerShard)
}

/** Users with connections of their own that one worker carries: Lambda gives 1,024 descriptors (AWS, "Lambda quotas"). */
export const usersPerWorkerCap = 800

/** An iteration of the open model is assumed to take at most so long, seconds, where the scenario does not say `maxUsers`. */
const assumedIterationS = 10

/** Pooled users for a number of arrivals per second: by Little's law, rate × the time that one iteration is assumed to take, at least 100. */
export function pooledUsersFor(perSecond: number): number {
  return Math.max(100, Math.ceil(perSecond * assumedIterationS))
}

/**
 * The most users with connections of their own that a worker on AWS can carry: of its 1,024 descriptors about 25 are its own, and name
 * look-ups, the store, the queue and sockets that are still closing take some more.
 */
export const awsUsersPerWorkerCap = 900

/** Workers for a number of users: as many as were asked for, but never more users each than `perWorker`. */
export function workersFor(users: number, asked: number, perWorker = usersPerWorkerCap): number {
  return Math.max(1, Math.min(Math.max(asked, Math.ceil(users / perWorker)), Math.max(1, users)))
}

/**
 * The class of users 0 … n−1, as indexes into `classes`. Fixed counts first; the rest by smooth weighted round robin (nginx's), so that
 * every prefix is within one of its share.
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

/** Whether the profile ever exceeds 0. */
export function hasLoad(profile: Profile): boolean {
  return peakLevel(profile) > 0
}

/** In a longer run a bucket of the charts is at least as long as a window, and the seconds of each name would be sent for nothing. */
const longestWithSecondsMs = 3_600_000

/** Whether workers count each request name by second, beside the window. */
export function namesHaveSeconds({ profile: { endMs } }: Pick<RunPlan, 'profile'>): boolean {
  return endMs === null || endMs <= longestWithSecondsMs
}
