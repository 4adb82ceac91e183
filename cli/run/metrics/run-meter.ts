import type { RunPlan } from '../../../core/plan/plan.ts'
import { LiveGathering } from '../../../core/report/live/live-gather.ts'
import { liveSnapshot } from '../../../core/report/live/snapshot.ts'
import { type Measured, measuredAtEnd, measuredSoFar } from '../../../core/report/metrics/measured.ts'
import { SteadyCounts } from '../../../core/report/metrics/steady-counts.ts'
import type { Report } from '../../../core/report/report.ts'
import type { Store } from '../../../functions/ports.ts'
import { ProgressReader } from '../progress.ts'

/** A run whose metrics are read from its store. */
export interface MeteredRun {
  plan: RunPlan
  store: Store
  /** Returns the current time of the run's clock in epoch milliseconds. */
  nowMs: () => number
}

/**
 * Reads the counts of a run, merged over all its workers. While the run is in progress, the counts come from the store. At the end of the run, they
 * come from the report.
 */
export class RunMeter {
  readonly run: MeteredRun
  readonly #reader: ProgressReader
  readonly #steady = new SteadyCounts()
  #gathering: LiveGathering
  #last: { etags: string; counted: ReturnType<LiveGathering['with']> } | undefined
  #reading: Promise<Measured | undefined> | undefined

  constructor(run: MeteredRun) {
    this.run = run
    this.#reader = new ProgressReader(run.store, run.plan)
    this.#gathering = gatheringOf(run)
  }

  /** Returns the current metrics; undefined if the run has no control file. Concurrent calls share one read of the store. */
  async measure(): Promise<Measured | undefined> {
    this.#reading ??= this.#measure().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  /** Returns the current metrics as `measure` does. Returns undefined when `signal` aborts, even if the read of the store never ends. */
  async measureUntil(signal: AbortSignal): Promise<Measured | undefined> {
    const aborted = Promise.withResolvers<undefined>()
    const abort = (): void => aborted.resolve(undefined)
    if (signal.aborted) return undefined
    signal.addEventListener('abort', abort)
    try {
      return await Promise.race([this.measure(), aborted.promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /**
   * Returns the metrics of the run after its end. Do not call `measure` after a call of this method.
   * @throws BurstError when a histogram of the report cannot be read
   */
  atEnd(report: Report): Measured {
    return this.#steady.next(measuredAtEnd(report))
  }

  async #measure(): Promise<Measured | undefined> {
    const progress = await this.#reader.read()
    if (!progress) return undefined
    const { state, pieces, hasAllPieces, etags } = progress
    if (hasAllPieces) this.#gathering = gatheringOf(this.run)
    for (const piece of pieces) this.#gathering.seal(piece)
    this.#reader.took(progress)
    const { plan, nowMs } = this.run
    if (this.#last?.etags !== etags) {
      const open = state.shards.flatMap(({ shard, open: windows }) =>
        [...windows].map(([window, content]) => ({ shard, window, content })),
      )
      this.#last = { etags, counted: this.#gathering.with(open) }
    }
    const live = liveSnapshot({ plan, ...state, nowMs: nowMs() })
    return this.#steady.next(measuredSoFar(plan, this.#last.counted, live))
  }
}

function gatheringOf({ plan }: MeteredRun): LiveGathering {
  // The length of the buckets, here 0, has no effect, because the counts over time are not used.
  return new LiveGathering(plan.windowMs, 0)
}
