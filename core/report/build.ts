import { judgeCompleteness, ledgersOf } from '../verdict/completeness.ts'
import { costOf } from '../plan/cost.ts'
import { BurstError } from '../errors.ts'
import type { Window } from '../window/window.ts'
import { judgeGenerator } from '../verdict/generator.ts'
import { judge } from '../verdict/judgement.ts'
import { type RunPlan, hasLoad } from '../plan/plan.ts'
import { loadSecondsOf } from '../verdict/summary.ts'
import { parseThreshold } from '../verdict/thresholds.ts'
import { type Findings, judgeRun } from '../verdict/verdict.ts'
import { toBase64 } from '../window/compact-codec.ts'
import type { Buckets } from './buckets.ts'
import { encodeSeries, seriesNames } from './series.ts'
import { type Course, arrivalsOf, courseOf, secondsOf } from './course.ts'
import type { Report, RunFacts, WorkerEntry } from './report.ts'
import type { ThresholdEntry } from '../verdict/results.ts'
import * as rows from './rows.ts'
import type { RunData } from './run-data.ts'
import { storyOf } from './story.ts'

/** Compresses bytes (raw DEFLATE, RFC 1951). The caller has the platform's own. */
export type Deflate = (bytes: Uint8Array) => Uint8Array

/** The report on a run that is over. */
export function buildReport(data: RunData, deflate: Deflate): Report {
  const { plan, gathered } = data
  const { totals } = gathered
  const course = courseOf(plan, data.control, totals.seconds)
  const loadSeconds = loadSecondsOf(totals.seconds)
  const { totals: all, requests } = rows.requestRows(totals.requests, loadSeconds)
  const classes = plan.classes.map(({ name }) => name)
  const errors = rows.errorEntries(totals.errors)
  return {
    schemaVersion: 1,
    run: runFacts(plan, course),
    ...judged(data, course, loadSeconds),
    totals: all,
    requests,
    errors,
    exceptions: rows.exceptionEntries(totals.exceptions),
    seconds: secondsOf(plan, course, totals.seconds),
    windows: rows.windowEntries(gathered.buckets, requests, course.seconds),
    series: seriesOf(gathered.buckets, { requests, errors }, deflate),
    iterations: rows.iterationEntries(totals.iterations),
    checks: rows.checkEntries(totals.checks),
    steps: rows.stepEntries(totals.steps),
    metrics: rows.metricEntries(totals.metrics),
    arrivals: arrivalsOf(plan, course, totals.arrivals),
    users: rows.userFacts(totals.users, classes),
    workers: workerEntries(data),
    events: storyOf(data, course),
    cost: costFacts(data, all),
  }
}

function seriesOf(
  buckets: Buckets,
  { requests, errors }: Pick<Report, 'requests' | 'errors'>,
  deflate: Deflate,
): Report['series'] {
  const keys = requests.slice(0, seriesNames).map(({ method, name }) => `${method} ${name}`)
  const { stepS, count } = buckets
  return { stepS, buckets: count, names: keys.length, data: toBase64(deflate(encodeSeries(buckets, keys, errors))) }
}

/** A worker is taken to run from the launch, which is never earlier than the plan, until it was last heard of. */
function costFacts(
  data: RunData,
  all: Pick<Report['totals'], 'exchanges' | 'interrupted' | 'bytesOut'>,
): Report['cost'] {
  const { plan, control } = data
  const launchedAt = Math.max(plan.createdAt, (control?.startAt ?? plan.createdAt) - plan.timing.startLeadMs)
  const ledgers = ledgersOf(data)
  const seconds = ledgers.map(({ lastSentAt }) => Math.max(0, lastSentAt - launchedAt) / 1000)
  const { usd, lines } = costOf(plan, {
    workerSeconds: seconds.reduce((sum, one) => sum + one, 0),
    seconds: seconds.reduce((most, one) => Math.max(most, one), 0),
    messages: ledgers.reduce((sum, { received }) => sum + received.next, 0),
    requests: all.exchanges + all.interrupted,
    bytesOut: all.bytesOut,
  })
  return { estimateUsd: plan.billing?.estimateUsd ?? 0, actualUsd: usd, lines }
}

function runFacts(plan: RunPlan, course: Course): RunFacts {
  const { run, name, scenario, host, seed, bundle, build, backend, region, slices } = plan
  const { model, users, words, windowMs, profile } = plan
  return {
    id: run,
    name,
    scenario,
    host,
    seed,
    bundle,
    build,
    startedAt: course.startedAt,
    endedAt: course.endedAt,
    backend,
    regions: [region],
    workers: slices.length,
    plan: { model, users, words, durationMs: profile.endMs, windowMs },
  }
}

type Judged = Pick<Report, 'verdict' | 'thresholds' | 'completeness' | 'generator'>

function judged(data: RunData, course: Course, loadSeconds: number): Judged {
  const { plan, gathered } = data
  const { totals, watch } = gathered
  const thresholds = plan.thresholds.map(({ expression }) => thresholdEntry(expression, { ...totals, loadSeconds }))
  const expected = neverBegan(data, course) ? { ...plan, slices: [] } : plan
  const completeness = judgeCompleteness({ ...data, plan: expected, tallies: gathered.tallies, windows: gathered.seen })
  const errors = totals.errors.values()
  const userMs = plan.model === 'arrivals' ? null : userMsOf(totals)
  const generator = judgeGenerator({ watch, workers: totals.workers, errors, userMs })
  const verdict = judgeRun({ ...loadFindings(data, course), thresholds, completeness, generator })
  return { verdict, thresholds, completeness, generator }
}

/** Time that users were there, added up: each second has as many as at its beginning. */
function userMsOf({ seconds }: Window): number {
  return [...seconds.values()].reduce((sum, { users, draining }) => sum + 1000 * (users + draining), 0)
}

function thresholdEntry(expression: string, measured: Parameters<typeof judge>[1]): ThresholdEntry {
  try {
    return judge(parseThreshold(expression), measured)
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    return { expression, value: null, unit: '', passed: false, note: error.message }
  }
}

function loadFindings(data: RunData, course: Course): Omit<Findings, 'thresholds' | 'completeness' | 'generator'> {
  const { plan, failure, gathered } = data
  const { requests, users } = gathered.totals
  const cells = [...requests.values()]
  return {
    failure,
    stop: stopOf(data, course),
    allWorkersLost: plan.slices.length > 0 && plan.slices.every(({ slice }) => isLost(data, slice)),
    requests: cells.reduce((sum, cell) => sum + cell.requests, 0),
    failures: cells.reduce((sum, cell) => sum + cell.failures, 0),
    usersStarted: [...users.startedByClass.values()].reduce((sum, n) => sum + n, 0),
    failedToStart: users.failedToStart,
    usersPlanned: hasLoad(plan.profile) && !neverBegan(data, course),
    failOnError: plan.failOnError,
    exceptions: [...data.gathered.totals.exceptions.values()].reduce((sum, one) => sum + one.count, 0),
  }
}

/** No worker was asked for, or the run was stopped before its start and no user was ever started: no load is missing. */
function neverBegan({ began, gathered }: RunData, { stopMs }: Course): boolean {
  const started = [...gathered.totals.users.startedByClass.values()].some((count) => count > 0)
  return !began || (stopMs === 0 && !started)
}

function stopOf({ plan, control }: RunData, { stopMs }: Course): Findings['stop'] {
  if (!control?.stop || stopMs === null) return null
  const { endMs } = plan.profile
  return { reason: control.stop.reason, atS: stopMs / 1000, early: endMs !== null && stopMs < endMs }
}

/** A slice is lost when nothing of it was reported, or when its last attempt gave up or crashed. */
function isLost({ shards, failed }: RunData, slice: number): boolean {
  const last = ledgersOf({ shards }).findLast((ledger) => ledger.slice === slice)
  if (!last || last.failure !== null) return true
  return last.finalSequence === null && failed.some((one) => one.slice === slice && one.attempt === last.attempt)
}

function workerEntries({ plan, shards, failed, gathered }: RunData): WorkerEntry[] {
  const known = [...ledgersOf({ shards }), ...failed]
  const cells = Map.groupBy(gathered.totals.workers.values(), (cell) => cell.slice)
  return plan.slices.map(({ slice }) => {
    const attempts = new Set(known.filter((one) => one.slice === slice).map((one) => one.attempt)).size
    return { slice, region: plan.region, attempts, ...rows.workerFigures(cells.get(slice) ?? []) }
  })
}
