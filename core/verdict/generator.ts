import { greatest, smallest } from '../extremes.ts'
import type { Distribution } from '../window/distribution.ts'
import { type Machine, remedyOf } from './remedy.ts'
import type { GeneratorVerdict } from './results.ts'
import { summed } from './summary.ts'
import type { ErrorCell, JudgedSecond, WorkerCell } from '../window/window.ts'
import { counted, few, grouped, milliseconds, moment, percent } from '../words.ts'

/** The share of requests that may be late or uncertain, or may fail through the generator's own fault. */
const tolerated = 0.01
/** A share is judged only if at least this many requests are affected. */
const enough = 3
/** The load must be at least this share of what the same users would have done without lag. */
const leastLoad = 0.98
/** A mean lag up to this is always tolerated, milliseconds. Users without a wait lose requests through each millisecond of lag. */
const toleratedLagMs = { waiting: 5, unpaced: 1 }
const clockToleranceMs = 500

/** What the requests of a worker, or of the whole run, show about the generator. */
export type Judged = JudgedSecond

function noJudged(): Judged {
  return { requests: 0, late: 0, uncertain: 0 }
}

function addJudged(into: Judged, from: Judged): void {
  into.requests += from.requests
  into.late += from.late
  into.uncertain += from.uncertain
}

/** Whether the share of affected requests exceeds the limit. */
function tooMany(part: number, whole: number): boolean {
  return part >= enough && part > tolerated * whole
}

/** Whether these requests were sent too late, or their latencies are too uncertain, to describe the target. */
export function isBound({ requests, late, uncertain }: Judged): boolean {
  return tooMany(Math.max(late, uncertain), requests)
}

interface Trouble {
  slice: number
  /** The first second of the run in which more than 1 % of the worker's requests were affected. */
  sinceS: number
  count: number
}

/** Sums up the judged requests by second and worker. Each window of a run must be added exactly once. */
export class GeneratorWatch {
  readonly total = noJudged()
  /** Requests that were sent late, by the second of the run in which they ended. Seconds without late requests are left out. */
  readonly lateBySecond = new Map<number, number>()
  /** How busy the event loops were in windows with late or uncertain requests, weighted by the number of these requests. */
  readonly #busy = { requests: 0, weighted: 0 }
  readonly #late = new Map<number, Trouble>()
  readonly #uncertain = new Map<number, Trouble>()

  see(workers: Iterable<WorkerCell>): void {
    for (const { slice, judged, loopUtilization } of workers) {
      for (const [second, one] of judged) {
        addJudged(this.total, one)
        if (one.late > 0) this.lateBySecond.set(second, (this.lateBySecond.get(second) ?? 0) + one.late)
        const affected = Math.max(one.late, one.uncertain)
        this.#busy.requests += affected
        // Whole parts of a thousand, because the sum must not depend on the order.
        this.#busy.weighted += affected * Math.round(1000 * (one.busyShare ?? loopUtilization))
        note(this.#late, { slice, second, count: one.late, of: one.requests })
        note(this.#uncertain, { slice, second, count: one.uncertain, of: one.requests })
      }
    }
  }

  /** An independent copy in the same state. */
  copy(): GeneratorWatch {
    const copy = new GeneratorWatch()
    Object.assign(copy.#busy, this.#busy)
    addJudged(copy.total, this.total)
    for (const [second, late] of this.lateBySecond) copy.lateBySecond.set(second, late)
    for (const [slice, trouble] of this.#late) copy.#late.set(slice, trouble)
    for (const [slice, trouble] of this.#uncertain) copy.#uncertain.set(slice, trouble)
    return copy
  }

  /** The share of time in which the event loops were busy in windows with late or uncertain requests; null when there were none. */
  get busyShare(): number | null {
    return this.#busy.requests === 0 ? null : this.#busy.weighted / this.#busy.requests / 1000
  }

  /** Workers with late requests, the worker with the most first. */
  get late(): Trouble[] {
    return worstFirst(this.#late)
  }

  /** Workers with uncertain latencies, the worker with the most first. */
  get uncertain(): Trouble[] {
    return worstFirst(this.#uncertain)
  }
}

function note(
  troubles: Map<number, Trouble>,
  { slice, second, count, of }: { slice: number; second: number; count: number; of: number },
): void {
  if (count <= tolerated * of) return
  const known = troubles.get(slice)
  troubles.set(slice, {
    slice,
    sinceS: Math.min(known?.sinceS ?? second, second),
    count: (known?.count ?? 0) + count,
  })
}

function worstFirst(troubles: ReadonlyMap<number, Trouble>): Trouble[] {
  return [...troubles.values()].toSorted((a, b) => b.count - a.count || a.slice - b.slice)
}

/** The data of a whole run that the rule needs. */
interface GeneratorRun {
  watch: Pick<GeneratorWatch, 'total' | 'late' | 'uncertain' | 'busyShare'>
  /** By `slice-attempt`, merged over the run. */
  workers: ReadonlyMap<string, WorkerCell>
  errors: Iterable<ErrorCell>
  /** Milliseconds in which users were alive, summed over all users; null with arrivals. */
  userMs: number | null
  /** Whether no class has a wait. Default false. */
  unpaced?: boolean
  /** The number of planned arrivals, and of those that were dropped because burst was late; null with users. */
  arrivals: { offered: number; late: number } | null
  /** The machine that a local run shares among its workers; absent on AWS, where each worker has its own. */
  machine?: Machine | undefined
}

/**
 * Answers two questions, each with its own evidence: can the latencies be believed, and was the load as planned? `reasons` contains the
 * figures even when all is well; the result is `unknown` when no request was measured.
 */
export function judgeGenerator(run: GeneratorRun): GeneratorVerdict {
  const workers = [...run.workers.values()]
  const measured = measure(run, workers)
  const own = ownErrors(run, workers)
  const slow = [
    ...uncertainFinding(run.watch, measured),
    ...lateFinding(run.watch, measured),
    ...loadFinding(run, measured),
    ...arrivalFinding(run),
  ]
  const findings = [...slow, ...(own.tooMany ? own.said : [])]
  const bound = findings.length > 0
  const { requests: judged, late, uncertain } = run.watch.total
  return {
    result: bound ? 'bound' : resultOf(measured),
    boundShare: shareOf(Math.max(late, uncertain), judged),
    lateShare: shareOf(late, judged),
    uncertainShare: shareOf(uncertain, judged),
    loadShare: measured.loadShare,
    judgedRequests: judged,
    timingErrorMs: figures(measured.timingError),
    lagMs: figures(measured.lag),
    sendLagMs: figures(summed(workers.map((cell) => cell.sendLag))),
    userLagMs: figures(summed(workers.map((cell) => cell.userLag))),
    reasons: [
      ...(bound
        ? boundSentences(
            findings,
            remedyOf(run.machine, slow.length > 0 ? { workers, busyShare: run.watch.busyShare } : null),
            measured,
          )
        : [health(measured, run.watch)]),
      ...(own.tooMany ? [] : own.said),
      ...remarks(workers),
    ],
  }
}

function boundSentences([first = '', ...others]: readonly string[], remedy: string, measured: Measured): string[] {
  return [`generator-bound: ${first}`, ...others, remedy, inFigures(measured)]
}

function resultOf({ lag }: Measured): GeneratorVerdict['result'] {
  return lag.count > 0 ? 'healthy' : 'unknown'
}

interface Measured {
  lag: Distribution
  timingError: Distribution
  loadShare: number | null
  /** The lag that cost load, per request on average. */
  meanLostMs: number
}

function measure({ userMs }: GeneratorRun, workers: readonly WorkerCell[]): Measured {
  const lag = summed(workers.map((cell) => cell.lag))
  const timingError = summed(workers.map((cell) => cell.timingError))
  const lostMs = workers.reduce((sum, cell) => sum + cell.lostUs - cell.regainedUs, 0) / 1000
  const loadShare = userMs === null || userMs <= 0 ? null : Math.min(1, Math.max(0, 1 - lostMs / userMs))
  return { lag, timingError, loadShare, meanLostMs: lag.count === 0 ? 0 : lostMs / lag.count }
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function uncertainFinding({ total, uncertain }: GeneratorRun['watch'], { timingError }: Measured): string[] {
  if (!tooMany(total.uncertain, total.requests)) return []
  const by = milliseconds(timingError.percentileMs(99) ?? 0)
  const share = percent(shareOf(total.uncertain, total.requests))
  return [
    `${share} of latencies may be too long by more than 1 ms and 5 % of the median, up to ${by} (p99)${where(uncertain)}`,
  ]
}

function lateFinding({ total, late }: GeneratorRun['watch'], { lag }: Measured): string[] {
  if (!tooMany(total.late, total.requests)) return []
  const by = milliseconds(lag.percentileMs(99) ?? 0)
  const share = percent(shareOf(total.late, total.requests))
  return [
    `${share} of requests were sent late by more than 5 ms and 10 % of the median latency, up to ${by} (p99)${where(late)}`,
  ]
}

function loadFinding({ watch, unpaced = false }: GeneratorRun, { meanLostMs, loadShare }: Measured): string[] {
  // All requests ended in the first second of their worker, when connections are opened and code is not yet compiled; so there is nothing
  // to judge.
  if (watch.total.requests === 0) return []
  const tolerated = unpaced ? toleratedLagMs.unpaced : toleratedLagMs.waiting
  if (loadShare === null || loadShare >= leastLoad || meanLostMs <= tolerated) return []
  return [`the load was ${percent(loadShare)} of what the same users would have done without lag`]
}

function arrivalFinding({ arrivals }: GeneratorRun): string[] {
  if (!arrivals || !tooMany(arrivals.late, arrivals.offered)) return []
  const share = percent(shareOf(arrivals.late, arrivals.offered))
  return [`${counted(arrivals.late, 'arrival')} (${share}) were not started because burst was late`]
}

/** `, from 00:03 on worker 2`. */
function where(troubles: readonly Trouble[]): string {
  if (troubles.length === 0) return ''
  const since = moment(smallest(troubles, (one) => one.sinceS))
  return `, from ${since} on ${named(troubles.map((one) => one.slice))}`
}

function named(slices: readonly number[]): string {
  return `${slices.length === 1 ? 'worker' : 'workers'} ${few(slices.map(String))}`
}

/** `latencies are right within 0.8 ms (p99); users acted 0.6 ms late (p50), 5 ms (p99)`. */
function inFigures({ lag, timingError, loadShare }: Measured): string {
  const at = (of: Distribution, percentile: number): string => milliseconds(of.percentileMs(percentile) ?? 0)
  const parts = [
    ...(timingError.count > 0 ? [`latencies are right within ${at(timingError, 99)} (p99)`] : []),
    ...(lag.count > 0 ? [`users acted ${at(lag, 50)} late (p50), ${at(lag, 99)} (p99)`] : []),
    ...(loadShare === null ? [] : [`the load was ${percent(loadShare)} of what they would have done without lag`]),
  ]
  return parts.join('; ')
}

function health(measured: Measured, { total, late, uncertain }: GeneratorRun['watch']): string {
  if (measured.lag.count === 0) return 'unknown: no request was measured'
  const some = [
    ...(total.late > 0
      ? [`${percent(shareOf(total.late, total.requests))} of requests were sent late${where(late)}`]
      : []),
    ...(total.uncertain > 0
      ? [`${percent(shareOf(total.uncertain, total.requests))} of latencies are less certain${where(uncertain)}`]
      : []),
  ]
  return ['healthy: ' + inFigures(measured), ...some].join('; ')
}

/** Describes the requests that failed through the generator's own fault, and says whether there are too many. */
function ownErrors(run: GeneratorRun, workers: readonly WorkerCell[]): { tooMany: boolean; said: string[] } {
  const failed = workers.reduce((sum, cell) => sum + cell.generatorErrors, 0)
  if (failed === 0) return { tooMany: false, said: [] }
  const requests = workers.reduce((sum, cell) => sum + cell.requests, 0)
  const share = shareOf(failed, Math.max(requests, failed))
  const messages = [...run.errors].filter((cell) => cell.kind === 'generator').map((cell) => cell.message)
  const listed = messages.length === 0 ? '' : `: ${few([...new Set(messages)].toSorted(), 3)}`
  return {
    tooMany: share > tolerated,
    said: [`${counted(failed, 'request')} (${percent(share)}) failed on the generator's own side${listed}`],
  }
}

function remarks(workers: readonly WorkerCell[]): string[] {
  const name = (cells: readonly WorkerCell[]): string =>
    named([...new Set(cells.map((cell) => cell.slice))].toSorted((a, b) => a - b))
  const said: string[] = []
  const blocked = workers.filter((cell) => cell.blocked)
  if (blocked.length > 0)
    said.push(`the scenario's own code blocked the event loop of ${name(blocked)} for whole intervals`)
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
