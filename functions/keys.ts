/** The keys of objects in the store. The layout is the same on S3 and on disk. */
export const keys = {
  bundle: (hash: string) => `bundles/${hash}.mjs`,
  active: (run: string) => `active/${run}`,
  /** While this object exists, no run of the stack starts, and the coordinators of the stack stop their runs. */
  halt: 'active/halt',
  plan: (run: string) => `runs/${run}/plan.json`,
  /** The secret with which the run's workers sign their messages, and from which the mark of the run's invocations is computed (`markOf`). */
  secret: (run: string) => `runs/${run}/secret`,
  /**
   * All variables, and the user and password of the host and of the proxies. In the plan, `***` replaces the secrets among these values. The object
   * exists only if the plan contains `***`, and is deleted when the run is over.
   */
  variables: (run: string) => `runs/${run}/variables.json`,
  control: (run: string) => `runs/${run}/control.json`,
  coordinator: (run: string) => `runs/${run}/coordinator.json`,
  /**
   * The facts that the first finaliser put into the report in addition to the counts. Every later finaliser reads these facts, and therefore makes
   * the same report.
   */
  ending: (run: string) => `runs/${run}/ending.json`,
  /** An object that exists as soon as the finaliser of this invocation has begun. */
  finaliser: (run: string, invocation: string) => `runs/${run}/finalisers/${invocation}`,
  finalisers: (run: string) => `runs/${run}/finalisers/`,
  claim: (run: string, slice: number, attempt: number) => `runs/${run}/claims/${slice}-${attempt}`,
  claims: (run: string) => `runs/${run}/claims/`,
  /**
   * One part of the data that a slice hands over to its next worker. `atMs` is the time at which the next worker takes over, in milliseconds since
   * the start.
   */
  handover: (run: string, slice: number, atMs: number, part: number) => `runs/${run}/handover/${slice}-${atMs}/${part}`,
  handovers: (run: string) => `runs/${run}/handover/`,
  hook: (run: string, hook: 'beforeRun' | 'afterRun') => `runs/${run}/hooks/${hook}`,
  /** The reason why a hook failed. */
  hookFailure: (run: string, hook: 'beforeRun' | 'afterRun') => `runs/${run}/hooks/${hook}-failure`,
  /**
   * An object for the event of a window. It first contains the claim of the invocation that calls `onEvent`, and then the result of `onEvent`.
   * `number` is the number of the event, from 0.
   */
  windowHook: (run: string, number: number) => `runs/${run}/hooks/onEvent-${number}`,
  hooks: (run: string) => `runs/${run}/hooks/`,
  shard: (run: string, shard: number) => `runs/${run}/shards/${shard}.json`,
  shards: (run: string) => `runs/${run}/shards/`,
  sealed: (run: string, shard: number, window: number, hash: string) =>
    `runs/${run}/windows/${shard}/${window}-${hash}`,
  /**
   * An archive of a shard. The archive contains records that were moved out of the shard's state. The state then contains only a reference to the
   * archive.
   */
  archive: (run: string, shard: number, hash: string) => `runs/${run}/windows/${shard}/archive-${hash}`,
  windows: (run: string) => `runs/${run}/windows/`,
  /** A file that a worker of a local run wrote for people. */
  workerFile: (run: string, name: string) => `runs/${run}/worker-files/${name}`,
  workerFiles: (run: string) => `runs/${run}/worker-files/`,
  unreadable: (run: string, messageId: string) => `runs/${run}/unreadable/${messageId}`,
  unreadables: (run: string) => `runs/${run}/unreadable/`,
  late: (run: string, messageId: string) => `runs/${run}/late/${messageId}`,
  lates: (run: string) => `runs/${run}/late/`,
  failure: (run: string, id: string) => `runs/${run}/failures/${id}`,
  failures: (run: string) => `runs/${run}/failures/`,
  /** The last lines that the scenario of a local run printed. Pages that display the run show these lines. */
  printed: (run: string) => `runs/${run}/printed.json`,
  output: (run: string, file: OutputFile) => `runs/${run}/${file}`,
} as const

/** The result files of a run, for people and programs; `report.json` is written last. */
export const outputFiles = [
  'report.html',
  'report.md',
  'junit.xml',
  'stats.csv',
  'history.csv',
  'failures.csv',
  'exceptions.csv',
  'latency.hlog',
  'report.json',
] as const

/** Matches the names of the files that workers write: profiles and samples. burst puts these files beside the result files. */
export const workerFileName = /^worker-\d+(?:-\d+)?\.(?:cpuprofile|samples\.ndjson)$/
export type OutputFile = (typeof outputFiles)[number]
