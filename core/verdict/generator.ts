import type { Distribution } from '../window/distribution.ts'
import type { GeneratorVerdict } from './results.ts'
import { summed } from './summary.ts'
import type { ErrorCell, WorkerCell } from '../window/window.ts'
import { counted, few, grouped, milliseconds, moment, percent } from '../words.ts'

/** Lag that is never held against the generator, whatever the latency. */
const toleratedLagMs = 5
/** Of a window's median latency: lag below this share drowns in it. */
const toleratedShare = 0.1
/** Requests in generator-bound windows, and the generator's own errors, above which the run is generator-bound. */
const boundAbove = 0.01
const clockToleranceMs = 500

/** Whether in this window one worker's lag was too great a part of what its users met. A blocked engine answers nothing: it is. */
export function lagsTooMuch(cell: WorkerCell): boolean {
  if (cell.blocked) return true
  const lagMs = cell.lag.percentileMs(99) ?? 0
  return lagMs > Math.max(toleratedLagMs, toleratedShare * (cell.latency.percentileMs(50) ?? 0))
}

interface Watched {
  window: number
  lagging: boolean
  requests: number
}

/**
 * Watches the workers of a run, window by window in ascending order, each window whole. A worker is generator-bound where it lags in two
 * consecutive windows; the first window of an attempt, in which connections are made and code gets warm, is never one of them.
 */
export class GeneratorWatch {
  readonly #last = new Map<string, Watched>()
  requests = 0
  boundRequests = 0
  /** The grid's first window in which a worker was bound. */
  boundFrom: number | null = null

  see(window: number, workers: ReadonlyMap<string, WorkerCell>): void {
    for (const [key, cell] of workers) this.#seeWorker(window, key, cell)
  }

  #seeWorker(window: number, key: string, cell: WorkerCell): void {
    const before = this.#last.get(key)
    const lagging = before !== undefined && lagsTooMuch(cell)
    this.#last.set(key, { window, lagging, requests: cell.requests })
    this.requests += cell.requests
    if (!lagging || !before.lagging || before.window !== window - 1) return
    // The window before counts as well, unless it was counted as the second of a pair itself.
    this.boundRequests += cell.requests + before.requests
    this.#last.set(key, { window, lagging, requests: 0 })
    this.boundFrom = Math.min(this.boundFrom ?? window, window - 1)
  }
}

/** What the rule needs of a whole run. */
interface GeneratorRun {
  watch: Pick<GeneratorWatch, 'requests' | 'boundRequests' | 'boundFrom'>
  /** By `slice-attempt`, merged over the run. */
  workers: ReadonlyMap<string, WorkerCell>
  errors: Iterable<ErrorCell>
  windowMs: number
}

/** Whether the generator was the bottleneck, with the reasons in words; `unknown` when no request was measured. */
export function judgeGenerator(run: GeneratorRun): GeneratorVerdict {
  const workers = [...run.workers.values()]
  const lag = summed(workers.map((cell) => cell.lag))
  const boundShare = shareOf(run.watch.boundRequests, run.watch.requests)
  const ownErrors = workers.reduce((sum, cell) => sum + cell.generatorErrors, 0)
  const errorShare = shareOf(ownErrors, Math.max(run.watch.requests, ownErrors))
  const bound = boundShare > boundAbove || errorShare > boundAbove
  const reasons = [
    ...(boundShare > boundAbove ? [boundSentence(run, boundShare)] : []),
    ...(bound ? [] : [healthSentence(lag, boundShare)]),
    ...(ownErrors > 0 ? [errorSentence(ownErrors, errorShare, run.errors)] : []),
    ...remarks(workers),
  ]
  return {
    result: bound ? 'bound' : resultOf(lag),
    boundShare,
    lagMs: figures(lag),
    sendLagMs: figures(summed(workers.map((cell) => cell.sendLag))),
    userLagMs: figures(summed(workers.map((cell) => cell.userLag))),
    reasons,
  }
}

function resultOf(lag: Distribution): GeneratorVerdict['result'] {
  return lag.count > 0 ? 'healthy' : 'unknown'
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function boundSentence({ watch, windowMs }: GeneratorRun, share: number): string {
  const from = moment(((watch.boundFrom ?? 0) * windowMs) / 1000)
  return `generator-bound from ${from}, ${percent(share)} of requests; use fewer users per worker`
}

function errorSentence(count: number, share: number, errors: Iterable<ErrorCell>): string {
  const messages = [...errors].filter((cell) => cell.kind === 'generator').map((cell) => cell.message)
  const named = messages.length === 0 ? '' : `: ${few([...new Set(messages)].toSorted(), 3)}`
  const start = share > boundAbove ? 'generator-bound: ' : ''
  return `${start}${counted(count, 'request')} (${percent(share)}) failed on the generator's own side${named}`
}

function healthSentence(lag: Distribution, boundShare: number): string {
  if (lag.count === 0) return 'unknown: no request was measured'
  const spell = boundShare > 0 ? `; ${percent(boundShare)} of requests met more` : ''
  return `healthy: p99 of the generator's lag is ${milliseconds(lag.percentileMs(99) ?? 0)}${spell}`
}

function remarks(workers: readonly WorkerCell[]): string[] {
  const name = (cells: readonly WorkerCell[]): string => {
    const slices = [...new Set(cells.map((cell) => cell.slice))].toSorted((a, b) => a - b)
    return `${slices.length === 1 ? 'worker' : 'workers'} ${few(slices.map(String))}`
  }
  const said: string[] = []
  const blocked = workers.filter((cell) => cell.blocked)
  if (blocked.length > 0)
    said.push(`the scenario's own code blocked the event loop of ${name(blocked)} for whole intervals`)
  const skewed = workers.filter((cell) => Math.abs(cell.clockOffsetMs) > clockToleranceMs)
  const most = Math.max(0, ...skewed.map((cell) => Math.abs(cell.clockOffsetMs)))
  if (skewed.length > 0) said.push(`the clock of ${name(skewed)} is off by up to ${grouped(Math.round(most))} ms`)
  return said
}

function figures(lag: Distribution): GeneratorVerdict['lagMs'] {
  return {
    p50: lag.percentileMs(50) ?? null,
    p99: lag.percentileMs(99) ?? null,
    max: lag.count === 0 ? null : lag.maxUs / 1000,
  }
}
