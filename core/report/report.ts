import * as v from 'valibot'
import { tlsEntry } from './tls-facts.ts'
import { searchEntry } from './search-entry.ts'
import {
  amount,
  completeness,
  count,
  described,
  generator,
  lag,
  length,
  namedRow,
  row,
  share,
  spread,
  threshold,
  verdict,
  windowRow,
} from '../verdict/results.ts'

const runFacts = v.object({
  id: v.string(),
  name: v.string(),
  scenario: described(v.string(), 'The path of the scenario file, as it was given.'),
  host: v.string(),
  seed: described(v.string(), 'The same seed, scenario and plan give the same users.'),
  bundle: described(v.string(), 'SHA-256 of the scenario with all it imports.'),
  build: described(v.string(), 'The build of burst.'),
  startedAt: described(v.number(), 'Epoch milliseconds.'),
  endedAt: described(v.number(), 'Epoch milliseconds.'),
  backend: v.picklist(['local', 'aws']),
  regions: v.array(v.string()),
  workers: count,
  plan: v.object({
    model: v.picklist(['users', 'arrivals']),
    users: described(count, 'The largest number at one time; with arrivals, the largest size of the pool.'),
    words: described(v.array(v.string()), 'The plan in words, one string per line.'),
    durationMs: described(length, 'null when the run had no planned end.'),
    spawnRate: v.exactOptional(described(amount, 'Users per second; absent unless the load is one ramp and a hold.')),
    windowMs: v.pipe(v.number(), v.gtValue(0)),
  }),
})
export type RunFacts = v.InferOutput<typeof runFacts>

const errorEntry = v.object({
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
        status: described(count, '0 is no response.'),
        url: v.string(),
        body: v.exactOptional(described(v.string(), 'The beginning of the body, if it was kept.')),
        traceId: v.exactOptional(described(v.string(), 'The trace that its traceparent header named, if it had one.')),
      }),
    ),
    'A few of the earliest occurrences.',
  ),
})
export type ErrorEntry = v.InferOutput<typeof errorEntry>

const secondEntry = v.object({
  at: described(v.number(), 'Seconds since the start.'),
  plannedUsers: described(amount, "Users that the plan asks for at the second's beginning."),
  users: described(count, "Users alive at the second's beginning."),
  draining: described(count, 'Users told to stop that have not ended.'),
  requests: described(count, 'Requests that ended in this second.'),
  failures: count,
  dropped: described(count, 'Arrivals that were due in this second and dropped by their worker.'),
  late: described(count, 'Judged requests that ended in this second and that burst itself sent late.'),
})
export type SecondEntry = v.InferOutput<typeof secondEntry>

const windowEntry = v.object({
  at: described(v.number(), 'Seconds since the start.'),
  seconds: described(v.pipe(v.number(), v.gtValue(0)), 'Length in seconds.'),
  requests: described(
    v.array(windowRow),
    'All names together first, with method and name empty; then one entry per name.',
  ),
})
export type WindowEntry = v.InferOutput<typeof windowEntry>

const seriesFacts = described(
  v.object({
    stepS: described(v.pipe(v.number(), v.integer(), v.minValue(1)), 'Seconds of a bucket.'),
    buckets: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(720)),
    names: described(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(50)),
      'How many of `requests`, counted from the first, have a series.',
    ),
    data: described(v.string(), 'Raw DEFLATE (RFC 1951) of the bytes, in base64.'),
  }),
  'Counts and histograms of each bucket of `windows`, compressed, for questions about a span of the run.',
)

const userFacts = v.object({
  byClass: v.record(v.string(), count),
  started: count,
  failedToStart: count,
  unharmed: described(count, 'Users that met no failed request and no exception.'),
  exhausted: described(count, 'Users that stopped because no data row was left for them.'),
  missedIterations: described(count, 'Slots of pacing and throughput that were given up.'),
  carried: described(count, 'Times that a user went on in the next worker of its slice, with all that it had.'),
  begunAnew: described(count, 'Times that a user began a new life there, because it could not be handed over.'),
})
export type UserFacts = v.InferOutput<typeof userFacts>

const workerEntry = v.object({
  slice: count,
  region: v.string(),
  attempts: described(count, 'How often it was started; more than 1 means it was lost and replaced.'),
  errors: described(v.array(v.string()), 'The errors of its failed invocations, as the platform reported them.'),
  users: described(count, 'The largest number at one time.'),
  requests: count,
  lagMs: lag,
  loopDelayMs: v.object({ p99: amount, max: amount }),
  loopUtilization: described(share, 'Greatest share of a window that the event loop was busy.'),
  gcMs: described(amount, 'Time spent collecting garbage.'),
  rssMb: described(amount, 'Greatest resident memory, MiB.'),
  sockets: described(count, 'The largest number open at one time.'),
})
export type WorkerEntry = v.InferOutput<typeof workerEntry>

const timed = v.object({
  count: count,
  durationMs: spread,
})

/**
 * `report.json`, version 1: the contract with everything that reads a run's result. Units are part of the names: Ms milliseconds, Mb
 * mebibytes, At epoch milliseconds unless stated otherwise, Share 0–1. Readers ignore unknown fields. `npm run schema` makes
 * `report.schema.json` from it.
 */
export const reportSchema = v.object({
  schemaVersion: v.literal(1),
  run: runFacts,
  verdict,
  totals: described(row, 'All request names together.'),
  requests: described(v.array(namedRow), 'One row per request name.'),
  errors: described(v.array(errorEntry), 'Failed requests by name, kind and message.'),
  exceptions: described(
    v.array(
      v.object({
        message: v.string(),
        stack: v.string(),
        count: count,
      }),
    ),
    "What the scenario's own code threw.",
  ),
  seconds: described(v.array(secondEntry), 'One entry per second of the run.'),
  windows: described(
    v.pipe(v.array(windowEntry), v.maxLength(720)),
    'Latency over time; longer runs are made coarser by merging.',
  ),
  series: seriesFacts,
  iterations: v.array(
    v.object({
      ...timed.entries,
      class: v.string(),
      task: v.string(),
      failed: count,
      hung: described(
        count,
        'Iterations that never ended, because they awaited something other than a response or a pause; not part of count.',
      ),
    }),
  ),
  checks: v.array(
    v.object({
      name: v.string(),
      passed: count,
      failed: count,
    }),
  ),
  steps: v.array(
    v.object({
      ...timed.entries,
      name: v.string(),
      failed: count,
    }),
  ),
  metrics: described(
    v.array(
      v.object({
        ...timed.entries,
        method: v.string(),
        name: v.string(),
        failures: count,
        bytes: count,
      }),
    ),
    'What the scenario recorded itself.',
  ),
  arrivals: described(
    v.nullable(
      v.object({
        offered: count,
        started: count,
        dropped: v.object({
          pool: described(count, 'No user was free.'),
          generator: described(count, 'It could not be sent in time.'),
          lost: described(count, 'Its worker was lost.'),
        }),
      }),
    ),
    'Open model only. Dropped arrivals are those planned and not started, by cause.',
  ),
  load: described(
    v.nullable(
      v.object({
        plannedUserSeconds: described(amount, "Until the plan's end, or a person's stop."),
        deliveredUserSeconds: described(
          amount,
          'Of those, the seconds in which the user was alive or had left by itself.',
        ),
        deliveredShare: share,
      }),
    ),
    'Closed model only. The planned time of users, and the time in which they were active.',
  ),
  tls: v.exactOptional(described(tlsEntry, 'Connections over TLS; absent when there were none.')),
  users: userFacts,
  workers: v.array(workerEntry),
  thresholds: v.array(threshold),
  search: v.exactOptional(described(searchEntry, 'Only where the run searched for its highest load.')),
  events: described(
    v.array(
      v.object({
        at: described(v.nullable(v.number()), 'Seconds since the start, or null.'),
        text: v.string(),
        planned: v.exactOptional(described(v.boolean(), 'true: the end or the beginning of a planned ramp.')),
      }),
    ),
    'What happened, in words.',
  ),
  completeness,
  generator,
  cost: described(
    v.object({
      estimateUsd: amount,
      actualUsd: amount,
      lines: v.array(
        v.object({
          what: v.string(),
          usd: amount,
        }),
      ),
    }),
    'Zero, with no lines, when the run used no cloud.',
  ),
})
export type Report = v.InferOutput<typeof reportSchema>
