import type { FinishedRequest } from '../../../../core/authoring/definition.ts'
import {
  type RequestCell,
  type RequestSecond,
  type Window,
  emptyRequestSecond,
} from '../../../../core/window/window.ts'
import { type Totals, zeroTotals } from '../../../../core/window/wire.ts'
import { wholeUs } from '../../../../core/window/distribution.ts'
import type { Call } from '../http/call.ts'
import type { EngineClock } from '../clock.ts'
import type { Judged } from '../http/outcome.ts'
import { type Recorder, within } from './recorder.ts'
import type { FloorUser } from '../users/floor.ts'

/** Counts finished calls into the recorder: the one place where a request becomes numbers. */
export class Accounts {
  readonly #recorder: Recorder
  readonly #clock: EngineClock
  readonly #secondOf: (atMs: number) => number
  readonly #onRequest: ((request: FinishedRequest) => void) | undefined
  /** Running totals of this attempt. */
  readonly totals: Totals = { ...zeroTotals }

  // oxlint-disable-next-line max-params -- wired once, in engine.ts
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

  finished(call: Call, user: FloorUser, judged: Judged, lagMs: number): void {
    const cell = this.#recorder.cell(call.plan.row, user.tags)
    const { exchange } = call
    this.#count(cell, call, judged)
    const at = this.#secondOf(exchange.endMs)
    if (this.#recorder.namesHaveSeconds) countSecond(within(cell.seconds, at, emptyRequestSecond), call, judged)
    const second = this.#recorder.second(at)
    second.requests++
    for (const check of judged.checks) this.#recorder.check(check.name, check.passed)
    if (judged.failure) {
      second.failures++
      this.#fail(call, user, judged)
    }
    if (judged.failure?.kind === 'generator') this.#recorder.worker.generatorErrors++
    else this.#time(cell, call)
    this.#lag(call, lagMs)
    if (this.#onRequest) this.#tell(this.#onRequest, call, user, judged)
  }

  interrupted(call: Call, user: FloorUser): void {
    if (call.hops + call.reconnects === 0) return
    const cell = this.#recorder.cell(call.plan.row, user.tags)
    cell.interrupted += call.hops
    cell.reconnects += call.reconnects
    this.totals.interrupted += call.hops
  }

  #count(cell: RequestCell, call: Call, judged: Judged): void {
    const status = judged.response.status
    cell.requests++
    cell.exchanges += call.hops
    cell.reconnects += call.reconnects
    cell.bytesIn += call.exchange.bytesIn
    const { body } = call.plan.outgoing
    if (body !== null) cell.bytesOut += Buffer.byteLength(body)
    cell.statuses.set(status, (cell.statuses.get(status) ?? 0) + 1)
    if (judged.failure) {
      cell.failures++
      this.totals.failures++
    }
    this.totals.requests++
    this.totals.exchanges += call.hops
    this.#recorder.worker.requests++
  }

  #time(cell: RequestCell, call: Call): void {
    const { exchange, plan } = call
    cell.fromIntent.recordMs(exchange.endMs - Math.min(plan.intentMs, call.calledMs))
    this.totals.intents++
    if (call.sentMs > 0) {
      cell.latency.recordMs(exchange.endMs - call.sentMs)
      this.#recorder.worker.latency.recordMs(exchange.endMs - call.sentMs)
      this.totals.latencies++
    }
    if (exchange.firstByteMs > 0) cell.firstByte.recordMs(exchange.firstByteMs - exchange.sentMs)
    const { phases } = exchange
    if (!phases) return
    if (phases.dnsMs !== null) cell.dns.recordMs(phases.dnsMs)
    if (phases.connectMs !== null) cell.connect.recordMs(phases.connectMs)
    if (phases.tlsMs !== null) cell.tls.recordMs(phases.tlsMs)
  }

  #lag(call: Call, lagMs: number): void {
    const { worker } = this.#recorder
    worker.userLag.recordMs(lagMs)
    worker.sendLag.recordMs(call.sendLagMs)
    worker.lag.recordMs(lagMs + call.sendLagMs + call.plan.lagBeforeMs)
  }

  #fail(call: Call, user: FloorUser, judged: Judged): void {
    if (!judged.failure) return
    const at = Math.round(this.#clock.wallMs(call.exchange.endMs))
    const second = this.#secondOf(call.exchange.endMs)
    this.#recorder.failure(call.plan.row, judged.failure, { at, second }, () => {
      const body = bodyStart(call)
      return {
        at,
        user: user.index,
        status: judged.response.status,
        url: call.url.replace(/\?.*$/s, '?…').slice(0, 500),
        ...(body === undefined ? {} : { body }),
      }
    })
  }

  // oxlint-disable-next-line max-params -- the hook and what it is told
  #tell(hook: (request: FinishedRequest) => void, call: Call, user: FloorUser, judged: Judged): void {
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

/** The same counts and lengths as in the row's cell, for the charts. */
function countSecond(second: RequestSecond, call: Call, { response, failure }: Judged): void {
  const { exchange, plan } = call
  second.requests++
  second.bytesIn += exchange.bytesIn
  second.statuses.set(response.status, (second.statuses.get(response.status) ?? 0) + 1)
  if (failure) second.failures++
  if (failure?.kind === 'generator') return
  second.fromIntent.record(wholeUs(exchange.endMs - Math.min(plan.intentMs, call.calledMs)))
  if (call.sentMs > 0) second.latency.record(wholeUs(exchange.endMs - call.sentMs))
}

/** The first readable characters of a failed response, for the report's example. */
function bodyStart({ exchange: { chunks, headers } }: Call): string | undefined {
  if (headers['content-encoding']) return undefined
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const text = Buffer.concat(chunks, Math.min(600, length))
    .toString('utf8')
    .replace(/\p{C}+/gu, ' ')
    .trim()
  return text === '' ? undefined : text.slice(0, 300)
}

/** Distributions of a window, to be encoded one at a time. */
export function* distributionsOf(window: Window): Generator<RequestCell['latency']> {
  for (const cell of window.requests.values()) {
    yield* [cell.latency, cell.fromIntent, cell.dns, cell.connect, cell.tls, cell.firstByte]
  }
  for (const cell of window.workers.values()) yield* [cell.lag, cell.userLag, cell.sendLag, cell.latency]
  for (const cells of [window.iterations, window.steps, window.metrics]) {
    for (const cell of cells.values()) yield cell.duration
  }
}
