import * as v from 'valibot'
import { protocolEntry } from './entries/protocol-facts.ts'
import { tlsEntry } from './entries/tls-facts.ts'
import { searchEntry } from './entries/search-entry.ts'
import {
  runFacts,
  errorEntry,
  secondEntry,
  windowEntry,
  seriesFacts,
  userFacts,
  workerEntry,
} from './entries/report-entries.ts'
import {
  amount,
  completeness,
  count,
  described,
  generator,
  namedRow,
  row,
  share,
  spread,
  threshold,
  verdict,
} from '../verdict/results.ts'

const timed = v.object({
  count: count,
  durationMs: spread,
})

/**
 * The schema of `report.json`, version 1, for all programs that read the result of a run. The end of a field name gives the unit: `S` for seconds,
 * `Ms` for milliseconds, `Mb` for mebibytes, `At` for epoch milliseconds (unless stated otherwise), `Share` for 0–1, `Usd` for US dollars. Readers
 * ignore unknown fields. `npm run schema` generates `report.schema.json`.
 */
export const reportSchema = v.object({
  schemaVersion: v.literal(1),
  run: runFacts,
  verdict,
  totals: described(row, 'The totals over all request names.'),
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
    "Exceptions of the scenario's own code.",
  ),
  seconds: described(v.array(secondEntry), 'One entry per second of the run.'),
  windows: described(
    v.pipe(v.array(windowEntry), v.maxLength(720)),
    'Latency over time, in intervals of equal length: one second in a run of up to 12 minutes, and more in a longer run.',
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
        'The number of iterations that awaited a promise that never settled. Iterations that awaited a response or a pause are not included here. `count` and `failed` do not include the iterations in `hung`.',
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
    'Samples that the scenario recorded with this.record, and the messages of WebSocket connections.',
  ),
  arrivals: described(
    v.nullable(
      v.object({
        offered: count,
        started: count,
        dropped: v.object({
          pool: described(count, 'The number of arrivals for which no user was free.'),
          generator: described(count, 'The number of arrivals that burst could not start in time.'),
          lost: described(count, 'The number of arrivals whose worker was lost.'),
        }),
      }),
    ),
    'Open model only; otherwise null. Dropped arrivals were planned but not started; they are counted by cause.',
  ),
  load: described(
    v.nullable(
      v.object({
        plannedUserSeconds: described(
          amount,
          'The planned user-seconds until the planned end, or until the stop of the run. If burst stopped the run because of a failure, the planned user-seconds after the stop are included.',
        ),
        deliveredUserSeconds: described(
          amount,
          'The number of planned user-seconds in which the user was active or had already ended by itself. The time in which a user awaited a promise that never settled is not included.',
        ),
        deliveredShare: share,
      }),
    ),
    'Closed model only; otherwise null. The planned time of users, and the time in which they were active.',
  ),
  tls: v.exactOptional(described(tlsEntry, 'Connections over TLS; absent if no connection used TLS.')),
  protocols: v.exactOptional(
    described(
      v.array(protocolEntry),
      'Connections of users with the option http2; absent if no such user opened a connection.',
    ),
  ),
  users: userFacts,
  workers: v.array(workerEntry),
  thresholds: v.array(threshold),
  search: v.exactOptional(described(searchEntry, 'The search for the highest load; absent if the run had no search.')),
  events: described(
    v.array(
      v.object({
        at: described(v.nullable(v.number()), 'The time in seconds since the start; null if the event has no time.'),
        text: v.string(),
        planned: v.exactOptional(
          described(v.boolean(), 'true if the event is the beginning or the end of a planned ramp.'),
        ),
      }),
    ),
    'Descriptions of the events of the run.',
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
    'The costs in the cloud. If the run did not use a cloud, the costs are 0 and `lines` is empty.',
  ),
})
export type Report = v.InferOutput<typeof reportSchema>
