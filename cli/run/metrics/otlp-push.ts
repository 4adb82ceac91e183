import { setTimeout as sleep } from 'node:timers/promises'
import { metricFamilies } from '../../../core/report/metrics/families.ts'
import type { Measured } from '../../../core/report/metrics/measured.ts'
import { otlpRequest } from '../../../core/report/metrics/otlp.ts'
import type { Report } from '../../../core/report/report.ts'
import { onStopSignals } from '../../ending/signals.ts'
import { headerMasker } from '../../terminal/header-secrets.ts'
import type { RunObserver } from '../observer.ts'
import { type ReceiverOption, beginningOf, patienceMs, reasonOf, receiverHeaders, receiverUrl } from './receiver.ts'
import { type MeteredRun, RunMeter } from './run-meter.ts'

/** The wait in milliseconds before each message. It equals the length of a window, because workers report after each window. */
const everyMs = 5000
/** The number of attempts to send the last message. */
const lastTries = 3

const option: ReceiverOption = {
  flag: '--otlp',
  example: 'http://localhost:4318/v1/metrics',
  credentials: 'put headers, such as an authorization header, in OTEL_EXPORTER_OTLP_HEADERS',
}

/**
 * Parses `--otlp http://localhost:4318/v1/metrics`. If the URL has no path, the default path of OTLP is added.
 * @throws BurstError (104) when the value is not an http or https URL, or contains credentials
 */
export function otlpUrl(text: string): URL {
  return receiverUrl(text, option)
}

/**
 * Parses the headers of `OTEL_EXPORTER_OTLP_HEADERS`. The format is `name=value,name=value`, with percent-encoded values.
 * @throws BurstError (104) when the text cannot be parsed or sets a header that only burst may set; the message does not contain the values, because
 * they may be secret
 */
export function otlpHeaders(text = ''): Record<string, string> {
  return receiverHeaders(text, 'OTEL_EXPORTER_OTLP_HEADERS')
}

export interface OtlpTarget {
  url: URL
  headers: Record<string, string>
  say: (line: string) => void
}

/**
 * Pushes the metrics of a run to an OTLP receiver. Waits 5 s before each message. At most one message is in flight. There is no queue of messages,
 * because the counts are cumulative: the next message also contains the counts of a lost message. Reports the first failure, and the first success
 * after a failure.
 */
export class OtlpPush implements RunObserver {
  readonly #target: OtlpTarget
  readonly #over = new AbortController()
  /** Aborted if a person asks burst to stop while burst sends the last message. */
  readonly #asked = new AbortController()
  #meter: RunMeter | undefined
  #pushing: Promise<void> = Promise.resolve()
  #failing = false

  constructor(target: OtlpTarget) {
    this.#target = target
  }

  began(run: MeteredRun): void {
    this.#meter = new RunMeter(run)
    this.#pushing = this.#push(this.#meter)
  }

  /** Sends the last message, which contains the counts of the report. Makes at most three attempts. Ctrl-C ends the attempts. */
  async ended(report: Report): Promise<void> {
    // The handler is installed before any wait. Without a handler, a signal would end the process without the exit code of the verdict.
    const release = onStopSignals(() => this.#asked.abort())
    try {
      await this.close()
      const meter = this.#meter as RunMeter
      const isAccepted = await this.#sendLast(meter, meter.atEnd(report))
      if (!isAccepted) this.#target.say('metrics: the OTLP receiver did not accept the last counts')
    } finally {
      release()
    }
  }

  async close(): Promise<void> {
    this.#over.abort()
    await this.#pushing
  }

  async #push(meter: RunMeter): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      await this.#measureAndSend(meter)
    }
  }

  async #measureAndSend(meter: RunMeter): Promise<void> {
    try {
      const measured = await meter.measureUntil(this.#over.signal)
      if (measured) await this.#send(meter, measured)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** @returns true if the receiver accepted the message */
  async #sendLast(meter: RunMeter, last: Measured): Promise<boolean> {
    const { signal } = this.#asked
    for (let tries = 1; tries <= lastTries && !signal.aborted; tries++) {
      if (await this.#send(meter, last)) return true
      if (tries < lastTries) await sleep(1000, undefined, { signal }).catch(() => undefined)
    }
    return false
  }

  /** @returns true if the receiver accepted the message */
  async #send({ run: { plan, nowMs } }: RunMeter, measured: Measured): Promise<boolean> {
    const times = { startMs: plan.createdAt, nowMs: nowMs() }
    try {
      const response = await fetch(this.#target.url, {
        method: 'POST',
        headers: { ...this.#target.headers, 'content-type': 'application/json' },
        body: JSON.stringify(otlpRequest(metricFamilies([measured]), plan.build, times)),
        signal: AbortSignal.any([this.#asked.signal, AbortSignal.timeout(patienceMs)]),
        redirect: 'error',
      })
      const text = await beginningOf(response)
      if (!response.ok) throw new Error(`status ${response.status}: ${text}`)
    } catch (error) {
      if (!this.#asked.signal.aborted) this.#failed(error)
      return false
    }
    if (this.#failing) this.#target.say('metrics: the OTLP receiver accepts messages again')
    this.#failing = false
    return true
  }

  #failed(error: unknown): void {
    if (!this.#failing) {
      const why = reasonOf(error, headerMasker(this.#target.headers))
      this.#target.say(`metrics: the OTLP receiver did not accept a message: ${why}`)
    }
    this.#failing = true
  }
}
