import { performance } from '../../../guard/built-ins.ts'
import {
  type SecondCell,
  type Window,
  type WorkerCell,
  emptySecondCell,
  emptyWindow,
  emptyWorkerCell,
} from '../../../../core/window/window.ts'
import { type Totals, zeroTotals } from '../../../../core/window/message.ts'

/** The counts that belong to one window of the run and have not been handed over yet. */
export interface Cut {
  /** The number of the window: 0, 1, 2 … since the start of the run. */
  place: number
  window: Window
  worker: WorkerCell
  totals: Totals
}

/**
 * The counts of one attempt of a slice, grouped by window of the run. When a window is handed over, its counts are removed from this object. If a
 * count for the same window arrives later, a second `Cut` of that window is created.
 */
export class Cuts {
  readonly #slice: number
  readonly #attempt: number
  readonly #windowMs: number
  readonly #cuts = new Map<number, Cut>()
  #startMs = Number.POSITIVE_INFINITY
  #present: Cut | undefined
  #presentFromMs = Number.NEGATIVE_INFINITY
  #presentUntilMs = Number.POSITIVE_INFINITY

  constructor({ slice, attempt, windowMs }: { slice: number; attempt: number; windowMs: number }) {
    this.#slice = slice
    this.#attempt = attempt
    this.#windowMs = windowMs
  }

  /** Sets the beginning of the first window, on the engine's clock. Events that occur earlier count in the first window. */
  startAt(startMs: number): void {
    this.#startMs = startMs
    if (this.#present) this.#turnTo(this.#present.place)
  }

  /** Returns the time between the start of the run and the moment `ms` on the engine's clock, in milliseconds. */
  sinceStart(ms: number): number {
    return ms - this.#startMs
  }

  /** The current window. */
  now(): Cut {
    return this.at(performance.now())
  }

  /** Returns the window that contains a moment of the engine's clock. */
  at(ms: number): Cut {
    if (this.#present && ms >= this.#presentFromMs && ms < this.#presentUntilMs) return this.#present
    return this.#cutAt(this.#placeOf(ms))
  }

  #cutAt(place: number): Cut {
    const cut = this.#cuts.get(place) ?? this.#begin(place)
    if (place > (this.#present?.place ?? -1)) {
      this.#present = cut
      this.#turnTo(place)
    }
    return cut
  }

  /** Returns the counts of one second of the run. `at` is the number of the second; the first second is number 0. */
  second(at: number): SecondCell {
    const { seconds } = this.#cutAt(Math.floor((at * 1000) / this.#windowMs)).window
    return within(seconds, at, emptySecondCell)
  }

  /**
   * Removes and returns the counts, in the order of the windows. If `whole` is true and an earlier window has counts, the counts of the current
   * window are neither removed nor returned.
   */
  take(whole: boolean): Cut[] {
    const present = this.at(performance.now())
    const all = [...this.#cuts.values()].toSorted((a, b) => a.place - b.place)
    const over = all.filter((cut) => cut.place < present.place)
    const taken = whole && over.length > 0 ? over : all
    for (const cut of taken) this.#cuts.delete(cut.place)
    if (taken.includes(present)) this.#present = undefined
    return taken
  }

  #placeOf(ms: number): number {
    return Math.max(0, Math.floor((ms - this.#startMs) / this.#windowMs))
  }

  #turnTo(place: number): void {
    this.#presentFromMs = place === 0 ? Number.NEGATIVE_INFINITY : this.#startMs + place * this.#windowMs
    this.#presentUntilMs = this.#startMs + (place + 1) * this.#windowMs
  }

  #begin(place: number): Cut {
    const worker = emptyWorkerCell(this.#slice, this.#attempt)
    const cut = { place, window: emptyWindow(), worker, totals: { ...zeroTotals } }
    cut.window.workers.set(`${this.#slice}-${this.#attempt}`, worker)
    this.#cuts.set(place, cut)
    return cut
  }
}

export function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
