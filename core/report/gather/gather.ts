import { GeneratorWatch } from '../../verdict/generator.ts'
import { addTotals, totalsOf } from '../../window/totals.ts'
import { mergeWindow } from '../../window/merge-windows.ts'
import { mergedCell } from '../../verdict/summary.ts'
import { type ErrorCell, type RequestCell, type Window, emptyWindow, otherNames } from '../../window/window.ts'
import { type Totals, zeroTotals } from '../../window/message.ts'
import { Buckets, type RunLength } from './buckets.ts'

/** The most request names that a report keeps apart; further names are counted in the row `(other names)`. */
export const rowCap = 1000
/** The counts of a whole run, in the form that a report needs. */
export interface Gathered {
  /** The whole run; `seconds` of its failures are buckets. */
  totals: Window
  /** The counts over time. */
  buckets: Buckets
  watch: GeneratorWatch
  /** The totals of the windows' contents, by shard. */
  tallies: Map<number, Totals>
  /** How many windows of the grid have content. */
  seen: number
  /** How many requests were counted in `(other names)` because the report's own rows were full. */
  folded: number
}

/**
 * Reads a run's windows in ascending order, possibly in several pieces per window, and keeps only what the report shows. Besides the
 * totals, only one window's histograms are in memory at a time.
 */
export class Gathering {
  readonly #names = new Set<string>()
  readonly #gathered: Gathered
  #index = -1
  #current: Window | undefined

  constructor(windowMs: number, length: RunLength) {
    const buckets = new Buckets(length, windowMs / 1000)
    const [totals, watch] = [emptyWindow(), new GeneratorWatch()]
    this.#gathered = { totals, buckets, watch, tallies: new Map(), seen: 0, folded: 0 }
  }

  /**
   * Takes over one piece of a window of one shard; the caller must not use it afterwards. Windows arrive in ascending order, the pieces of
   * one window in any order.
   */
  add(shard: number, index: number, piece: Window): void {
    if (index < this.#index) throw new RangeError(`window ${index} came after window ${this.#index}`)
    if (index > this.#index) this.#closeWindow()
    this.#index = index
    const { tallies } = this.#gathered
    tallies.set(shard, addTotals(tallies.get(shard) ?? zeroTotals, totalsOf(piece)))
    const folded = this.#fold(piece)
    if (this.#current) mergeWindow(this.#current, folded)
    else this.#current = folded
  }

  /** Everything that was read. Nothing can be added afterwards. */
  end(): Gathered {
    this.#closeWindow()
    return this.#gathered
  }

  #fold(piece: Window): Window {
    const requests: Window['requests'] = new Map()
    const others: RequestCell[] = []
    for (const [key, cell] of [...piece.requests].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (this.#keeps(key, cell)) requests.set(key, cell)
      else others.push(cell)
    }
    if (others.length === 0) return piece
    requests.set(otherNames, { ...mergedCell(others), name: otherNames, tags: [] })
    return { ...piece, requests }
  }

  #keeps(key: string, cell: RequestCell): boolean {
    if (cell.name === otherNames) return false
    if (this.#names.size < rowCap) this.#names.add(key)
    if (this.#names.has(key)) return true
    this.#gathered.folded += cell.requests
    return false
  }

  #closeWindow(): void {
    const content = this.#current
    if (!content) return
    this.#current = undefined
    this.#gathered.seen++
    this.#gathered.watch.see(content.workers.values())
    // The details per second and worker are too much to keep for a whole run.
    for (const worker of content.workers.values()) worker.judged.clear()
    const { buckets, totals } = this.#gathered
    buckets.add(this.#index, content)
    mergeWindow(
      totals,
      bucketed(content, (second) => buckets.bucketOf(second)),
    )
  }
}

/**
 * A window in the form in which it is added to the totals: names without their seconds, which the buckets contain; failures by bucket
 * instead of by second.
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
