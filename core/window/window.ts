import type { RequestSecond } from './histograms/compact.ts'
import { Distribution } from './histograms/distribution.ts'
import type { ProtocolCell } from './protocols.ts'

/**
 * The counts of one interval: by request name, by second, by task, by worker. Windows are merged, never averaged. Merging is associative and
 * commutative, and merging with an empty window has no effect. After the last merge, `summary.ts` computes the percentiles.
 */
export interface Window {
  /** The requests, by `METHOD name`. */
  requests: Map<string, RequestCell>
  /** The counts of each second since the run's start. */
  seconds: Map<number, SecondCell>
  /** The iterations of each task. The key is the class and the task, joined with a tab. */
  iterations: Map<string, IterationCell>
  /** The checks, by the name in `.check(name, …)`. */
  checks: Map<string, CheckCell>
  /** The journey steps, by the name in `this.step(name, …)`. */
  steps: Map<string, TimedCell>
  /**
   * The recorded samples, by the `METHOD name` in `this.record({…})`. A sample is, for example, a call that the scenario made without burst, or a
   * message of a WebSocket connection.
   */
  metrics: Map<string, RecordedCell>
  /** The failures. The key is the `METHOD name`, the kind and the message, joined with tabs. */
  errors: Map<string, ErrorCell>
  /** The exceptions, by message. */
  exceptions: Map<string, ExceptionCell>
  arrivals: ArrivalCell
  users: UserCell
  /** The state of each worker, by `slice-attempt`. */
  workers: Map<string, WorkerCell>
  /** The number of connections over TLS, by the version of TLS. The key of connections whose certificate was not verified ends with ` unverified`. */
  secured: Map<string, number>
  /** Connections and streams of users that may speak HTTP/2, by protocol and origin. */
  protocols: Map<string, ProtocolCell>
  /** The number of occurrences of each notice, by the text of the notice. */
  notices: Map<string, number>
}

/** The counts of one request name. Counts are exact; docs/report.md defines each count. */
export interface RequestCell {
  method: string
  name: string
  /** The tags of the tasks that sent requests with this name, sorted and without duplicates. */
  tags: string[]
  /** The tasks that sent requests with this name, sorted and without duplicates. Each entry is the class and the task, joined with a tab. */
  tasks: string[]
  /** The number of finished requests; a chain of redirects counts as one request. */
  requests: number
  failures: number
  /** The number of hops of finished requests. A hop is one request and its response on the wire. */
  exchanges: number
  /**
   * The number of hops of requests that burst cut off when their users stopped, including the earlier hops of these requests. `exchanges` does not
   * include these hops.
   */
  interrupted: number
  /** The open times of interrupted requests: from immediately before the first hop was written until burst cut the request off. */
  open: Distribution
  /**
   * The number of hops that were sent again on a new connection. The reason is that the target had closed the kept-alive connection, or (with HTTP/2)
   * had not processed the hop. Each of these hops counts as one exchange.
   */
  reconnects: number
  bytesIn: number
  bytesOut: number
  /** The number of finished requests by HTTP status; 0 means that there was no response. */
  statuses: Map<number, number>
  /**
   * The time from immediately before the request is written until the last byte of the body arrives; for an event stream, until the first byte
   * arrives. Failures that burst itself caused are not included.
   */
  latency: Distribution
  /** The time from the intent to the end of `latency`. The intent is the moment at which the user was due to send the request. */
  fromIntent: Distribution
  dns: Distribution
  connect: Distribution
  tls: Distribution
  /** The time from immediately before the request is written until the first byte of the response arrives. */
  firstByte: Distribution
  /** The time from the arrival of the first byte of the response until the last byte arrives. */
  body: Distribution
  /**
   * The counts of each second since the run's start, for charts. In a long run, this map is empty, because each bucket of the charts is at least one
   * window long.
   */
  seconds: Map<number, RequestSecond>
}

export interface SecondCell {
  /** The number of users alive at the beginning of the second. */
  users: number
  /** The number of users that had been asked to stop but had not ended at the beginning of the second. */
  draining: number
  requests: number
  failures: number
  /** The number of arrivals that were due in this second but were dropped by their worker. */
  dropped: number
  /**
   * The time in microseconds for which users were alive in this second, summed over the users. Two kinds of time are excluded: the time in which the
   * worker stalled, and the time from a failed `onStart` of a user until `onStart` succeeds.
   */
  userUs: number
  /**
   * The planned time, in microseconds, of users that had ended by themselves: they called `stop()`, their iterations were done, or their data was
   * used up. Also includes the planned time of users that cannot begin a new life yet, because their previous life has not ended.
   */
  leftUs: number
  /** The part of `userUs`, in microseconds, in which users awaited a promise that never settled. */
  hungUs: number
}

export interface TimedCell {
  count: number
  failed: number
  duration: Distribution
}

export interface IterationCell extends TimedCell {
  /**
   * The number of iterations that awaited a promise that never settled. Iterations that awaited a response or a pause are not included here. `count`
   * and `failed` do not include the iterations in `hung`.
   */
  hung: number
  /** The time at which the first of the iterations in `hung` began to wait, in milliseconds since the start; null when `hung` is 0. */
  hungFromMs: number | null
}

export interface CheckCell {
  passed: number
  failed: number
}

export interface RecordedCell {
  method: string
  name: string
  count: number
  failures: number
  bytes: number
  duration: Distribution
}

/** `generator`: burst itself, and not the target, caused the failure. For example, no file descriptor was free. */
export type FailureKind = 'status' | 'network' | 'timeout' | 'protocol' | 'expect' | 'extract' | 'generator' | 'refused'

export interface ErrorCell {
  method: string
  name: string
  kind: FailureKind
  message: string
  count: number
  /** Epoch milliseconds. */
  firstAt: number
  lastAt: number
  /** The earliest occurrences, at most `exemplarCap`. */
  exemplars: Exemplar[]
  /** The number of failures by whole second since the run's start. */
  seconds: Map<number, number>
}

/** One failed exchange as an example. Its body is shortened, and secrets are removed. */
export interface Exemplar {
  at: number
  user: number
  status: number
  url: string
  body?: string
  /** The trace id in the `traceparent` header of the exchange: 32 hexadecimal digits. */
  traceId?: string
}

export const exemplarCap = 3

export interface ExceptionCell {
  message: string
  stack: string
  count: number
}

/**
 * Open model only: the number of started arrivals, and the number of dropped arrivals by cause. The number of lost arrivals is computed from the plan
 * at the end of the run.
 */
export interface ArrivalCell {
  started: number
  droppedPool: number
  droppedGenerator: number
}

export interface UserCell {
  /** The number of lives that completed `onStart`, by class. */
  startedByClass: Map<string, number>
  /** The number of times that `onStart` failed. */
  failedToStart: number
  /** The number of arrivals whose iteration did not run, because `onStart` of their user failed. */
  unserved: number
  /** The number of lives that completed `onStart` and had at least one failed request or exception. */
  harmed: number
  /** The number of lives that ended because a `unique()` feed had no more rows for their user. */
  exhausted: number
  /** The number of users that started later than planned because their worker joined late. */
  late: number
  /** The number of iterations that `pacing` or `throughput` skipped because the iterations were overdue. */
  missedIterations: number
  /** The number of users that a worker took over, with their complete state, from the previous worker. */
  carried: number
  /** The number of users that began a new life because the worker could not take them over. */
  begunAnew: number
}

/** Counts by which the generator is judged. They cover the requests of one worker in one second. */
export interface JudgedSecond {
  requests: number
  /** The number of requests sent later than planned by more than max(5 ms, 10 % of the name's median latency). */
  late: number
  /** The number of requests whose latency may be too long by more than max(1 ms, 5 % of the name's median latency). */
  uncertain: number
  /**
   * The busy fraction (0–1) of the worker's event loop. This value does not change when windows are merged. If this field is missing,
   * `loopUtilization` of the worker's cell applies to the second.
   */
  busyShare?: number
  /**
   * The fraction (0–1) of time in which the worker waited for a core. This value does not change when windows are merged. If this field is missing,
   * `coreWaitShare` of the worker's cell applies to the second.
   */
  waitShare?: number
}

/** The state of one worker in one interval. A gauge contains the greatest value of the interval. */
export interface WorkerCell {
  slice: number
  attempt: number
  requests: number
  generatorErrors: number
  users: number
  /**
   * The lag in microseconds that reduced the load. For users with `pacing` or `throughput`, a lag counts only if the lag makes iterations start after
   * their planned times. For other users, every lag counts, except a lag while the user waits for a message.
   */
  lostUs: number
  /** The part of `lostUs` for which users with `pacing` or `throughput` later caught up with their planned times. */
  regainedUs: number
  /**
   * The delay of each request after its planned time: the sum of the user's lags since the user's previous request, plus the send lag. For other
   * actions, such as a wait for a WebSocket message: the sum of the lags only.
   */
  lag: Distribution
  userLag: Distribution
  sendLag: Distribution
  /** An upper bound of the time that the generator adds to each latency. */
  timingError: Distribution
  /** The counts of each second since the run's start, except the first second in which a request of the attempt ended. */
  judged: Map<number, JudgedSecond>
  /** The delay of the event loop: the greatest p99 that monitorEventLoopDelay (perf_hooks) measured, minus the resolution of this monitor, 10 ms. */
  loopDelayP99Ms: number
  loopDelayMaxMs: number
  /** The busy fraction (0–1) of the event loop in the engine's thread: eventLoopUtilization (perf_hooks). */
  loopUtilization: number
  /**
   * The fraction (0–1) of time in which the engine's thread was ready to run but other threads used all cores; 0 if the system does not measure this
   * time.
   */
  coreWaitShare: number
  gcMs: number
  gcMaxMs: number
  rssMb: number
  sockets: number
  /** In a search for the highest load: the number of requests that were open for much longer than the answered requests with the same name. */
  overdue: number
  /** The offset of this worker's clock from the store's clock, if the store reports its time. */
  clockOffsetMs: number
  /** `true` if the engine did not respond at the end of the interval because user code blocked it. */
  blocked: boolean
  /** `true` if burst terminated the engine because user code did not return. */
  terminated: boolean
  /** The time in microseconds in which the worker's users were alive or had ended by themselves, summed over the users. */
  userUs: number
  /** The part of `userUs`, in microseconds, in which users awaited a promise that never settled. */
  hungUs: number
  /** The first and the last time at which the worker had a user, in milliseconds since the start; null when the worker never had a user. */
  activeFromMs: number | null
  activeToMs: number | null
  /**
   * The time at which the last user of the worker ended by itself, in milliseconds since the start; null if some users have not ended by themselves.
   */
  finishedMs: number | null
}

export function emptyWindow(): Window {
  return {
    requests: new Map(),
    seconds: new Map(),
    iterations: new Map(),
    checks: new Map(),
    steps: new Map(),
    metrics: new Map(),
    errors: new Map(),
    exceptions: new Map(),
    arrivals: { started: 0, droppedPool: 0, droppedGenerator: 0 },
    users: {
      startedByClass: new Map(),
      failedToStart: 0,
      unserved: 0,
      harmed: 0,
      exhausted: 0,
      late: 0,
      missedIterations: 0,
      carried: 0,
      begunAnew: 0,
    },
    workers: new Map(),
    secured: new Map(),
    protocols: new Map(),
    notices: new Map(),
  }
}

export function emptySecondCell(): SecondCell {
  return { users: 0, draining: 0, requests: 0, failures: 0, dropped: 0, userUs: 0, leftUs: 0, hungUs: 0 }
}

export function emptyRequestCell(method: string, name: string, tags: string[] = []): RequestCell {
  return {
    method,
    name,
    tags,
    tasks: [],
    requests: 0,
    failures: 0,
    exchanges: 0,
    interrupted: 0,
    open: new Distribution(),
    reconnects: 0,
    bytesIn: 0,
    bytesOut: 0,
    statuses: new Map(),
    latency: new Distribution(),
    fromIntent: new Distribution(),
    dns: new Distribution(),
    connect: new Distribution(),
    tls: new Distribution(),
    firstByte: new Distribution(),
    body: new Distribution(),
    seconds: new Map(),
  }
}

const idleLoop = { loopDelayP99Ms: 0, loopDelayMaxMs: 0, loopUtilization: 0, coreWaitShare: 0 }

export function emptyWorkerCell(slice: number, attempt: number): WorkerCell {
  return {
    slice,
    attempt,
    requests: 0,
    generatorErrors: 0,
    users: 0,
    lostUs: 0,
    regainedUs: 0,
    lag: new Distribution(),
    userLag: new Distribution(),
    sendLag: new Distribution(),
    timingError: new Distribution(),
    judged: new Map(),
    ...idleLoop,
    gcMs: 0,
    gcMaxMs: 0,
    rssMb: 0,
    sockets: 0,
    overdue: 0,
    clockOffsetMs: 0,
    blocked: false,
    terminated: false,
    userUs: 0,
    hungUs: 0,
    activeFromMs: null,
    activeToMs: null,
    finishedMs: null,
  }
}

export function emptyTimedCell(): TimedCell {
  return { count: 0, failed: 0, duration: new Distribution() }
}

export function emptyIterationCell(): IterationCell {
  return { ...emptyTimedCell(), hung: 0, hungFromMs: null }
}

/** The name of the row for all names beyond a limit. The limit is `nameCap` in one worker, and `sectionCaps.names` after merging. */
export const otherNames = '(other names)'
/** The maximum number of names of each kind (requests, checks, steps, recorded samples) that one worker counts separately in one run. */
export const nameCap = 500
/** The maximum number of separate rows in each section of a window after merging. `fold.ts` adds the counts of further rows to shared rows. */
export const sectionCaps = { names: 1000, errors: 500, exceptions: 200, notices: 200, tags: 100 } as const
/** The names of the rows that count notices and tags beyond their limits. */
export const [otherNotices, otherTags] = ['(other notices)', '(other tags)'] as const
