import * as v from 'valibot'
import { amount, count, described, lag, length, share, windowRow } from '../../verdict/results.ts'

export const runFacts = v.object({
  id: v.string(),
  name: v.string(),
  scenario: described(v.string(), 'The path of the scenario file, as given on the command line.'),
  host: v.string(),
  seed: described(v.string(), 'The same seed, scenario and plan give the same users.'),
  bundle: described(v.string(), 'The SHA-256 of the bundle, which contains the scenario and all its imports.'),
  build: described(v.string(), 'The build of burst that ran the scenario.'),
  startedAt: described(v.number(), 'Epoch milliseconds.'),
  endedAt: described(v.number(), 'Epoch milliseconds.'),
  backend: v.picklist(['local', 'aws']),
  regions: v.array(v.string()),
  workers: count,
  plan: v.object({
    model: v.picklist(['users', 'arrivals']),
    users: described(
      count,
      'The greatest planned number of users at one time; with arrivals, the greatest size of the pool. Changes of the load during the run are included.',
    ),
    words: described(v.array(v.string()), 'The summary of the plan, one string per line.'),
    durationMs: described(length, 'The planned length; null when the run had no planned end.'),
    spawnRate: v.exactOptional(
      described(
        amount,
        'The rate of the ramp in users per second. Present only if the planned load is one ramp from 0 users, with or without a hold after it.',
      ),
    ),
    windowMs: v.pipe(v.number(), v.gtValue(0)),
  }),
})
export type RunFacts = v.InferOutput<typeof runFacts>

export const errorEntry = v.object({
  method: v.string(),
  name: v.string(),
  kind: described(
    v.string(),
    'status, network, timeout, protocol, expect, extract, generator or refused; later releases may add kinds.',
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
        body: v.exactOptional(described(v.string(), 'The beginning of the response body, if burst kept the body.')),
        traceId: v.exactOptional(
          described(v.string(), 'The trace id in the traceparent header of the request, if it had this header.'),
        ),
      }),
    ),
    'The earliest occurrences of the error, at most three.',
  ),
})
export type ErrorEntry = v.InferOutput<typeof errorEntry>

export const secondEntry = v.object({
  at: described(v.number(), 'The time in seconds since the start.'),
  plannedUsers: described(amount, 'The number of planned users at the beginning of the second.'),
  users: described(count, 'The number of users alive at the beginning of the second.'),
  draining: described(count, 'The number of users that were asked to stop and have not ended.'),
  requests: described(count, 'The number of requests that ended in this second.'),
  failures: count,
  dropped: described(count, 'The number of arrivals that were due in this second and that their worker dropped.'),
  late: described(
    count,
    'The number of requests that ended in this second and that burst had sent late. Requests in the first second of their worker are not counted.',
  ),
})
export type SecondEntry = v.InferOutput<typeof secondEntry>

export const windowEntry = v.object({
  at: described(v.number(), 'The time in seconds since the start.'),
  seconds: described(v.pipe(v.number(), v.gtValue(0)), 'The length in seconds.'),
  requests: described(
    v.array(windowRow),
    'The first entry is for all names together and has an empty method and name. The other entries are for one name each.',
  ),
})
export type WindowEntry = v.InferOutput<typeof windowEntry>

export const seriesFacts = described(
  v.object({
    stepS: described(v.pipe(v.number(), v.integer(), v.minValue(1)), 'The length of a bucket in seconds.'),
    buckets: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(720)),
    names: described(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(50)),
      'The number of entries of `requests` that have a series. They are the first entries of `requests`.',
    ),
    data: described(v.string(), 'The compressed bytes: raw DEFLATE (RFC 1951), in base64.'),
  }),
  'Compressed counts and histograms of each bucket of `windows`. They are sufficient to compute the values of any time span of the run.',
)

export const userFacts = v.object({
  byClass: v.record(v.string(), count),
  started: count,
  failedToStart: count,
  unharmed: described(count, 'The number of started users without a failed request or exception.'),
  exhausted: described(
    count,
    'The number of users that stopped because their unique() feed had no more rows. With arrivals, each of these users ended its arrival early.',
  ),
  missedIterations: described(
    count,
    'The number of iterations that pacing() or throughput() skipped because they were overdue.',
  ),
  carried: described(
    count,
    'The number of times that a user was handed over, with its complete state, to the next worker of the slice.',
  ),
  begunAnew: described(
    count,
    'The number of times that a user could not be handed over and started with a new life on the next worker.',
  ),
})
export type UserFacts = v.InferOutput<typeof userFacts>

export const workerEntry = v.object({
  slice: count,
  region: v.string(),
  attempts: described(
    count,
    'The number of attempts of the worker that sent a message or failed. More than 1 means that the worker was lost and replaced, or that it handed its users over to the next worker.',
  ),
  errors: described(
    v.array(v.string()),
    'The errors of failed invocations of the worker, as reported by the platform.',
  ),
  users: described(count, 'The greatest number of users at one time.'),
  requests: count,
  lagMs: lag,
  loopDelayMs: v.object({ p99: amount, max: amount }),
  loopUtilization: described(share, 'The greatest fraction of a window in which the event loop was busy.'),
  coreWaitShare: v.exactOptional(
    described(
      share,
      'The greatest fraction of a window in which the worker was ready to run but had to wait, because other threads used all cores. Absent if the system does not report this time.',
    ),
  ),
  gcMs: described(amount, 'The time spent on garbage collection, in milliseconds, summed over all attempts.'),
  rssMb: described(amount, 'The greatest resident memory in MiB.'),
  sockets: described(count, 'The greatest number of open sockets at one time.'),
})
export type WorkerEntry = v.InferOutput<typeof workerEntry>
