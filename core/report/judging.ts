import { BurstError } from '../errors.ts'
import { type RunPlan, hasLoad } from '../plan/plan.ts'
import { judgeCompleteness, ledgersOf } from '../verdict/completeness/completeness.ts'
import { type Delivery, isDelivered } from '../verdict/completeness/delivery.ts'
import { judgeGenerator } from '../verdict/generator/generator.ts'
import { isLoadDelayed } from '../verdict/generator/rule.ts'
import { judge } from '../verdict/judgement.ts'
import { parseThreshold } from '../thresholds/threshold.ts'
import { userTimeOf } from '../verdict/completeness/user-time.ts'
import { unendedNames } from '../verdict/unended.ts'
import { type Findings, judgeRun } from '../verdict/verdict.ts'
import type { JudgedThreshold, Work } from '../verdict/work.ts'
import { mergedCell } from '../verdict/summary.ts'
import type { Window } from '../window/window.ts'
import { type Timeline, arrivalsOf } from './timeline.ts'
import { unverifiedInWords } from './entries/tls-facts.ts'
import { withOnset } from './onset.ts'
import type { Report } from './report.ts'
import type { RunData } from './gather/run-data.ts'

/**
 * The verdict, completeness and other judgements in a report. `harmless` is a failure of the run that had no effect; null if there is no such
 * failure.
 */
export interface Judging extends Pick<Report, 'verdict' | 'thresholds' | 'completeness' | 'generator' | 'load'> {
  harmless: Findings['failure']
}

export function judging(data: RunData, timeline: Timeline): Judging {
  const { plan, gathered } = data
  const { totals } = gathered
  const { slices } = timeline.fleet
  const completeness = completenessOf(data, timeline)
  const load = closedLoad(plan, totals)
  const generator = judgeGenerator({
    ...gathered,
    workers: totals.workers,
    errors: totals.errors.values(),
    ...load,
    arrivals: lateArrivals(plan, timeline, totals),
    ...circumstancesOf(data, slices.length),
  })
  const judged = judgedThresholds(data, timeline, uncertainIn(generator, totals))
  const delivery = deliveryOf(data, timeline)
  const harmless = harmlessFailure(data, timeline, { complete: completeness.complete, delivery })
  const verdict = judgeRun({
    ...endingOf(data, timeline, harmless),
    allWorkersLost: slices.length > 0 && slices.every(({ slice }) => isLost(data, slice)),
    completeness,
    generator,
    thresholds: judged,
    delaysLoad: isLoadDelayed(gathered.lag.timingError.sumUs, load.userMs === null ? null : 1000 * load.userMs),
    work: workOf(data, timeline, completeness.complete),
    unended: unendedNames(totals.requests.values(), load.userMs),
    delivery,
    ...searchedIn(data),
    ...strictness(plan, totals),
  })
  const thresholds = judged.map(({ certain: _certain, sameIfShorter: _sameIfShorter, ...entry }) => entry)
  return { verdict, thresholds, completeness, generator, load: loadOf(delivery), harmless }
}

function judgedThresholds(
  { plan, gathered }: RunData,
  { loadSeconds }: Timeline,
  uncertain: number,
): JudgedThreshold[] {
  const { totals, buckets } = gathered
  const measured = { ...totals, loadSeconds, uncertain }
  const over = { buckets, totals, closed: plan.model === 'users' }
  return plan.thresholds.map(({ expression }) => withOnset(thresholdOf(expression, measured), over))
}

/**
 * Returns the number of requests whose latency may be too long. The number includes the requests of a worker's first second, which were not judged.
 */
function uncertainIn({ uncertainShare, judgedRequests }: Report['generator'], { requests }: Window): number {
  const all = sum(requests.values(), (cell) => cell.requests)
  return Math.round(uncertainShare * judgedRequests) + Math.max(0, all - judgedRequests)
}

function completenessOf(data: RunData, timeline: Timeline): Report['completeness'] {
  const { plan, gathered } = data
  return judgeCompleteness({
    ...data,
    slices: neverBegan(data, timeline) ? [] : timeline.fleet.slices,
    windowMs: plan.windowMs,
    startedAt: timeline.startedAt,
    stoppedAt: data.control?.stop?.at ?? null,
    workers: [...gathered.totals.workers.values()],
    tallies: gathered.tallies,
    windows: gathered.seen,
  })
}

function searchedIn({ plan: { search }, control }: RunData): Pick<Findings, 'search'> {
  return search ? { search: { plan: search, steps: control?.steps ?? [] } } : {}
}

/**
 * Returns whether the run is in progress, and `machine`: the number of cores and workers of the machine. `machine` is undefined on AWS, where workers
 * do not share a machine.
 */
function circumstancesOf(
  { plan: { cores }, soFarMs }: RunData,
  workers: number,
): { soFar: boolean; machine: { cores: number; workers: number } | undefined } {
  return { soFar: soFarMs !== undefined, machine: cores === undefined ? undefined : { cores, workers } }
}

/** Returns the number of planned arrivals and of arrivals that were dropped because burst was late. Returns null in the closed model. */
function lateArrivals(
  plan: RunData['plan'],
  timeline: Timeline,
  totals: Window,
): { offered: number; late: number } | null {
  const arrivals = arrivalsOf(plan, timeline, totals.arrivals)
  return arrivals && { offered: arrivals.offered, late: arrivals.dropped.generator }
}

function closedLoad(plan: RunPlan, totals: Window): { userMs: number | null; unpaced: boolean } {
  const unpaced = plan.classes.every((one) => one.unpaced)
  return { userMs: plan.model === 'arrivals' ? null : userMsOf(totals), unpaced }
}

function strictness(
  { failOnError, failOnInconclusive = false }: RunPlan,
  totals: Window,
): Pick<Findings, 'failOnError' | 'failOnInconclusive' | 'warnings'> {
  return { failOnError, failOnInconclusive, warnings: unverifiedInWords(totals) }
}

/** Returns the time in milliseconds for which users existed, summed over all users. The sum includes users that were asked to stop. */
function userMsOf({ seconds }: Window): number {
  return sum(seconds.values(), ({ userUs, draining }) => userUs / 1000 + 1000 * draining)
}

/**
 * Returns the failure of the run if the failure is harmless; otherwise null. The failure is harmless if all of these conditions hold: its reason is
 * `runFailed`; the run began; the run was not stopped before its start; `deliveryFindings` has no finding; all counts arrived.
 */
function harmlessFailure(
  data: RunData,
  timeline: Timeline,
  judged: { complete: boolean; delivery: Delivery },
): Findings['failure'] {
  const { failure } = data
  if (failure?.reason !== 'runFailed' || neverBegan(data, timeline) || timeline.stopMs === 0) return null
  return judged.complete && isDelivered(judged.delivery) ? failure : null
}

/**
 * Returns the failure and the stop of the run. Omits a harmless failure, and the stop that this failure caused. If no failure remains, returns `skew`
 * as the failure: one build of burst planned the run, and another build makes the report.
 */
function endingOf(
  data: RunData,
  timeline: Timeline,
  harmless: Findings['failure'],
): Pick<Findings, 'failure' | 'stop'> {
  const stop = stopOf(data, timeline)
  if (harmless) return { failure: data.skew, stop: stop?.reason === harmless.message ? null : stop }
  return { failure: data.failure ?? data.skew, stop }
}

function thresholdOf(expression: string, measured: Parameters<typeof judge>[1]): JudgedThreshold {
  try {
    return judge(parseThreshold(expression), measured)
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    return {
      expression,
      value: null,
      unit: '',
      passed: false,
      note: error.message,
      certain: false,
      sameIfShorter: false,
    }
  }
}

/**
 * Returns whether the run never began. A run never began if no worker was requested, or if the run was stopped before its start and no user started.
 * The load of such a run does not count as missing.
 */
function neverBegan({ began, gathered }: RunData, { stopMs }: Timeline): boolean {
  const started = [...gathered.totals.users.startedByClass.values()].some((count) => count > 0)
  return !began || (stopMs === 0 && !started)
}

function workOf(data: RunData, timeline: Timeline, complete: boolean): Work {
  const { gathered } = data
  const { requests, metrics, steps, iterations, checks, errors, exceptions, users } = gathered.totals
  const all = mergedCell(requests.values())
  const ownErrors = [...errors.values()].filter((cell) => cell.kind === 'generator')
  return {
    requests: all.requests,
    failures: all.failures,
    interrupted: all.interrupted,
    generatorFailures: sum(ownErrors, (cell) => cell.count),
    recorded: sum(metrics.values(), (cell) => cell.count),
    recordedFailed: sum(metrics.values(), (cell) => cell.failures),
    steps: sum(steps.values(), (cell) => cell.count),
    stepsFailed: sum(steps.values(), (cell) => cell.failed),
    iterations: sum(iterations.values(), (cell) => cell.count),
    iterationsFailed: sum(iterations.values(), (cell) => cell.failed),
    checksFailed: sum(checks.values(), (cell) => cell.failed),
    exceptions: sum(exceptions.values(), (cell) => cell.count),
    usersStarted: sum(users.startedByClass.values(), (n) => n),
    failedToStart: users.failedToStart,
    usersPlanned: hasLoad(timeline.fleet.profile) && !neverBegan(data, timeline),
    startsUnknown: !neverBegan(data, timeline) && (!complete || startsUnknown(data, timeline)),
    p95Ms: all.latency.percentileMs(95) ?? null,
  }
}

function startsUnknown(data: RunData, { fleet }: Timeline): boolean {
  const ended = [...data.gathered.totals.workers.values()].some((cell) => cell.terminated)
  return ended || fleet.slices.some(({ slice }) => isLost(data, slice))
}

function deliveryOf(data: RunData, timeline: Timeline): Delivery {
  const { plan } = data
  const { totals } = data.gathered
  const workers = [...totals.workers.values()]
  const lastMs = timeline.seconds * 1000
  const profile = neverBegan(data, timeline) ? { ...timeline.wanted, endMs: 0 } : timeline.wanted
  const { fleet } = timeline
  const time = { slices: fleet.slices, profile, lastMs, seconds: totals.seconds, workers }
  return {
    users: plan.model === 'users' ? userTimeOf(time) : null,
    arrivals: neverBegan(data, timeline) ? null : arrivalsOf(plan, timeline, totals.arrivals),
    terminated: workers
      .filter((cell) => cell.terminated)
      .map(({ slice, activeToMs }) => ({ slice, sinceS: (activeToMs ?? 0) / 1000 }))
      .toSorted((a, b) => a.slice - b.slice),
    hung: hungIn(totals),
    onStart: { failed: totals.users.failedToStart, unserved: totals.users.unserved },
    exhausted: totals.users.exhausted,
    endedAtS: timeline.activeToMs / 1000,
    plannedS: fleet.profile.endMs === null ? null : fleet.profile.endMs / 1000,
  }
}

function hungIn({ iterations }: Window): Delivery['hung'] {
  return [...iterations]
    .filter(([, cell]) => cell.hung > 0)
    .map(([key, { hung, hungFromMs }]) => {
      const [className, task] = key.split('\t')
      return {
        task: task === 'onStart' ? `class ${className} in onStart` : `task ${task} of ${className}`,
        users: hung,
        sinceS: (hungFromMs ?? 0) / 1000,
      }
    })
    .toSorted((a, b) => a.sinceS - b.sinceS || (a.task < b.task ? -1 : 1))
}

function loadOf({ users }: Delivery): Report['load'] {
  if (!users) return null
  const [planned, delivered] = [users.plannedS, users.deliveredS].map((seconds) => Math.round(seconds * 1000) / 1000)
  return {
    plannedUserSeconds: planned as number,
    deliveredUserSeconds: delivered as number,
    deliveredShare: users.plannedS === 0 ? 1 : users.deliveredS / users.plannedS,
  }
}

function stopOf({ control }: RunData, { stopMs, fleet }: Timeline): Findings['stop'] {
  if (!control?.stop || stopMs === null) return null
  const { endMs } = fleet.profile
  const { reason, aborted, searched } = control.stop
  const early = endMs !== null && stopMs < endMs
  return { reason, atS: stopMs / 1000, early, ...(aborted && { aborted }), ...(searched && { searched }) }
}

/**
 * Returns whether a slice is lost. A slice is lost in three cases: (1) None of its messages arrived. (2) Its last attempt gave up or crashed. (3) Its
 * last attempt handed the users over to an attempt that sent no message, although the run was not stopped.
 */
function isLost({ shards, failed, control }: RunData, slice: number): boolean {
  const last = ledgersOf({ shards }).findLast((ledger) => ledger.slice === slice)
  if (!last || last.failure !== null || (last.handedOver && !control?.stop)) return true
  return last.finalSequence === null && failed.some((one) => one.slice === slice && one.attempt === last.attempt)
}

function sum<T>(items: Iterable<T>, count: (item: T) => number): number {
  let total = 0
  for (const item of items) total += count(item)
  return total
}
