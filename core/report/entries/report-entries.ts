import * as v from 'valibot'
import { amount, count, described, lag, length, share, windowRow } from '../../verdict/results.ts'

export const runFacts = v.object({
  id: v.string(),
  name: v.string(),
  scenario: described(v.string(), 'The path of the scenario file, as given on the command line.'),
  host: v.string(),
  seed: described(v.string(), 'The same seed, scenario and plan give the same users.'),
  bundle: described(v.string(), 'SHA-256 of the scenario with all its imports.'),
  build: described(v.string(), 'The build of burst.'),
  startedAt: described(v.number(), 'Epoch milliseconds.'),
  endedAt: described(v.number(), 'Epoch milliseconds.'),
  backend: v.picklist(['local', 'aws']),
  regions: v.array(v.string()),
  workers: count,
  plan: v.object({
    model: v.picklist(['users', 'arrivals']),
    users: described(count, 'The greatest number of users at one time; with arrivals, the greatest size of the pool.'),
    words: described(v.array(v.string()), 'The plan in words, one string per line.'),
    durationMs: described(length, 'The planned length; null when the run had no planned end.'),
    spawnRate: v.exactOptional(described(amount, 'Users per second; absent unless the load is one ramp and a hold.')),
    windowMs: v.pipe(v.number(), v.gtValue(0)),
  }),
})
export type RunFacts = v.InferOutput<typeof runFacts>

export const errorEntry = v.object({
  method: v.string(),
  name: v.string(),
  kind: described(
    v.string(),
    'status, network, timeout, protocol, expect, extract, generator or refused; others may follow.',
  ),
  message: v.string(),
  count: count,
  firstAt: described(v.number(), 'Epoch milliseconds.'),
  lastAt: described(v.number(), 'Epoch milliseconds.'),
  exemplars: described(
    v.array(
      v.object({
        at: described(v.number(), 'Epoch milliseconds.'),
        user: described(v.pipe(v.number(), v.integer()), "The user's index."),
        status: described(count, 'The HTTP status; 0 means that there was no response.'),
        url: v.string(),
        body: v.exactOptional(described(v.string(), 'The beginning of the body, if it was kept.')),
        traceId: v.exactOptional(
          described(v.string(), 'The trace id in the traceparent header of the request, if it had this header.'),
        ),
      }),
    ),
    'A few of the earliest occurrences.',
  ),
})
export type ErrorEntry = v.InferOutput<typeof errorEntry>

export const secondEntry = v.object({
  at: described(v.number(), 'Seconds since the start.'),
  plannedUsers: described(amount, 'The number of planned users at the beginning of the second.'),
  users: described(count, 'The number of users alive at the beginning of the second.'),
  draining: described(count, 'The number of users that were asked to stop and have not ended.'),
  requests: described(count, 'The number of requests that ended in this second.'),
  failures: count,
  dropped: described(count, 'The number of arrivals that were due in this second and dropped by their worker.'),
  late: described(count, 'The number of judged requests that ended in this second and that burst itself sent late.'),
})
export type SecondEntry = v.InferOutput<typeof secondEntry>

export const windowEntry = v.object({
  at: described(v.number(), 'Seconds since the start.'),
  seconds: described(v.pipe(v.number(), v.gtValue(0)), 'The length in seconds.'),
  requests: described(
    v.array(windowRow),
    'First an entry for all names together, with an empty method and name; then one entry per name.',
  ),
})
export type WindowEntry = v.InferOutput<typeof windowEntry>

export const seriesFacts = described(
  v.object({
    stepS: described(v.pipe(v.number(), v.integer(), v.minValue(1)), 'The length of a bucket in seconds.'),
    buckets: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(720)),
    names: described(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(50)),
      'The number of entries of `requests` that have a series; these are the first entries.',
    ),
    data: described(v.string(), 'The compressed bytes: raw DEFLATE (RFC 1951), in base64.'),
  }),
  'Compressed counts and histograms of each bucket of `windows`. From these counts and histograms, a reader can compute the values of any span of the run.',
)

export const userFacts = v.object({
  byClass: v.record(v.string(), count),
  started: count,
  failedToStart: count,
  unharmed: described(count, 'The number of users without a failed request or exception.'),
  exhausted: described(count, 'The number of users that stopped because their unique() feed had no more rows.'),
  missedIterations: described(count, 'The number of skipped slots of pacing and throughput.'),
  carried: described(
    count,
    'The number of times that a user was handed over, with its complete state, to the next worker of the slice.',
  ),
  begunAnew: described(
    count,
    'The number of times that a user could not be handed over and started from the beginning on the next worker.',
  ),
})
export type UserFacts = v.InferOutput<typeof userFacts>

export const workerEntry = v.object({
  slice: count,
  region: v.string(),
  attempts: described(
    count,
    'The number of times that the worker was started; more than 1 means that it was lost and replaced.',
  ),
  errors: described(
    v.array(v.string()),
    'The errors of failed invocations of the worker, as the platform reported them.',
  ),
  users: described(count, 'The greatest number of users at one time.'),
  requests: count,
  lagMs: lag,
  loopDelayMs: v.object({ p99: amount, max: amount }),
  loopUtilization: described(share, 'The greatest fraction of a window in which the event loop was busy.'),
  coreWaitShare: v.exactOptional(
    described(
      share,
      'The greatest fraction of a window in which the worker was ready to run but other threads used all cores; absent if the system does not report this time.',
    ),
  ),
  gcMs: described(amount, 'The time spent on garbage collection.'),
  rssMb: described(amount, 'The greatest resident memory, MiB.'),
  sockets: described(count, 'The greatest number of open sockets at one time.'),
})
export type WorkerEntry = v.InferOutput<typeof workerEntry>
