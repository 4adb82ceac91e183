import type {
  Completeness,
  GeneratorVerdict,
  NamedRow,
  Row,
  Spread,
  ThresholdEntry,
  Verdict,
  WindowRow,
} from '../verdict/results.ts'

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
  series: SeriesFacts
  iterations: { class: string; task: string; count: number; failed: number; hung: number; durationMs: Spread }[]
  checks: { name: string; passed: number; failed: number }[]
  steps: { name: string; count: number; failed: number; durationMs: Spread }[]
  metrics: { method: string; name: string; count: number; failures: number; bytes: number; durationMs: Spread }[]
  arrivals: { offered: number; started: number; dropped: { pool: number; generator: number; lost: number } } | null
  /** Planned time of users against the time in which they were there, summed over all of them; null with arrivals. */
  load: { plannedUserSeconds: number; deliveredUserSeconds: number; deliveredShare: number } | null
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
  /** Arrivals that were due in this second and dropped by their worker; those lost with a worker are not among them. */
  dropped: number
  /** Judged requests that ended in this second and were sent late by burst's own doing. */
  late: number
}

export interface WindowEntry {
  /** Seconds since the start. */
  at: number
  seconds: number
  requests: WindowRow[]
}

/** Counts and histograms of each bucket of `windows`, for whoever asks about a span of the run: `core/report/series.ts` reads and writes them. */
interface SeriesFacts {
  /** Seconds of a bucket. */
  stepS: number
  buckets: number
  /** So many of `requests`, from the first, have a series. */
  names: number
  /** Raw DEFLATE (RFC 1951) of the bytes, in base64. */
  data: string
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
  /** What its failed invocations ended with, as the platform said it. */
  errors: string[]
  users: number
  requests: number
  lagMs: { p50: number | null; p99: number | null; max: number | null }
  loopDelayMs: { p99: number; max: number }
  loopUtilization: number
  gcMs: number
  rssMb: number
  sockets: number
}
