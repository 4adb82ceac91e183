import type { Network, WishedProxies } from '../hosts/network.ts'
import type { AbortRule } from '../thresholds/abort-rule.ts'
import type { FindWish } from '../thresholds/find-wish.ts'

/**
 * The parsed command-line options of a run. burst has not yet combined them with the settings in the scenario file. If an option is absent, the value
 * in the scenario file applies.
 */
export interface RunOptions {
  users?: number
  /** The spawn rate in users per second. */
  spawnRate?: number
  runTimeMs?: number
  host?: string
  /** The rate in arrivals per second (open model). */
  rate?: number
  workers?: number
  usersPerWorker?: number
  seed?: string
  iterations?: number
  tags: string[]
  excludeTags: string[]
  name?: string
  vars: Record<string, string>
  /** The paths of environment files. Absent: burst reads the file `.env` beside the scenario, if this file exists. */
  envFiles?: string[]
  /** The folder with files that are copied to the workers. */
  filesFolder?: string
  /** The variables in the environment files. */
  env?: Record<string, string>
  /** Weights by class name. They replace the weights in the scenario file. A class with weight 0 has no users. */
  weights?: Record<string, number>
  failOnError: boolean
  /** `true`: an inconclusive run has its own exit code, 96. Default false. */
  failOnInconclusive?: boolean
  /** `true`: each worker records a CPU profile of its engine. Default false. */
  cpuProfile?: boolean
  /** `true`: each worker records every request in a file. Default false. */
  samples?: boolean
  /** The options of `burst find`. */
  find?: FindWish
  /** `true`: every request has a `traceparent` header. Default false. */
  traceContext?: boolean
  /** `true`: certificates are not verified. Default: as in the scenario file. */
  insecure?: boolean
  /** The proxy; null: no proxy. Default: as in the scenario file. */
  proxy?: WishedProxies | null
  /** Addresses that burst uses instead of a DNS answer. */
  resolve?: NonNullable<Network['resolve']>
  /** The rules from the command line. The rules of `abortOn` in the scenario file also apply. */
  abortOn?: AbortRule[]
  /** When a user stops as planned, its requests in flight and its `onStop` may take this time in milliseconds. Default 10 s. */
  stopTimeoutMs?: number
  /** The time in milliseconds for which a worker runs its users before the next worker takes them over. */
  intervalMs?: number
}
