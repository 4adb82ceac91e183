import { addTotals, totalsOf } from '../../window/totals.ts'
import { GeneratorLag, dropLags } from '../../verdict/generator/lag.ts'
import { GeneratorWatch } from '../../verdict/generator/watch.ts'
import { markSeconds } from '../../window/by-second.ts'
import { mergeWindow } from '../../window/merge-windows.ts'
import { type Window, emptyWindow } from '../../window/window.ts'
import { type Totals, zeroTotals } from '../../window/message.ts'
import { bucketCap } from '../../window/histograms/compact.ts'
import { Buckets } from '../gather/buckets.ts'
import { type Gathered, bucketed } from '../gather/gather.ts'

/** All or some of the counts of one shard in one window, or in several windows of one minute. */
export interface Piece {
  shard: number
  window: number
  /** The numbers of all windows in the piece, ascending. Default: only `window`. */
  windows?: readonly number[]
  content: Window
}

/**
 * The counts so far. `buckets` contains only the counts of sealed windows, and `open` contains only the counts of open windows. All other fields
 * contain the counts of sealed and open windows.
 */
export interface LiveGathered extends Gathered {
  /** The counts of open windows, in buckets that are as long as the buckets of sealed windows. */
  open: Buckets
}

/**
 * Reads a run in progress: sealed windows once, in any order, and open windows repeatedly. A window may consist of several pieces. At most
 * `sectionCaps.names` names have their own row. `mergeWindow` chooses these names, independently of the order in which windows are read.
 */
export class LiveGathering {
  readonly #windowMs: number
  readonly #totals = emptyWindow()
  readonly #watch = new GeneratorWatch()
  readonly #lag = new GeneratorLag()
  readonly #tallies = new Map<number, Totals>()
  readonly #windows = new Set<number>()
  #buckets: Buckets

  /**
   * @param lengthS the planned length of the run in seconds; 0 if this length is unknown. If a window ends after the last of the 720
   * buckets, the length of each bucket doubles. This can happen more than once.
   */
  constructor(windowMs: number, lengthS: number) {
    this.#windowMs = windowMs
    this.#buckets = this.#bucketsOf(Math.max(1, Math.ceil(lengthS / bucketCap)))
  }

  /** The length of a bucket, in seconds. */
  get stepS(): number {
    return this.#buckets.stepS
  }

  /** Adds a piece of a sealed window. The caller must not use the piece after this call. */
  seal({ shard, window, windows = [window], content }: Piece): void {
    for (const one of windows) this.#makeRoom(one)
    markSeconds(content, window, this.#windowMs)
    this.#watch.see(content.workers.values())
    this.#lag.see(content.workers.values())
    this.#tallies.set(shard, addTotals(this.#tallies.get(shard) ?? zeroTotals, totalsOf(content)))
    this.#buckets.add(window, content)
    for (const one of windows) this.#windows.add(one)
    for (const worker of content.workers.values()) {
      worker.judged.clear()
      dropLags(worker)
    }
    mergeWindow(this.#totals, this.#bucketed(content))
    this.#buckets.fold(this.#totals.requests)
  }

  /** Returns the counts of all windows so far, including the open windows in `pieces`. Does not modify the pieces. */
  with(pieces: readonly Piece[]): LiveGathered {
    for (const { window } of pieces) this.#makeRoom(window)
    const [totals, tallies] = [emptyWindow(), new Map(this.#tallies)]
    const [watch, lag] = [this.#watch.copy(), this.#lag.copy()]
    const open = this.#bucketsOf(this.stepS)
    const windows = new Set(this.#windows)
    mergeWindow(totals, this.#totals)
    for (const { shard, window, content } of pieces) {
      watch.see(content.workers.values())
      lag.see(content.workers.values())
      tallies.set(shard, addTotals(tallies.get(shard) ?? zeroTotals, totalsOf(content)))
      open.add(window, content)
      windows.add(window)
      mergeWindow(totals, this.#bucketed(content))
    }
    // Moves the counts of each name without a row in `totals` to `(other names)`. Such a name also does not get a row later, when the open windows
    // are sealed.
    for (const buckets of [this.#buckets, open]) buckets.fold(totals.requests)
    return { totals, buckets: this.#buckets, open, watch, lag, tallies, seen: windows.size }
  }

  #makeRoom(window: number): void {
    const endS = ((window + 1) * this.#windowMs) / 1000
    while (endS > bucketCap * this.stepS) {
      const coarser = this.#bucketsOf(2 * this.stepS)
      coarser.absorb(this.#buckets)
      this.#buckets = coarser
      for (const cell of this.#totals.errors.values()) cell.seconds = halved(cell.seconds)
    }
  }

  #bucketsOf(stepS: number): Buckets {
    return new Buckets({ seconds: bucketCap * stepS }, this.#windowMs / 1000)
  }

  #bucketed(content: Window): Window {
    return bucketed(content, (second) => this.#buckets.bucketOf(second))
  }
}

/** Returns the same counts in buckets that are twice as long. */
function halved(counts: ReadonlyMap<number, number>): Map<number, number> {
  const halves = new Map<number, number>()
  for (const [bucket, count] of counts) {
    const half = Math.floor(bucket / 2)
    halves.set(half, (halves.get(half) ?? 0) + count)
  }
  return halves
}
