import { GeneratorWatch } from '../generator.ts'
import { addTotals, totalsOf } from '../ledger.ts'
import { mergeWindow } from '../merge.ts'
import { mergedCell, windowRowOf } from '../summary.ts'
import { type RequestCell, type Window, emptyWindow, otherNames } from '../window.ts'
import { type Totals, zeroTotals } from '../wire.ts'
import type { WindowEntry } from './report.ts'

/** Request names that a report keeps apart; what comes after them is counted in the row `(other names)`. */
export const rowCap = 1000
/** Entries that `windows[]` of a report has at most. */
export const windowCap = 720

/** A whole run, as far as a report needs it. */
export interface Gathered {
  totals: Window
  windows: WindowEntry[]
  watch: GeneratorWatch
  /** What the windows hold, by shard. */
  tallies: Map<number, Totals>
  /** Windows of the grid that had something in them. */
  seen: number
  /** Requests that were counted in `(other names)` because the report's own rows were full. */
  folded: number
}

/**
 * Reads a run's windows in ascending order, several pieces to a window if need be, and keeps of each no more than the report shows: one
 * window's histograms are in memory at a time, beside the totals.
 */
export class Gathering {
  readonly #windowMs: number
  readonly #perEntry: number
  readonly #names = new Set<string>()
  readonly #gathered: Gathered
  #index = -1
  #current = emptyWindow()
  #bucket: { index: number; content: Window } | undefined

  /** `windows` is how many windows of the grid the run has; more than `windowCap` are merged with their neighbours. */
  constructor(windowMs: number, windows: number) {
    this.#windowMs = windowMs
    this.#perEntry = Math.max(1, Math.ceil(windows / windowCap))
    const totals = emptyWindow()
    this.#gathered = { totals, windows: [], watch: new GeneratorWatch(), tallies: new Map(), seen: 0, folded: 0 }
  }

  /** Takes one piece of a window of one shard. Windows come in ascending order, the pieces of one in any. */
  add(shard: number, index: number, piece: Window): void {
    if (index < this.#index) throw new RangeError(`window ${index} came after window ${this.#index}`)
    if (index > this.#index) this.#closeWindow()
    this.#index = index
    const { tallies } = this.#gathered
    tallies.set(shard, addTotals(tallies.get(shard) ?? zeroTotals, totalsOf(piece)))
    mergeWindow(this.#current, this.#fold(piece))
  }

  /** All that was read. Nothing can be added after it. */
  end(): Gathered {
    this.#closeWindow()
    this.#closeBucket()
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
    const kept = emptyWindow()
    mergeWindow(kept, { ...piece, requests })
    kept.requests.set(otherNames, { ...mergedCell(others), name: otherNames, tags: [] })
    return kept
  }

  #keeps(key: string, cell: RequestCell): boolean {
    if (cell.name === otherNames) return false
    if (this.#names.size < rowCap) this.#names.add(key)
    if (this.#names.has(key)) return true
    this.#gathered.folded += cell.requests
    return false
  }

  #closeWindow(): void {
    if (this.#index === -1) return
    this.#gathered.seen++
    this.#gathered.watch.see(this.#index, this.#current.workers)
    const index = Math.floor(this.#index / this.#perEntry)
    if (this.#bucket?.index === index) mergeWindow(this.#bucket.content, this.#current)
    else {
      this.#closeBucket()
      this.#bucket = { index, content: this.#current }
    }
    this.#current = emptyWindow()
  }

  #closeBucket(): void {
    if (!this.#bucket) return
    const { index, content } = this.#bucket
    const { windows, totals } = this.#gathered
    while (windows.length < index) windows.push(this.#entry(windows.length, []))
    windows.push(this.#entry(index, [...content.requests.values()]))
    mergeWindow(totals, content)
    this.#bucket = undefined
  }

  #entry(index: number, cells: RequestCell[]): WindowEntry {
    const seconds = (this.#perEntry * this.#windowMs) / 1000
    return { at: index * seconds, seconds, requests: [windowRowOf(mergedCell(cells)), ...cells.map(windowRowOf)] }
  }
}
