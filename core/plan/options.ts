/** What a person says on the command line about the run, parsed but not yet laid over the file. Absent means "as the file says". */
export interface RunOptions {
  users?: number
  /** Users per second. */
  spawnRate?: number
  runTimeMs?: number
  host?: string
  /** Arrivals per second (open model). */
  rate?: number
  workers?: number
  usersPerWorker?: number
  seed?: string
  iterations?: number
  tags: string[]
  excludeTags: string[]
  name?: string
  vars: Record<string, string>
  /** Environment files by their paths; absent: `.env` beside the scenario, if there is one. */
  envFiles?: string[]
  /** What they hold. */
  env?: Record<string, string>
  /** Weights of classes instead of those in the file, by name; 0 leaves a class out. */
  weights?: Record<string, number>
  failOnError: boolean
  /** Request drain at the end, default 10 s. */
  stopTimeoutMs?: number
  /** How long a worker runs its users before the next one takes over. */
  intervalMs?: number
}
