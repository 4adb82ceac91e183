import { setTimeout as sleep } from 'node:timers/promises'
import { compress } from 'snappyjs'
import { type MetricFamily, metricFamilies } from '../../../../core/report/metrics/families.ts'
import { writeRequest } from '../../../../core/report/metrics/remote-write.ts'
import { SeriesWriter } from '../../../../core/report/metrics/written-series.ts'
import type { Report } from '../../../../core/report/report.ts'
import { onStopSignals } from '../../../ending/signals.ts'
import type { RunObserver } from '../../observer.ts'
import { headerMasker } from '../../../terminal/header-secrets.ts'
import { beginningOf, patienceMs, reasonOf } from '../receiver.ts'
import { type MeteredRun, RunMeter } from '../run-meter.ts'
import { DeliveryLog } from './delivery-log.ts'
import { type Outcome, WriteQueue } from './write-queue.ts'

/** The time in milliseconds between two messages. It equals the length of a window, because workers report after each window. */
const everyMs = 5000
/** The maximum number of series per message, as in Prometheus itself. */
const seriesCap = 2000
/** The time limit in milliseconds for the last messages. */
const lastMs = 30_000
/** The longest wait in milliseconds after a failed message. If a receiver requests a longer wait with `Retry-After`, burst waits only this long. */
const longestAskedMs = 60_000

export interface RemoteWriteTarget {
  url: URL
  headers: Record<string, string>
  say: (line: string) => void
}

/**
 * Pushes the metrics of a run to a receiver of Prometheus remote write 1.0 every 5 s. At the end, pushes the counts of the report and a stale marker
 * for each series.
 */
export class RemoteWrite implements RunObserver {
  readonly #target: RemoteWriteTarget
  readonly #masked: (text: string) => string
  readonly #over = new AbortController()
  readonly #closed = new AbortController()
  readonly #log: DeliveryLog
  readonly #queue: WriteQueue
  #meter: RunMeter | undefined
  #writer = new SeriesWriter(0)
  /**
   * Resolves when the pushes during the run have ended. They end immediately when `#over` aborts, even if a read of the store is still in progress.
   */
  #pushing: Promise<void> = Promise.resolve()

  constructor(target: RemoteWriteTarget) {
    this.#target = target
    this.#masked = headerMasker(target.headers)
    this.#log = new DeliveryLog(target.say)
    this.#queue = new WriteQueue({
      send: async (body) => this.#send(body),
      tried: (outcome) => this.#log.tried(outcome),
      dropped: (messages) => this.#log.dropped(messages),
    })
  }

  began(run: MeteredRun): void {
    this.#meter = new RunMeter(run)
    this.#writer = new SeriesWriter(run.plan.createdAt)
    this.#pushing = this.#push(this.#meter)
  }

  /** Sends the counts of the report, and a stale marker for each series. Returns after these messages have been sent, after 30 s, or after Ctrl-C. */
  async ended(report: Report): Promise<void> {
    this.#over.abort()
    const over = new AbortController()
    // The handler is installed before any wait. Without a handler, a signal would end the process without the exit code of the verdict.
    const release = onStopSignals(() => over.abort())
    const limit = sleep(lastMs, undefined, { signal: over.signal }).catch(() => undefined)
    try {
      await this.#pushing
      const meter = this.#meter as RunMeter
      this.#write(meter, metricFamilies([meter.atEnd(report)]))
      this.#write(meter, [])
      // The queue may wait before it sends a failed message again. `hurry` ends this wait, which could last as long as the time limit.
      this.#queue.hurry()
      await Promise.race([this.#queue.empty(), limit])
    } finally {
      over.abort()
      release()
    }
    this.#log.ended(this.#queue.waiting)
  }

  async close(): Promise<void> {
    this.#over.abort()
    this.#closed.abort()
    await Promise.all([this.#pushing, this.#queue.close()])
  }

  async #push(meter: RunMeter): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      await this.#measureAndWrite(meter)
    }
  }

  async #measureAndWrite(meter: RunMeter): Promise<void> {
    try {
      const measured = await meter.measureUntil(this.#over.signal)
      if (measured) this.#write(meter, metricFamilies([measured]))
    } catch (error) {
      this.#log.unread(reasonOf(error, this.#masked))
    }
  }

  #write({ run }: RunMeter, families: readonly MetricFamily[]): void {
    const written = this.#writer.write(families, run.nowMs())
    for (let from = 0; from < written.length; from += seriesCap)
      this.#queue.add(compress(writeRequest(written.slice(from, from + seriesCap))))
  }

  async #send(body: Uint8Array<ArrayBuffer>): Promise<Outcome> {
    try {
      const response = await fetch(this.#target.url, {
        method: 'POST',
        headers: {
          'user-agent': 'burst',
          ...this.#target.headers,
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
        },
        body,
        signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(patienceMs)]),
        // burst does not follow redirects, because the request contains credentials that only this receiver may get.
        redirect: 'manual',
      })
      return await this.#outcomeOf(response)
    } catch (error) {
      return { kind: 'failed', why: reasonOf(error, this.#masked) }
    }
  }

  /** Returns the outcome for a status, according to the specification of remote write 1.0. */
  async #outcomeOf(response: Response): Promise<Outcome> {
    const { status, headers } = response
    const text = await beginningOf(response)
    if (response.ok) return { kind: 'accepted' }
    const why = reasonOf(new Error(`status ${status}: ${text}`), this.#masked)
    if (status < 500 && status !== 429) return { kind: 'refused', why }
    return { kind: 'failed', why, waitMs: askedWaitMs(headers.get('retry-after')) }
  }
}

/**
 * Returns the wait in milliseconds from a `Retry-After` header, which contains seconds or a date. The wait is at most a minute. Returns undefined if
 * the header is missing or not valid, or its date is past.
 */
function askedWaitMs(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return ms > 0 ? Math.min(longestAskedMs, ms) : undefined
}
