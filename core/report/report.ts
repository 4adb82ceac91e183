import * as v from 'valibot'
import { tlsEntry } from './tls-facts.ts'
import { searchEntry } from './search-entry.ts'
import {
  runFacts,
  errorEntry,
  secondEntry,
  windowEntry,
  seriesFacts,
  userFacts,
  workerEntry,
} from './report-entries.ts'
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
