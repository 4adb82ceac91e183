/** What judging and summarising a run give: the parts of `report.json` that are worked out in this folder. */

export interface Verdict {
  /**
   * inconclusive: the generator was the bottleneck, the load was not what was planned, or something is missing. unjudged: no thresholds were
   * set, and nothing speaks against the run.
   */
  result: 'passed' | 'failed' | 'inconclusive' | 'unjudged'
  /** Sentences: why the run itself failed, that no work succeeded, what the result rests on, the rest, each by weight; at least one. */
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
  /** Exchanges that were sent again on a new connection, because the target had closed the one that was kept alive. */
  reconnects: number
  statuses: Record<string, number>
  /** Requests per second over the exact time from the first to the last moment with a user. */
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
  /** What it was sent for: class and task, joined with a tab; `onStart, onStop` as one. */
  tasks: string[]
}

/** One name in one window; `method` and `name` are both '' for all names together, which is the first entry of each window. */
export interface WindowRow {
  method: string
  name: string
  requests: number
  failures: number
  latencyMs: { p50: number | null; p95: number | null; p99: number | null; max: number | null }
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
  /** The greater of `lateShare` and `uncertainShare`. */
  boundShare: number
  /** Share of judged requests that were sent later than meant by more than max(5 ms, 10 % of the name's median latency), 0–1. */
  lateShare: number
  /** Share of judged requests whose latency may be too long by more than max(1 ms, 5 % of the name's median latency), 0–1. */
  uncertainShare: number
  /** Work done, of what the same users would have done without lag, 0–1; null where arrivals make the load, or no user was there. */
  loadShare: number | null
  /** All requests but those in the first second of a worker, in which connections are made. */
  judgedRequests: number
  /** By how much a latency may be too long through the generator's own doing, at most. */
  timingErrorMs: { p50: number | null; p99: number | null; max: number | null }
  /** How much later than its user meant a request was sent. */
  lagMs: { p50: number | null; p99: number | null; max: number | null }
  sendLagMs: { p50: number | null; p99: number | null; max: number | null }
  userLagMs: { p50: number | null; p99: number | null; max: number | null }
  /** In words, the figures included: why the run is generator-bound and since when and where, or that it is healthy. */
  reasons: string[]
}
