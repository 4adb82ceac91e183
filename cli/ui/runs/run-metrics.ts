import * as v from 'valibot'
import { type Report, reportSchema } from '../../../core/report/report.ts'
import type { RunEntry } from '../../../core/report/live/ui-protocol.ts'
import type { Measured } from '../../../core/report/metrics/measured.ts'
import { RunMeter } from '../../run/metrics/run-meter.ts'
import { storedFile } from './run-files.ts'
import { type Workshop, watchedRun } from '../workshop.ts'

/**
 * For this time in milliseconds after the end of a run, `/metrics` contains the final counts of the run. A monitoring system reads `/metrics` several
 * times within this time.
 */
const offeredMs = 5 * 60_000
/** At each request, burst reads the newest runs in progress, at most this many. burst also reads each run that it has read at an earlier request. */
const mostRuns = 20

interface Metered {
  meter: RunMeter
  last?: Measured | undefined
  /** The time at which burst noticed that the run had ended, in milliseconds of the monotonic clock. */
  endedAtMs?: number
}

/**
 * The metrics at `/metrics`. They contain the runs in progress, and each finished run for `offeredMs` after burst noticed the end of the run. A run
 * that was not in progress at any request for `/metrics` is not included.
 */
export class MetricsOfRuns {
  readonly #shop: Workshop
  readonly #list: () => Promise<readonly RunEntry[]>
  readonly #runs = new Map<string, Metered>()

  constructor(shop: Workshop, list: () => Promise<readonly RunEntry[]>) {
    this.#shop = shop
    this.#list = list
  }

  /** Returns the current metrics. If a run cannot be read at the moment, returns the previous metrics of the run. */
  async measure(): Promise<Measured[]> {
    const list = await this.#list()
    const running = new Set(list.filter(({ state }) => state === 'running').map(({ run }) => run))
    for (const run of [...running].slice(0, mostRuns)) if (!this.#runs.has(run)) await this.#meet(run)
    const found = await Promise.all(
      [...this.#runs].map(async ([run, metered]) => {
        if (!running.has(run)) metered.endedAtMs ??= performance.now()
        if (performance.now() - (metered.endedAtMs ?? Number.POSITIVE_INFINITY) > offeredMs) {
          this.#runs.delete(run)
          return undefined
        }
        metered.last = (await this.#figures(run, metered).catch(() => undefined)) ?? metered.last
        return metered.last
      }),
    )
    return found.filter((measured) => measured !== undefined)
  }

  async #meet(run: string): Promise<void> {
    const watched = await watchedRun(this.#shop, run).catch(() => undefined)
    if (watched) this.#runs.set(run, { meter: new RunMeter(watched) })
  }

  async #figures(run: string, { meter, last }: Metered): Promise<Measured | undefined> {
    if (last?.finished) return last
    const text = await storedFile(this.#shop, run, 'report.json')
    return text === undefined ? meter.measure() : meter.atEnd(readReport(text))
  }
}

/** Parses and validates a report, because a file on this machine may contain anything. */
function readReport(text: string): Report {
  return v.parse(v.pipe(v.string(), v.parseJson(), reportSchema), text)
}
