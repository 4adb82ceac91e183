import { greatest, smallest } from '../../extremes.ts'
import type { Distribution } from '../../window/histograms/distribution.ts'
import type { GeneratorCounts } from '../../window/generator-counts.ts'
import type { ErrorCell, WorkerCell } from '../../window/window.ts'
import { counted, few, grouped, milliseconds, moment, percent, percentBeside } from '../../words.ts'
import type { GeneratorLag } from './lag.ts'
import {
  type Broken,
  type JudgedLoad,
  type Rule,
  brokenRules,
  brokenSoFar,
  limitOf,
  loadShareOf,
  tolerated,
} from './rule.ts'
import { generatorSoFar } from './so-far.ts'
import type { GeneratorWatch, Trouble } from './watch.ts'
import { type Machine, remedyOf } from './remedy.ts'
import type { GeneratorVerdict } from '../results.ts'

const clockToleranceMs = 500
/** If the error of a latency is at least this number of milliseconds, burst concludes that the worker was frozen or blocked. */
const standstillMs = 1000

/** The data of a whole run from which the generator is judged. */
interface GeneratorRun {
  watch: Pick<GeneratorWatch, 'total' | 'late' | 'uncertain' | 'busyShare' | 'waitShare'>
  lag: Pick<GeneratorLag, 'all' | 'userLag' | 'sendLag' | 'timingError'>
  /** The state of each worker, merged over the run. The key has the form `slice-attempt`. */
  workers: ReadonlyMap<string, WorkerCell>
  errors: Iterable<ErrorCell>
  /** The time in milliseconds in which users were alive, summed over all users; null with arrivals. */
  userMs: number | null
  /** `true` if no class has a wait. Default false. */
  unpaced?: boolean
  /** The number of planned arrivals, and the number of arrivals that were dropped because burst was late; null with users. */
  arrivals: { offered: number; late: number } | null
  /** `true` if the run is in progress. In a run in progress, a small number of affected requests is not yet a finding. Default false. */
  soFar?: boolean
  /** The machine that the workers of a local run share. Absent on AWS, because the workers of a run on AWS do not share a machine. */
  machine?: Machine | undefined
}

/**
 * Judges whether the latencies are accurate, and whether the load was as planned. burst measures both separately. `reasons` contains the findings
 * (generator-bound first), advice, the measured values, and then remarks. Without a finding, `reasons` begins with the sentence that `calm` returns.
 * If the load was not as planned, or if burst itself caused too many failures, the result is `bound`, even if the latencies are accurate. The result
 * is `unknown` in two cases:
 * - There is no finding, and no request was measured.
 * - A run in progress breaks a rule, but too few requests are affected for a finding.
 */
export function judgeGenerator(run: GeneratorRun): GeneratorVerdict {
  const workers = [...run.workers.values()]
  const measured = measure(run, workers)
  const { counts, load } = measured
  const broken = run.soFar ? brokenSoFar(counts, load) : brokenRules(counts, load)
  const sure = broken.filter(({ isSure }) => isSure)
  const { late, uncertain, judged } = counts
  return {
    result: resultOf(broken, measured),
    boundShare: shareOf(late, judged),
    lateShare: shareOf(late, judged),
    uncertainShare: shareOf(uncertain, judged),
    loadShare: measured.loadShare,
    judgedRequests: judged,
    timingErrorMs: figures(measured.timingError),
    lagMs: figures(measured.lag),
    sendLagMs: figures(run.lag.sendLag),
    userLagMs: figures(run.lag.userLag),
    reasons: [
      ...(sure.length > 0 ? doubtfulSentences(run, sure, measured) : [calm(run, broken, measured)]),
      ...(sure.some(({ rule }) => rule === 'failed') ? [] : ownErrors(run, counts)),
      ...standstill(measured),
      ...remarks(workers),
    ],
  }
}

function resultOf(broken: readonly Broken[], { lag }: Measured): GeneratorVerdict['result'] {
  const sure = broken.filter(({ isSure }) => isSure)
  if (sure.some(({ rule }) => rule !== 'uncertain')) return 'bound'
  if (sure.length > 0) return 'inaccurate'
  return broken.length === 0 && lag.count > 0 ? 'healthy' : 'unknown'
}

function doubtfulSentences(run: GeneratorRun, sure: readonly Broken[], measured: Measured): string[] {
  const bound = sure.filter(({ rule }) => rule !== 'uncertain').map((one) => inWords(one, run, measured))
  const inaccurate = sure.filter(({ rule }) => rule === 'uncertain').map((one) => inWords(one, run, measured))
  const isSlow = sure.some(({ rule }) => rule !== 'failed')
  const { busyShare, waitShare } = run.watch
  const slow = isSlow ? { workers: [...run.workers.values()], busyShare, waitShare } : null
  return [
    ...(bound.length > 0 ? [`generator-bound: ${bound.join('; ')}`] : []),
    ...inaccurate.map((words) => `the latencies may be inaccurate: ${words}`),
    remedyOf(run.machine, slow),
    inFigures(measured),
  ]
}

interface Measured {
  counts: GeneratorCounts
  load: JudgedLoad
  lag: Distribution
  timingError: Distribution
  loadShare: number | null
}

function measure(run: GeneratorRun, workers: readonly WorkerCell[]): Measured {
  const { userMs, arrivals, unpaced = false } = run
  const { all: lag, timingError } = run.lag
  const { requests: judged, late, uncertain } = run.watch.total
  const sum = (of: (cell: WorkerCell) => number): number => workers.reduce((total, cell) => total + of(cell), 0)
  const counts: GeneratorCounts = {
    judged,
    late,
    uncertain,
    sent: sum((cell) => cell.requests),
    failed: sum((cell) => cell.generatorErrors),
    lags: lag.count,
    lostUs: sum((cell) => cell.lostUs),
    regainedUs: sum((cell) => cell.regainedUs),
    userUs: (userMs ?? 0) * 1000,
    arrivalsDue: arrivals?.offered ?? 0,
    arrivalsLate: arrivals?.late ?? 0,
  }
  const load = { isClosed: userMs !== null, unpaced }
  return { counts, load, lag, timingError, loadShare: loadShareOf(counts, load) }
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function inWords({ rule, part, of }: Broken, run: GeneratorRun, { lag, timingError, counts }: Measured): string {
  const share = percentBeside(shareOf(part, of), limitOf(rule))
  const upTo = (lengths: Distribution): string => `up to ${milliseconds(lengths.percentileMs(99) ?? 0)} (p99)`
  const sentences: Record<Rule, () => string> = {
    uncertain: () =>
      `${share} of the latencies may be too long by more than 1 ms and by more than 5 % of the median, ${upTo(timingError)}${where(run.watch.uncertain)}`,
    late: () =>
      `${share} of requests were sent late by more than 5 ms and by more than 10 % of the median latency, ${upTo(lag)}${where(run.watch.late)}`,
    load: () => `the load was ${share} of what the same users would have done without lag`,
    arrivals: () => `${counted(part, 'arrival')} (${share}) were not started because burst was late`,
    failed: () => ownErrors(run, counts).join('; '),
  }
  return sentences[rule]()
}

/** Returns where a problem occurred: `, from 00:03 on worker 2`, or `, on workers 2, 5, the first from 00:03 on`. */
function where(troubles: readonly Trouble[]): string {
  if (troubles.length === 0) return ''
  const since = moment(smallest(troubles, (one) => one.sinceS))
  const which = named(troubles.map((one) => one.slice))
  return troubles.length === 1 ? `, from ${since} on ${which}` : `, on ${which}, the first from ${since} on`
}

function named(slices: readonly number[]): string {
  return `${slices.length === 1 ? 'worker' : 'workers'} ${few(slices.map(String))}`
}

/** Describes the measured values: `latencies are accurate to within 0.8 ms (p99); users acted 0.6 ms late (p50), 5 ms (p99)`. */
function inFigures({ lag, timingError, loadShare }: Measured): string {
  const at = (of: Distribution, percentile: number): string => milliseconds(of.percentileMs(percentile) ?? 0)
  const parts = [
    ...(timingError.count > 0 ? [`latencies are accurate to within ${at(timingError, 99)} (p99)`] : []),
    ...(lag.count > 0 ? [`users acted ${at(lag, 50)} late (p50), ${at(lag, 99)} (p99)`] : []),
    ...(loadShare === null
      ? []
      : [`the load was ${percent(loadShare)} of what the same users would have done without lag`]),
  ]
  return parts.join('; ')
}

/**
 * Returns the first sentence of a judgement without a finding. If some rules are broken so far, the sentence states that there are too few requests
 * for a finding.
 */
function calm(run: GeneratorRun, broken: readonly Broken[], measured: Measured): string {
  if (measured.lag.count === 0) return 'unknown: no request was measured'
  if (broken.length === 0) return health(measured, run.watch)
  const soFar = generatorSoFar(measured.counts, measured.load).findings.map(({ words }) => words)
  return `${soFar.join('; ')}; too few requests for a finding. ${inFigures(measured)}`
}

function health(measured: Measured, { total, late, uncertain }: GeneratorRun['watch']): string {
  const some = [
    ...(total.late > 0
      ? [`${percent(shareOf(total.late, total.requests))} of requests were sent late${where(late)}`]
      : []),
    ...(total.uncertain > 0
      ? [`${percent(shareOf(total.uncertain, total.requests))} of latencies may be inaccurate${where(uncertain)}`]
      : []),
  ]
  return ['healthy: ' + inFigures(measured), ...some].join('; ')
}

/** Describes the failures that burst itself caused; an empty list when there are no such failures. */
function ownErrors({ errors }: GeneratorRun, { failed, sent }: GeneratorCounts): string[] {
  if (failed === 0) return []
  const share = shareOf(failed, Math.max(sent, failed))
  const messages = [...errors].filter((cell) => cell.kind === 'generator').map((cell) => cell.message)
  const listed = messages.length === 0 ? '' : `: ${few([...new Set(messages)].toSorted(), 3)}`
  return [
    `${counted(failed, 'request')} (${percentBeside(share, tolerated)}) failed on the generator's own side${listed}`,
  ]
}

/**
 * Describes by how much the greatest latencies may be too long, if a worker was frozen or blocked. A few latencies that are too long do not make the
 * run inaccurate, but they determine the maximum latency.
 */
function standstill({ timingError: { maxUs } }: Measured): string[] {
  if (maxUs < standstillMs * 1000) return []
  return [
    `some latencies may be too long by up to ${milliseconds(maxUs / 1000)}, because a worker did not read responses during this time`,
  ]
}

function remarks(workers: readonly WorkerCell[]): string[] {
  const name = (cells: readonly WorkerCell[]): string =>
    named([...new Set(cells.map((cell) => cell.slice))].toSorted((a, b) => a - b))
  const said: string[] = []
  const blocked = workers.filter((cell) => cell.blocked)
  if (blocked.length > 0)
    said.push(`the scenario's own code blocked the event loop of ${name(blocked)} for several seconds`)
  const skewed = workers.filter((cell) => Math.abs(cell.clockOffsetMs) > clockToleranceMs)
  const most = greatest(skewed, (cell) => Math.abs(cell.clockOffsetMs), 0)
  if (skewed.length > 0) said.push(`the clock of ${name(skewed)} is off by up to ${grouped(Math.round(most))} ms`)
  return said
}

function figures(lengths: Distribution): GeneratorVerdict['lagMs'] {
  return {
    p50: lengths.percentileMs(50) ?? null,
    p99: lengths.percentileMs(99) ?? null,
    max: lengths.count === 0 ? null : lengths.maxUs / 1000,
  }
}
