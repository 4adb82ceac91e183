import { GeneratorLag, dropLags } from '../../verdict/generator/lag.ts'
import { GeneratorWatch } from '../../verdict/generator/watch.ts'
import { addTotals, totalsOf } from '../../window/totals.ts'
import { mergeWindow } from '../../window/merge-windows.ts'
import { windowsPerMinute } from '../../shard/compaction.ts'
import { markSeconds } from '../../window/by-second.ts'
import { type ErrorCell, type Window, emptyWindow } from '../../window/window.ts'
import { type Totals, zeroTotals } from '../../window/message.ts'
import { Buckets, type RunLength } from './buckets.ts'

/** The counts of a whole run, in the form that a report needs. */
export interface Gathered {
  /**
   * The counts of the whole run. The field `seconds` of a failure contains counts by bucket instead of counts by second. The field `workers` does not
   * contain the distributions of the lag; they are in `lag`. The field `workers` does not contain the judged seconds; their sums are in `watch`.
   */
  totals: Window
  /** The counts over time. */
  buckets: Buckets
  watch: GeneratorWatch
  lag: GeneratorLag
  /** The totals of all windows, by shard. */
  tallies: Map<number, Totals>
  /** The number of windows that have counts. */
  seen: number
}

/**
 * Reads the windows of a run minute by minute, and keeps only the data for the report. Besides the totals, only the histograms of one minute are in
 * memory. A window may consist of several pieces. The division of windows into pieces does not affect the result. The order of the pieces of one
 * minute does not affect the result either.
 */
export class Gathering {
  readonly #gathered: Gathered
  readonly #windowMs: number
  readonly #seen = new Set<number>()
  #minute = -1
  #current: Window | undefined

  constructor(windowMs: number, length: RunLength) {
    const buckets = new Buckets(length, windowMs / 1000)
    const [totals, watch] = [emptyWindow(), new GeneratorWatch()]
    this.#windowMs = windowMs
    this.#gathered = { totals, buckets, watch, lag: new GeneratorLag(), tallies: new Map(), seen: 0 }
  }

  /**
   * Adds one piece of one shard. The caller must not use the piece after this call. The caller adds the minutes in ascending order, and the pieces of
   * one minute in any order.
   * @param windows the numbers of all windows in the piece, ascending. Default: only `first`
   * @throws RangeError when the minute of `first` is before the minute of an earlier piece
   */
  add(shard: number, first: number, content: Window, windows: readonly number[] = [first]): void {
    const minute = Math.floor(first / windowsPerMinute(this.#windowMs))
    if (minute < this.#minute) throw new RangeError(`window ${first} came after minute ${this.#minute}`)
    if (minute > this.#minute) this.#closeMinute()
    this.#minute = minute
    for (const window of windows) this.#seen.add(window)
    const { tallies, lag } = this.#gathered
    lag.see(content.workers.values())
    for (const worker of content.workers.values()) dropLags(worker)
    tallies.set(shard, addTotals(tallies.get(shard) ?? zeroTotals, totalsOf(content)))
    markSeconds(content, first, this.#windowMs)
    if (!this.#current) this.#current = emptyWindow()
    mergeWindow(this.#current, content)
  }

  /** Returns the counts of all added windows. The caller must not add a window after this call. */
  end(): Gathered {
    this.#closeMinute()
    this.#gathered.seen = this.#seen.size
    return this.#gathered
  }

  #closeMinute(): void {
    const content = this.#current
    if (!content) return
    this.#current = undefined
    this.#gathered.watch.see(content.workers.values())
    // Removes each worker's counts per second, because these counts would need too much memory in a long run.
    for (const worker of content.workers.values()) worker.judged.clear()
    const { buckets, totals } = this.#gathered
    buckets.add(this.#minute * windowsPerMinute(this.#windowMs), content)
    mergeWindow(
      totals,
      bucketed(content, (second) => buckets.bucketOf(second)),
    )
    buckets.fold(totals.requests)
  }
}

/**
 * Converts a window to a form that can be added to the totals. Removes the counts per second of each name, because the buckets already contain these
 * counts. Converts the counts per second of each failure to counts per bucket.
 */
export function bucketed(window: Window, bucketOf: (second: number) => number): Window {
  const requests = new Map([...window.requests].map(([key, cell]) => [key, { ...cell, seconds: new Map() }]))
  const errors = new Map(
    [...window.errors].map(([key, cell]) => [key, { ...cell, seconds: inBuckets(cell, bucketOf) }]),
  )
  return { ...window, requests, errors }
}

function inBuckets({ seconds }: ErrorCell, bucketOf: (second: number) => number): Map<number, number> {
  const buckets = new Map<number, number>()
  for (const [second, count] of seconds) {
    const bucket = bucketOf(second)
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + count)
  }
  return buckets
}
