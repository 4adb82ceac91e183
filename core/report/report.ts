/**
 * `report.json`, version 1: the contract with everything that reads a run's result. Units stand in the names: Ms milliseconds, Mb
 * mebibytes, At epoch milliseconds unless said otherwise, Share 0–1. Readers ignore fields they do not know.
 * `report.schema.json` beside this file says the same as a JSON Schema, and a test holds real reports against it.
 */
export interface Report {
  schemaVersion: 1
  run: RunFacts
  verdict: Verdict
  totals: Row
  requests: NamedRow[]
  errors: ErrorEntry[]
  exceptions: { message: string; stack: string; count: number }[]
  /** One per second of the run; `at` is seconds since the start. */
  seconds: SecondEntry[]
  /** At most 720; longer runs are made coarser by merging. */
  windows: WindowEntry[]
  iterations: { class: string; task: string; count: number; failed: number; durationMs: Spread }[]
  checks: { name: string; passed: number; failed: number }[]
  steps: { name: string; count: number; failed: number; durationMs: Spread }[]
  metrics: { method: string; name: string; count: number; failures: number; bytes: number; durationMs: Spread }[]
  arrivals: { offered: number; started: number; dropped: { pool: number; generator: number; lost: number } } | null
  users: UserFacts
  workers: WorkerEntry[]
  thresholds: ThresholdEntry[]
  /** What happened, for people: `at` is seconds since the start, or null. */
  events: { at: number | null; text: string }[]
  completeness: Completeness
  generator: GeneratorVerdict
  /** Nothing is billed with `--local`: zero and no lines. */
  cost: { estimateUsd: number; actualUsd: number; lines: { what: string; usd: number }[] }
}

export interface RunFacts {
  id: string
  name: string
  scenario: string
  host: string
  seed: string
  bundle: string
  build: string
  startedAt: number
  endedAt: number
  backend: 'local' | 'aws'
  regions: string[]
  workers: number
  plan: { model: 'users' | 'arrivals'; users: number; words: string[]; durationMs: number | null; windowMs: number }
}

export interface Verdict {
  /** inconclusive: the generator was the bottleneck, or something is missing. */
  result: 'passed' | 'failed' | 'inconclusive'
  /** Sentences, the weightiest first; at least one. */
  reasons: string[]
  /** By the order of precedence in core/errors.ts. */
  exitCode: number
  stoppedBy: string | null
}

/** Lengths in milliseconds; null when nothing was recorded. */
export interface Spread {
  min: number | null
  mean: number | null
  p50: number | null
  p75: number | null
  p90: number | null
  p95: number | null
  p99: number | null
  p999: number | null
  max: number | null
}

export interface Row {
  requests: number
  failures: number
  exchanges: number
  interrupted: number
  statuses: Record<string, number>
  /** Requests per second over the time from the first to the last second with load. */
  rps: number
  failureShare: number
  bytesIn: number
  bytesOut: number
  latencyMs: Spread
  fromIntentMs: Spread
  phasesMs: { dns: Spread; connect: Spread; tls: Spread; firstByte: Spread }
  /** Of latency: HdrHistogram V2, compressed, base64, integer microseconds; '' when empty. */
  histogram: string
}

export interface NamedRow extends Row {
  method: string
  name: string
  tags: string[]
}

export interface ErrorEntry {
  method: string
  name: string
  kind: string
  message: string
  count: number
  firstAt: number
  lastAt: number
  exemplars: { at: number; user: number; status: number; url: string; body?: string }[]
}

export interface SecondEntry {
  at: number
  plannedUsers: number
  users: number
  draining: number
  requests: number
  failures: number
}

export interface WindowEntry {
  /** Seconds since the start. */
  at: number
  seconds: number
  requests: WindowRow[]
}

/** One name in one window; `method` and `name` are both '' for all names together, which is the first entry of each window. */
export interface WindowRow {
  method: string
  name: string
  requests: number
  failures: number
  latencyMs: { p50: number | null; p95: number | null; p99: number | null; max: number | null }
}

export interface UserFacts {
  byClass: Record<string, number>
  started: number
  failedToStart: number
  /** Users that met no failed request and no exception. */
  unharmed: number
  exhausted: number
  missedIterations: number
}

export interface WorkerEntry {
  slice: number
  region: string
  attempts: number
  users: number
  requests: number
  lagMs: { p50: number | null; p99: number | null; max: number | null }
  loopDelayMs: { p99: number; max: number }
  loopUtilization: number
  gcMs: number
  rssMb: number
  sockets: number
}

export interface ThresholdEntry {
  expression: string
  /** What was measured, in the expression's unit; null when there was nothing to measure. */
  value: number | null
  /** `ms`, `%` or `/s`. */
  unit: string
  passed: boolean
  /** A sentence where the number alone does not say it. */
  note: string | null
}

export interface Completeness {
  complete: boolean
  slicesExpected: number
  slicesReported: number
  windowsExpected: number
  windowsMerged: number
  duplicatesDropped: number
  late: number
  unreadable: number
  /** What is missing, a sentence each, naming the slice and the seconds. */
  lost: string[]
}

export interface GeneratorVerdict {
  result: 'healthy' | 'bound' | 'unknown'
  /** Share of requests in generator-bound windows, 0–1. */
  boundShare: number
  lagMs: { p50: number | null; p99: number | null; max: number | null }
  sendLagMs: { p50: number | null; p99: number | null; max: number | null }
  userLagMs: { p50: number | null; p99: number | null; max: number | null }
  /** In words: "healthy", or "generator-bound from 00:42, 3.1 % of requests; use fewer users per worker". */
  reasons: string[]
}
