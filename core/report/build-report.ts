import { ledgersOf } from '../verdict/completeness/completeness.ts'
import { growthMs } from '../fleet/changes/scale.ts'
import { costOf } from '../fleet/cost.ts'
import type { RunPlan } from '../plan/plan.ts'
import { toBase64 } from '../input/base64.ts'
import { seriesKey } from './gather/buckets.ts'
import type { AttemptLedger } from '../shard/shard.ts'
import { Distribution } from '../window/histograms/distribution.ts'
import type { Gathered } from './gather/gather.ts'
import { encodeSeries, seriesNames } from './series.ts'
import { type Timeline, arrivalsOf, timelineOf, secondsOf } from './timeline.ts'
import type { HistogramWriter } from '../verdict/summary.ts'
import { judging } from './judging.ts'
import type { RunFacts, WorkerEntry } from './entries/report-entries.ts'
import type { Report } from './report.ts'
import * as rows from './rows.ts'
import type { RunData } from './gather/run-data.ts'
import { protocolFacts } from './entries/protocol-facts.ts'
import { tlsFacts } from './entries/tls-facts.ts'
import { searchFacts } from './search-facts.ts'
import { reportEvents } from './report-events.ts'

/** Compresses bytes (raw DEFLATE, RFC 1951). The caller passes a function that its platform provides. */
export type Deflate = (bytes: Uint8Array) => Uint8Array

/** Returns the complete report of a run that has ended, or of a run in progress if `data.soFarMs` is set. */
export function buildReport(data: RunData, deflate: Deflate): Report {
  const { buckets } = data.gathered
  const timeline = timelineOf(data)
  const report = buildFigures(data, timeline)
  return {
    ...report,
    windows: rows.windowEntries(buckets, report.requests, timeline.seconds),
    series: seriesOf(data.gathered, report.requests, deflate),
  }
}

/**
 * Returns the report without its counts by bucket: `windows` and `series.data` are empty, and `series.names` is 0. `histogram` encodes the histogram
 * of each row; default: the standard format of HdrHistogram.
 */
export function buildFigures(data: RunData, timeline: Timeline, histogram?: HistogramWriter): Report {
  const { plan, gathered } = data
  const { totals } = gathered
  const { totals: all, requests } = rows.requestRows(totals.requests, timeline.loadSeconds, histogram)
  const { harmless, ...judged } = judging(data, timeline)
  const classes = plan.classes.map(({ name }) => name)
  return {
    schemaVersion: 1,
    run: runFacts(plan, timeline),
    ...judged,
    ...searchFacts(data),
    totals: all,
    requests,
    errors: rows.errorEntries(totals.errors),
    exceptions: rows.exceptionEntries(totals.exceptions),
    seconds: secondsOf(plan, timeline, gathered),
    windows: [],
    series: { stepS: gathered.buckets.stepS, buckets: gathered.buckets.count, names: 0, data: '' },
    iterations: rows.iterationEntries(totals.iterations),
    checks: rows.checkEntries(totals.checks),
    steps: rows.stepEntries(totals.steps),
    metrics: rows.metricEntries(totals.metrics),
    arrivals: arrivalsOf(plan, timeline, totals.arrivals),
    ...tlsFacts(totals),
    ...protocolFacts(totals),
    users: rows.userFacts(totals.users, classes),
    workers: workerEntries(data, timeline),
    events: reportEvents(data, timeline, harmless),
    cost: costFacts(data, timeline, all),
  }
}

function seriesOf({ buckets, totals }: Gathered, requests: Report['requests'], deflate: Deflate): Report['series'] {
  const keys = requests.slice(0, seriesNames).map(seriesKey)
  const errors = rows.listedErrors(totals.errors).map(({ seconds }) => seconds)
  const { stepS, count } = buckets
  return { stepS, buckets: count, names: keys.length, data: toBase64(deflate(encodeSeries(buckets, keys, errors))) }
}

/**
 * Returns the cost of the run. Assumes that each worker runs from its launch until its last message. Attempt 0 of a planned slice is launched when
 * the run is launched, but not before the plan is created. Attempt 0 of an added slice is launched when a change of the load adds this slice.
 */
function costFacts(
  data: RunData,
  { fleet }: Timeline,
  all: Pick<Report['totals'], 'exchanges' | 'interrupted' | 'bytesOut'>,
): Report['cost'] {
  const { plan, control } = data
  const startAt = control?.startAt ?? plan.createdAt
  const launchedAt = Math.max(plan.createdAt, startAt - plan.timing.startLeadMs)
  const ledgers = ledgersOf(data)
  const added = fleet.slices.filter(({ fromMs }) => fromMs > 0)
  const addedAt = new Map(added.map(({ slice, fromMs }) => [slice, startAt + fromMs - growthMs(plan.timing)]))
  // Every attempt except attempt 0 is launched `aheadMs` before its first window, because a worker is invoked before it takes over the users of the
  // previous worker.
  const launchOf = ({ slice, attempt, firstWindow }: AttemptLedger): number =>
    attempt === 0
      ? (addedAt.get(slice) ?? launchedAt)
      : startAt + firstWindow * plan.windowMs - (plan.handOver?.aheadMs ?? 0)
  const seconds = ledgers.map((ledger) => Math.max(0, ledger.lastSentAt - launchOf(ledger)) / 1000)
  const lastSentAt = ledgers.reduce((last, ledger) => Math.max(last, ledger.lastSentAt), launchedAt)
  const { usd, lines } = costOf(plan, fleet, {
    workerSeconds: seconds.reduce((sum, one) => sum + one, 0),
    seconds: (lastSentAt - launchedAt) / 1000,
    messages: ledgers.reduce((sum, { received }) => sum + received.next, 0),
    requests: all.exchanges + all.interrupted,
    bytesOut: all.bytesOut,
  })
  return { estimateUsd: plan.billing?.estimateUsd ?? 0, actualUsd: usd, lines }
}

function runFacts(plan: RunPlan, timeline: Timeline): RunFacts {
  const { run, name, scenario, host, seed, bundle, build, backend, region } = plan
  const { model, words, windowMs } = plan
  const { slices, users, profile } = timeline.fleet
  return {
    id: run,
    name,
    scenario,
    host,
    seed,
    bundle,
    build,
    startedAt: timeline.startedAt,
    endedAt: timeline.endedAt,
    backend,
    regions: [region],
    workers: slices.length,
    plan: { model, users, words, durationMs: profile.endMs, windowMs, ...spawnRateOf(plan) },
  }
}

/**
 * Returns the rate of the ramp in users per second. Returns an empty object for arrivals, and for a load that is not a single ramp from 0. A hold may
 * follow the ramp.
 */
function spawnRateOf({ model, profile: { points } }: RunPlan): Pick<RunFacts['plan'], 'spawnRate'> {
  const [start, top, ...rest] = points
  const isOneRamp =
    start?.level === 0 && top !== undefined && top.atMs > 0 && rest.every(({ level }) => level === top.level)
  return model === 'users' && isOneRamp ? { spawnRate: top.level / (top.atMs / 1000) } : {}
}

function workerEntries({ plan, shards, failed, gathered }: RunData, { fleet }: Timeline): WorkerEntry[] {
  const known = [...ledgersOf({ shards }), ...failed]
  const cells = Map.groupBy(gathered.totals.workers.values(), (cell) => cell.slice)
  return fleet.slices.map(({ slice }) => {
    const attempts = new Set(known.filter((one) => one.slice === slice).map((one) => one.attempt)).size
    const errors = failed.filter((one) => one.slice === slice).map(({ error }) => inOneLine(error))
    const lag = gathered.lag.bySlice.get(slice) ?? new Distribution()
    return { slice, region: plan.region, attempts, errors, ...rows.workerFigures(cells.get(slice) ?? [], lag) }
  })
}

function inOneLine(error: string): string {
  return error.replaceAll(/\s+/g, ' ').trim().slice(0, 500)
}
