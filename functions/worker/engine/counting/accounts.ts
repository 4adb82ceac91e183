import { performance } from '../../../guard/built-ins.ts'
import type { FinishedRequest } from '../../../../core/authoring/definition.ts'
import { type RequestSecond, emptyRequestSecond } from '../../../../core/window/histograms/compact.ts'
import type { RequestCell, Window, WorkerCell } from '../../../../core/window/window.ts'
import { wholeUs } from '../../../../core/window/histograms/distribution.ts'
import type { EngineClock } from '../engine-clock.ts'
import type { SampleLog } from '../sample-log.ts'
import type { CheckResult } from '../http/judging/checks.ts'
import { traceOf } from '../http/sending/trace-context.ts'
import type { CountedCall, CountedOutcome } from '../counted-call.ts'
import { type Cut, within } from './cuts.ts'
import type { Recorder, RouteRow } from './recorder.ts'
import type { RunningUser } from '../users/context.ts'
import type { Source } from './source.ts'

/** The lag before a request (`lateMs`) and the timing error (`errorMs`), in milliseconds, that burst tolerates at any latency. */
const tolerated = { lateMs: 5, errorMs: 1 }
/** The lag (`late`) and the timing error (`error`) that burst tolerates, as fractions of the median latency of the request name. */
const toleratedShare = { late: 0.1, error: 0.05 }
/**
 * The median latency of a name is computed from at least this number of latencies in a window. The first median of a name may be computed from fewer
 * latencies.
 */
const enoughForMedian = 20

interface Transfer {
  bytesIn?: number
  bytesOut?: number
  atMs: number
}

/** The lateness of a user, as returned by `Pace.takeIntent`. */
type Lag = Pick<CountedCall['plan'], 'lagBeforeMs' | 'pacedLossMs'>

/** Counts finished and interrupted calls in the recorder. Only this class converts a request to numbers. */
export class Accounts {
  readonly #recorder: Recorder
  readonly #clock: EngineClock
  readonly #secondOf: (atMs: number) => number
  readonly #onRequest: ((request: FinishedRequest) => void) | undefined
  /**
   * The second in which the first request of this attempt ended, as a number counted from the start of the run. In this second, the worker opens
   * connections and compiles code. Therefore the timing of the generator is judged only from the next second on.
   */
  #firstSecond: number | undefined
  /** The log of every request; undefined without `--samples`. */
  samples: SampleLog | undefined

  constructor(
    recorder: Recorder,
    clock: EngineClock,
    secondOf: (atMs: number) => number,
    onRequest: ((request: FinishedRequest) => void) | undefined,
  ) {
    this.#recorder = recorder
    this.#clock = clock
    this.#secondOf = secondOf
    this.#onRequest = onRequest
  }

  /** `true` if the scenario has a hook that receives each finished request. */
  get hooked(): boolean {
    return this.#onRequest !== undefined
  }

  finished(call: CountedCall, user: RunningUser, judged: CountedOutcome, lagMs: number): void {
    const { exchange } = call
    const cut = this.#recorder.cuts.at(exchange.endMs)
    const cell = this.#recorder.cell(call.plan.row, user.source, cut)
    this.#count(cell, cut, call, judged)
    noteGreatest(call, judged)
    const at = this.#secondOf(exchange.endMs)
    if (this.#recorder.namesHaveSeconds) countSecond(within(cell.seconds, at, emptyRequestSecond), call, judged)
    const second = this.#recorder.cuts.second(at)
    second.requests++
    for (const check of judged.checks) this.#check(check, cut)
    if (judged.failure) {
      second.failures++
      this.#fail(call, user, judged, cut)
    }
    if (judged.failure?.kind === 'generator') cut.worker.generatorErrors++
    else {
      this.#time(cell, cut, call)
      this.#judgeGenerator(cell, cut, call, at)
    }
    this.#lag(cut, call, lagMs)
    this.samples?.add(call, user.index, judged)
    if (this.#onRequest) this.#tell(this.#onRequest, call, user, judged)
  }

  #check({ name, passed, thrown }: CheckResult, cut: Cut): void {
    this.#recorder.check(name, passed, cut)
    if (thrown) this.#recorder.exception(thrown)
  }

  interrupted(call: CountedCall, user: RunningUser): void {
    if (call.hops + call.reconnects === 0) return
    const nowMs = performance.now()
    const cut = this.#recorder.cuts.at(nowMs)
    const cell = this.#recorder.cell(call.plan.row, user.source, cut)
    cell.interrupted += call.hops
    if (call.hops > 0) cell.open.recordMs(nowMs - (call.sentMs > 0 ? call.sentMs : call.calledMs))
    cell.reconnects += call.reconnects
    cut.totals.interrupted += call.hops
  }

  /** Adds the bytes of messages to the row of the connection. The bytes belong to the window that contains `atMs` (on the engine's clock). */
  transferred(row: RouteRow, source: Source, { bytesIn = 0, bytesOut = 0, atMs }: Transfer): void {
    const cell = this.#recorder.cell(row, source, this.#recorder.cuts.at(atMs))
    cell.bytesIn += bytesIn
    cell.bytesOut += bytesOut
    if (this.#recorder.namesHaveSeconds)
      within(cell.seconds, this.#secondOf(atMs), emptyRequestSecond).bytesIn += bytesIn
  }

  /**
   * Counts the lag of an action that is not a request. If `waits` is true, the user began to wait for a message. If `waits` is false, the user sent a
   * message, and no round trip measures this message. Without a pacing grid, the lag of a wait does not count as lost time, because the user would
   * have waited for the message even without the lag. Counts nothing before the end of the first second (see `#firstSecond`).
   */
  acted({ lagBeforeMs, pacedLossMs }: Lag, waits: boolean): void {
    const nowMs = performance.now()
    if (this.#firstSecond === undefined || this.#secondOf(nowMs) <= this.#firstSecond) return
    const { worker } = this.#recorder.cuts.at(nowMs)
    worker.lag.recordMs(lagBeforeMs)
    lose(worker, pacedLossMs ?? (waits ? 0 : lagBeforeMs))
  }

  #count(cell: RequestCell, { totals, worker }: Cut, call: CountedCall, judged: CountedOutcome): void {
    const status = judged.response.status
    cell.requests++
    cell.exchanges += call.hops
    cell.reconnects += call.reconnects
    cell.bytesIn += call.exchange.bytesIn
    cell.bytesOut += call.bytesOut
    cell.statuses.set(status, (cell.statuses.get(status) ?? 0) + 1)
    if (judged.failure) {
      cell.failures++
      totals.failures++
    }
    totals.requests++
    totals.exchanges += call.hops
    worker.requests++
  }

  #time(cell: RequestCell, { totals, worker }: Cut, call: CountedCall): void {
    const { exchange, plan } = call
    cell.fromIntent.recordMs(call.answeredMs - Math.min(plan.intentMs, call.calledMs))
    totals.intents++
    if (call.sentMs > 0) {
      cell.latency.recordMs(call.answeredMs - call.sentMs)
      worker.timingError.recordMs(call.timingErrorMs)
      totals.latencies++
    }
    if (exchange.firstByteMs > 0) {
      cell.firstByte.recordMs(exchange.firstByteMs - exchange.sentMs)
      cell.body.recordMs(exchange.endMs - exchange.firstByteMs)
    }
    const { phases } = exchange
    if (!phases) return
    if (phases.dnsMs !== null) cell.dns.recordMs(phases.dnsMs)
    if (phases.connectMs !== null) cell.connect.recordMs(phases.connectMs)
    if (phases.tlsMs !== null) cell.tls.recordMs(phases.tlsMs)
  }

  /**
   * Counts a request as late if it was sent much later than planned. Counts the request as uncertain if its measured latency may be much too long.
   */
  #judgeGenerator(cell: RequestCell, { worker }: Cut, call: CountedCall, second: number): void {
    this.#firstSecond ??= second
    if (second <= this.#firstSecond) return
    const judged = within(worker.judged, second, () => ({ requests: 0, late: 0, uncertain: 0 }))
    judged.requests++
    const lateMs = lateOf(call)
    const { timingErrorMs: errorMs } = call
    if (lateMs <= tolerated.lateMs && errorMs <= tolerated.errorMs) return
    const medianMs = medianOf(call.plan.row, cell, second)
    if (lateMs > Math.max(tolerated.lateMs, toleratedShare.late * medianMs)) judged.late++
    if (errorMs > Math.max(tolerated.errorMs, toleratedShare.error * medianMs)) judged.uncertain++
  }

  #lag({ worker }: Cut, call: CountedCall, lagMs: number): void {
    worker.userLag.recordMs(lagMs)
    worker.sendLag.recordMs(call.sendLagMs)
    const lateMs = lateOf(call)
    worker.lag.recordMs(lateMs)
    lose(worker, call.plan.pacedLossMs ?? lateMs)
  }

  #fail(call: CountedCall, user: RunningUser, judged: CountedOutcome, cut: Cut): void {
    if (!judged.failure) return
    const at = Math.round(this.#clock.wallMs(call.exchange.endMs))
    const second = this.#secondOf(call.exchange.endMs)
    this.#recorder.failure(call.plan.row, judged.failure, { cut, at, second }, () => {
      // Secrets are masked before a string is shortened. In a shortened string, half of a secret could remain and would not be recognised.
      const { masked } = this.#recorder
      const body = bodyStart(call, masked)
      return {
        at,
        user: user.index,
        status: judged.response.status,
        url: masked(call.url).replace(/\?.*$/s, '?…').slice(0, 500),
        ...(body === undefined ? {} : { body }),
        ...traceOf(call.outgoing),
      }
    })
  }

  #tell(hook: (request: FinishedRequest) => void, call: CountedCall, user: RunningUser, judged: CountedOutcome): void {
    try {
      hook({
        method: call.plan.outgoing.method,
        name: call.plan.row.name,
        url: call.url,
        status: judged.response.status,
        ok: judged.failure === null,
        latencyMs: judged.response.latencyMs,
        error: judged.failure?.message ?? null,
        user: user.index,
      })
    } catch (thrown) {
      this.#recorder.exception(thrown)
    }
  }
}

/** Adds the call to the counts of one second of the run, for the charts. The counts of the window include the call as well. */
function countSecond(second: RequestSecond, call: CountedCall, { response, failure }: CountedOutcome): void {
  const { exchange, plan } = call
  second.requests++
  second.bytesIn += exchange.bytesIn
  second.statuses.set(response.status, (second.statuses.get(response.status) ?? 0) + 1)
  if (failure) second.failures++
  if (failure?.kind === 'generator') return
  second.fromIntent.record(wholeUs(call.answeredMs - Math.min(plan.intentMs, call.calledMs)))
  if (call.sentMs > 0) second.latency.record(wholeUs(call.answeredMs - call.sentMs))
}

/** Counts the time that a user has lost through lag. `lostMs` is negative if the user has made up for time that it lost earlier. */
function lose(worker: WorkerCell, lostMs: number): void {
  if (lostMs > 0) worker.lostUs += wholeUs(lostMs)
  else if (lostMs < 0) worker.regainedUs += wholeUs(-lostMs)
}

/** Returns how much later than planned the request was sent, in milliseconds. */
function lateOf(call: CountedCall): number {
  return call.plan.lagBeforeMs + call.sendLagMs
}

/** Stores the latency of an answered request if it is the greatest latency of its name so far. */
function noteGreatest({ plan: { row }, answeredMs, sentMs }: CountedCall, { response }: CountedOutcome): void {
  if (response.status > 0) row.greatestMs = Math.max(row.greatestMs, answeredMs - sentMs)
}

/**
 * Returns the median latency of the request name in the current window, in milliseconds. If the window has too few latencies, returns the previous
 * median. If there is no previous median, uses these few latencies. Computes a median at most once a second.
 */
function medianOf(row: RouteRow, { latency }: RequestCell, second: number): number {
  if (row.medianSecond === second) return row.medianMs
  row.medianSecond = second
  if (latency.count >= enoughForMedian || row.medianMs === 0) row.medianMs = latency.percentileMs(50) ?? row.medianMs
  return row.medianMs
}

/** The number of bytes of a body that burst searches for secrets. This is far more than the report shows, because a secret may be long. */
const searchedBytes = 65_536

/**
 * Returns at most the first 300 readable characters of the body of a failed response. The report shows these characters in the example of the
 * failure. Returns undefined if the body is compressed, or if there are no readable characters.
 */
function bodyStart({ exchange: { chunks, headers } }: CountedCall, masked: Recorder['masked']): string | undefined {
  if (headers['content-encoding']) return undefined
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const text = masked(Buffer.concat(chunks, Math.min(searchedBytes, length)).toString('utf8'))
    .slice(0, 600)
    .replace(/\p{C}+/gu, ' ')
    .trim()
  return text === '' ? undefined : text.slice(0, 300)
}

/** Yields the distributions of a window one at a time, so that the caller can encode them in steps. */
export function* distributionsOf(window: Window): Generator<RequestCell['latency']> {
  for (const cell of window.requests.values()) {
    yield* [cell.open, cell.latency, cell.fromIntent, cell.dns, cell.connect, cell.tls, cell.firstByte, cell.body]
  }
  for (const cell of window.workers.values()) yield* [cell.lag, cell.userLag, cell.sendLag, cell.timingError]
  for (const cells of [window.iterations, window.steps, window.metrics]) {
    for (const cell of cells.values()) yield cell.duration
  }
}
