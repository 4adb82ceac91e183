import { keyedStream, seedOf } from '../random.ts'
import { mayBeInaccurate } from '../verdict/generator/doubts.ts'
import type { Row } from '../verdict/results.ts'
import { joinedIn } from '../window/histograms/compact.ts'
import { grouped } from '../words.ts'
import {
  type Binned,
  type Estimate,
  type Resampling,
  type Noise,
  binnedOf,
  failureShare,
  intervalOf,
  percentileMs,
  requestsPerSecond,
  resampled,
  resamplingOf,
  noiseOf,
  valueOf,
} from './bootstrap.ts'
import { type ComparedReport, type ComparedRun, type Half, type Pair, pairsOf } from './paired-rows.ts'
import { type BucketSpan, plateauOf } from './plateau.ts'

/** The values that are compared for each name. Latencies are in milliseconds, `failureShare` is 0 to 1, `rps` is in requests per second. */
export const measures = ['p50Ms', 'p95Ms', 'p99Ms', 'failureShare', 'rps'] as const
export type Measure = (typeof measures)[number]

/** The values of the two runs; null for a run in which the value was not measured. */
export interface Compared {
  older: number | null
  newer: number | null
  /** `newer − older`. */
  difference: number | null
  /** The 95 % confidence interval of the difference; null when the difference cannot be judged. */
  interval: [low: number, high: number] | null
  /**
   * The direction of a difference that exceeds the noise of the runs; `none` if the difference does not exceed the noise; null when the difference
   * cannot be judged.
   */
  change: 'higher' | 'lower' | 'none' | null
  /**
   * `true` if the difference also exceeds the noise at a limit that is stricter than the limit for `change`. For `change`, the 95 % confidence level
   * applies to each value separately. For `sure`, this level applies to all judged values together (Bonferroni).
   */
  sure: boolean
  /** The reason why the difference cannot be judged; null if it was judged. */
  unjudged: string | null
}

export interface ComparedRow {
  /** Method and name are both '' in the row of all requests. */
  method: string
  name: string
  in: 'both' | 'older' | 'newer'
  requests: { older: number | null; newer: number | null }
  measures: Record<Measure, Compared>
}

/** A time span of a run, in seconds since the start of the run. */
interface ComparedTime {
  fromS: number
  toS: number
}

export interface Comparison {
  older: ComparedReport['run']
  newer: ComparedReport['run']
  /** `plateau`: only the plateaus are compared, without ramp-up and ramp-down; `whole`: both complete runs are compared. */
  span: { of: 'plateau' | 'whole'; older: ComparedTime; newer: ComparedTime }
  /** The row of all requests, then the rows of the names of the newer run, and then the rows of names that only the older run has. */
  rows: ComparedRow[]
  /** The number of values that could be judged. */
  judged: number
  /** `true` if both reports have the same run id and the same series. */
  sameRun: boolean
  /** The reasons why the measurements of a run may not be reliable. Each reason is one sentence. */
  doubtful: string[]
}

/**
 * A plateau is compared only if it has at least this number of buckets. A row (of one request name, or of all requests) is judged only if, in each
 * run, at least this number of its bins contain requests.
 */
const fewestBuckets = 10
/**
 * A percentile is judged only if at least this many requests of each run are expected to be slower than the percentile. Each run therefore needs at
 * least 20 requests for p50, 200 for p95 and 1,000 for p99.
 */
const fewestBeyond = 10
const fewestRequests = 20
/** The series store latencies in steps of at most this fraction of the latency, unless the steps were joined (`resolutionOf`). */
const finestStep = 1 / 64
const level = 0.95

const estimates: Record<Measure, { estimate: Estimate; fewest: number }> = {
  p50Ms: { estimate: percentileMs(50), fewest: fewestBeyond / 0.5 },
  p95Ms: { estimate: percentileMs(95), fewest: fewestBeyond / 0.05 },
  p99Ms: { estimate: percentileMs(99), fewest: fewestBeyond / 0.01 },
  failureShare: { estimate: failureShare, fewest: fewestRequests },
  rps: { estimate: requestsPerSecond, fewest: fewestRequests },
}

/** One run: the time span that is compared, and the resamples of the run. */
interface Side {
  run: ComparedRun
  span: BucketSpan
  resampling: Resampling
}

/** Runs the whole comparison in one call. */
export function compareRuns(older: ComparedRun, newer: ComparedRun, seed = 1): Comparison {
  const comparing = compareInSteps(older, newer, seed)
  for (;;) {
    const step = comparing.next()
    if (step.done) return step.value
  }
}

/**
 * Compares two runs in steps. A page stays responsive, because each step computes only one value. Each step yields the completed fraction of the
 * rows, from 0 to below 1. The same reports and seed give the same result. If the reports are swapped, each difference only changes its sign.
 */
export function* compareInSteps(older: ComparedRun, newer: ComparedRun, seed = 1): Generator<number, Comparison> {
  const { of, spans } = spansOf(older.report, newer.report)
  const sides: [Side, Side] = [sideOf(older, spans[0], seed), sideOf(newer, spans[1], seed)]
  const drafts: Draft[] = []
  const pairs = pairsOf(older, newer)
  for (const pair of pairs) {
    const drafting = draftOf(pair, sides)
    let step = drafting.next()
    for (; !step.done; step = drafting.next()) yield drafts.length / pairs.length
    drafts.push(step.value)
  }
  const judged = drafts.flatMap(({ figures }) => Object.values(figures)).filter(({ noise }) => noise).length
  const resolution = Math.max(resolutionOf(older), resolutionOf(newer))
  return {
    older: older.report.run,
    newer: newer.report.run,
    span: { of, older: timeOf(sides[0]), newer: timeOf(sides[1]) },
    rows: drafts.map((draft) => rowOf(draft, { judged, resolution })),
    judged,
    sameRun: older.report.run.id === newer.report.run.id && older.report.series.data === newer.report.series.data,
    doubtful: [...doubtsOf(older.report, 'old'), ...doubtsOf(newer.report, 'new')],
  }
}

function doubtsOf({ generator, completeness }: ComparedReport, which: string): string[] {
  const bound = `The ${which} run was generator-bound: its requests were sent later than planned.`
  const inaccurate = `The latencies of the ${which} run may be inaccurate: they may include delays of burst itself.`
  const missing = `Counts are missing from the ${which} run.`
  return [
    ...(generator.result === 'bound' ? [bound] : []),
    ...(mayBeInaccurate(generator) ? [inaccurate] : []),
    ...(completeness.complete ? [] : [missing]),
  ]
}

/** Omits ramps from the comparison when the plateaus of both runs have at least `fewestBuckets` buckets. */
function spansOf(
  older: ComparedReport,
  newer: ComparedReport,
): { of: 'plateau' | 'whole'; spans: [BucketSpan, BucketSpan] } {
  const [a, b] = [plateauOf(older), plateauOf(newer)]
  const isLong = (span: BucketSpan | undefined): span is BucketSpan =>
    span !== undefined && span.to - span.from >= fewestBuckets
  if (isLong(a) && isLong(b)) return { of: 'plateau', spans: [a, b] }
  const whole = ({ series }: ComparedReport): BucketSpan => ({ from: 0, to: series.buckets })
  return { of: 'whole', spans: [whole(older), whole(newer)] }
}

/** The random draws of a run depend only on that run, so a comparison with swapped reports uses the same draws. */
function sideOf(run: ComparedRun, span: BucketSpan, seed: number): Side {
  const { id } = run.report.run
  const { stepS, data } = run.report.series
  const random = keyedStream(seed, [seedOf(id), seedOf(data)], 'resample')
  return { run, span, resampling: resamplingOf(span, stepS, random) }
}

function timeOf({ run, span }: Side): ComparedTime {
  const { stepS } = run.report.series
  return { fromS: span.from * stepS, toS: span.to * stepS }
}

interface DraftFigure {
  older: number | null
  newer: number | null
  noise: Noise | null
  unjudged: string | null
}

interface Draft extends Pick<ComparedRow, 'method' | 'name' | 'in' | 'requests'> {
  figures: Record<Measure, DraftFigure>
}

function placeOf(older: Half | undefined, newer: Half | undefined): ComparedRow['in'] {
  if (older && newer) return 'both'
  return older ? 'older' : 'newer'
}

function* draftOf({ method, name, older, newer }: Pair, sides: readonly [Side, Side]): Generator<void, Draft> {
  const binned = [older, newer].map((half, k) => half?.buckets && binnedOf(half.buckets, (sides[k] as Side).resampling))
  const [a, b] = binned
  const isWhole = (older && !a) || (newer && !b)
  const figureOf = (measure: Measure): DraftFigure => {
    if (isWhole) return ofWholeRun(measure, older?.row, newer?.row)
    return a && b ? judgedFigure(measure, [a, b], sides) : ofOneRun(measure, [a, b], sides)
  }
  const figures: [Measure, DraftFigure][] = []
  for (const measure of measures) {
    yield
    figures.push([measure, figureOf(measure)])
  }
  const count = (half: Half | undefined, one: Binned | undefined): number | null =>
    half === undefined ? null : isWhole || !one ? half.row.requests : one.requests.reduce((sum, n) => sum + n, 0)
  return {
    method,
    name,
    in: placeOf(older, newer),
    requests: { older: count(older, a), newer: count(newer, b) },
    figures: Object.fromEntries(figures) as Record<Measure, DraftFigure>,
  }
}

function ofWholeRun(measure: Measure, older: Row | undefined, newer: Row | undefined): DraftFigure {
  const unjudged =
    'at least one report contains only whole-run values for this name: burst stores values over time only for the 50 busiest names'
  return { older: figureIn(measure, older), newer: figureIn(measure, newer), noise: null, unjudged }
}

function figureIn(measure: Measure, row: Row | undefined): number | null {
  if (!row) return null
  const { p50, p95, p99 } = row.latencyMs
  return { p50Ms: p50, p95Ms: p95, p99Ms: p99, failureShare: row.failureShare, rps: row.rps }[measure]
}

function ofOneRun(
  measure: Measure,
  binned: readonly (Binned | undefined)[],
  sides: readonly [Side, Side],
): DraftFigure {
  const [older = null, newer = null] = binned.map((one, k) => one && valueIn(measure, one, sides[k] as Side))
  return { older, newer, noise: null, unjudged: older === null ? 'only in the new run' : 'only in the old run' }
}

function valueIn(measure: Measure, binned: Binned, { resampling }: Side): number | null {
  const value = valueOf(estimates[measure].estimate, binned, resampling.seconds)
  return Number.isFinite(value) ? value : null
}

function judgedFigure(measure: Measure, [a, b]: [Binned, Binned], sides: readonly [Side, Side]): DraftFigure {
  const [older, newer] = [valueIn(measure, a, sides[0]), valueIn(measure, b, sides[1])]
  const unjudged = tooLittle(measure, [a, b])
  if (unjudged !== undefined) return { older, newer, noise: null, unjudged }
  const [first, second] = sides
  const { estimate } = estimates[measure]
  const noise = noiseOf(resampled(estimate, a, first.resampling), resampled(estimate, b, second.resampling), [
    first.resampling.blocks,
    second.resampling.blocks,
  ])
  return { older, newer, noise: noise ?? null, unjudged: noise ? null : 'too few requests over time' }
}

/** Returns the reason why one of the two runs has too few requests for a judgement. Returns undefined if both runs have enough requests. */
function tooLittle(measure: Measure, pair: readonly Binned[]): string | undefined {
  const { fewest } = estimates[measure]
  const ofAll = measure === 'rps' || measure === 'failureShare'
  const counts = pair.map(({ requests, timed }) => (ofAll ? requests.reduce((sum, n) => sum + n, 0) : timed))
  const count = Math.min(...counts)
  if (count < fewest) return `too few requests (${grouped(count)}; ${grouped(Math.round(fewest))} are needed)`
  const busy = Math.min(...pair.map(({ requests }) => requests.filter((n) => n > 0).length))
  if (busy < fewestBuckets)
    return `too short (only ${busy} of the compared intervals have requests; ${fewestBuckets} are needed)`
  return undefined
}

/**
 * Returns the greatest width of a step in the run's series, as a fraction of the latency. If two latencies differ by at most this fraction, burst
 * ignores the difference. Two or four steps are joined if the series would otherwise exceed 8 MB (`encodeSeries`).
 */
function resolutionOf({ series }: ComparedRun): number {
  return finestStep * joinedIn([...series.all.values()].map(({ latency }) => latency))
}

/** `judged`: the number of values that could be judged. `resolution`: the greater of the two runs' values of `resolutionOf`. */
interface Limits {
  judged: number
  resolution: number
}

function rowOf({ method, name, in: where, requests, figures }: Draft, limits: Limits): ComparedRow {
  const compared = measures.map((measure) => [measure, comparedOf(measure, figures[measure], limits)])
  return { method, name, in: where, requests, measures: Object.fromEntries(compared) as ComparedRow['measures'] }
}

function comparedOf(
  measure: Measure,
  { older, newer, noise, unjudged }: DraftFigure,
  { judged, resolution }: Limits,
): Compared {
  const difference = older === null || newer === null ? null : newer - older
  if (!noise || difference === null)
    return { older, newer, difference, interval: null, change: null, sure: false, unjudged }
  const interval = intervalOf(noise, level)
  const finest = measure.endsWith('Ms') ? resolution * Math.max(older as number, newer as number) : 0
  const change = changeIn(difference, interval, finest)
  const together = changeIn(difference, intervalOf(noise, 1 - (1 - level) / judged), finest)
  return { older, newer, difference, interval, change, sure: together !== 'none', unjudged: null }
}

function changeIn(
  difference: number,
  [low, high]: readonly [number, number],
  finest: number,
): 'higher' | 'lower' | 'none' {
  if (Math.abs(difference) <= finest) return 'none'
  if (low > 0) return 'higher'
  return high < 0 ? 'lower' : 'none'
}
