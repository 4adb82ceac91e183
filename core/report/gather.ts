import { GeneratorWatch } from '../verdict/generator.ts'
import { addTotals, totalsOf } from '../shard/ledger.ts'
import { mergeWindow } from '../window/merge.ts'
import { mergedCell, windowRowOf } from '../verdict/summary.ts'
import { type RequestCell, type Window, emptyRequestCell, emptyWindow, otherNames } from '../window/window.ts'
import { type Totals, zeroTotals } from '../window/wire.ts'
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
  #current: Window | undefined
  #bucket: { index: number; content: Window } | undefined

  /** `windows` is how many windows of the grid the run has; more than `windowCap` are merged with their neighbours. */
  constructor(windowMs: number, windows: number) {
    this.#windowMs = windowMs
    this.#perEntry = Math.max(1, Math.ceil(windows / windowCap))
    const totals = emptyWindow()
    this.#gathered = { totals, windows: [], watch: new GeneratorWatch(), tallies: new Map(), seen: 0, folded: 0 }
  }

  /** Takes over one piece of a window of one shard; it must not be used afterwards. Windows come in ascending order, the pieces of one in any. */
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
    this.#gathered.watch.see(this.#index, content.workers)
    const index = Math.floor(this.#index / this.#perEntry)
    if (this.#bucket?.index === index) mergeWindow(this.#bucket.content, content)
    else {
      this.#closeBucket()
      this.#bucket = { index, content }
    }
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
    return { at: index * seconds, seconds, requests: [windowRowOf(allOf(cells)), ...cells.map(windowRowOf)] }
  }
}

/** What a window's row needs of all names together: cheaper than merging whole cells, and there are many windows. */
function allOf(cells: readonly RequestCell[]): RequestCell {
  const all = emptyRequestCell('', '')
  for (const cell of cells) {
    all.requests += cell.requests
    all.failures += cell.failures
    all.latency.add(cell.latency)
  }
  return all
}
