import type { PlannedTask } from '../../../../core/plan/plan.ts'
import { type Purpose, RandomStream, keyedStream } from '../../../../core/random.ts'
import { SwitchedRandom } from './switched-random.ts'

/**
 * All random draws of one life of a user. Draws depend only on keys. Iteration k therefore draws the same numbers on any worker, whatever happened
 * before.
 */
export class Draws {
  readonly random: SwitchedRandom
  readonly dataRandom: SwitchedRandom
  /** The arrival that is being served. The arrival is the key of all draws, and the rank for feeds. */
  arrival: { index: number; of: number } | null = null
  readonly #seed: number
  readonly #index: number
  readonly #life: number
  readonly #rows = new Map<object, number>()
  #attempt = 0
  /** An object that is reused for all streams of which only the first number is needed. */
  readonly #once = new RandomStream(0, 0, 0)

  constructor(seed: number, index: number, life: number) {
    this.#seed = seed
    this.#index = index
    this.#life = life
    this.random = new SwitchedRandom(seed, 'user')
    this.dataRandom = new SwitchedRandom(seed, 'data')
  }

  /** Returns the first number of the stream for one purpose in one iteration. */
  first(purpose: Purpose, iteration: number): number {
    return keyedStream(this.#seed, this.#keys(iteration), purpose, this.#once).next()
  }

  #keys(iteration: number): readonly number[] {
    const keys = this.arrival ? [-1, this.arrival.index, Math.min(iteration, 1)] : [this.#index, this.#life, iteration]
    if (this.#attempt > 0) keys[keys.length] = this.#attempt
    return keys
  }

  /** Selects the streams for the draws of one iteration. Iteration 0 is `onStart`, and each attempt to run `onStart` (from 0) draws other numbers. */
  turnTo(iteration: number, attempt = 0): void {
    this.#attempt = attempt
    const keys = this.#keys(iteration)
    this.random.turnTo(keys)
    this.dataRandom.turnTo(keys)
  }

  /** Returns the pause after a failed `onStart`, in milliseconds. The pause is 1 s, 2 s, 4 s … 30 s, shortened or lengthened by up to half. */
  retryMs(attempt: number): number {
    const jitter = 0.5 + this.first('retry', attempt)
    return Math.min(30_000, 1000 * 2 ** attempt) * jitter
  }

  /** Draws one of the tasks by weight. */
  task(tasks: readonly PlannedTask[], iteration: number): PlannedTask {
    const [only] = tasks
    if (only && tasks.length === 1) return only
    let total = 0
    for (const task of tasks) total += task.weight
    let left = this.first('task', iteration) * total
    for (const task of tasks) {
      left -= task.weight
      if (left < 0) return task
    }
    return tasks.at(-1) as PlannedTask
  }

  /** Counts a row of a feed, and returns the number of rows drawn before this row. */
  nextRow(feed: object): number {
    const drawn = this.#rows.get(feed) ?? 0
    this.#rows.set(feed, drawn + 1)
    return drawn
  }

  /** The number of rows that were drawn from each feed. */
  get rows(): ReadonlyMap<object, number> {
    return this.#rows
  }

  /**
   * Continues after `iterations` iterations in another process. Until the next iteration, only `onStop` may draw. It draws other numbers than the past
   * iterations. `arrival` is the last arrival that the user served.
   */
  goOn(iterations: number, arrival: Draws['arrival']): void {
    this.turnTo(iterations + 1)
    this.arrival = arrival
  }

  /** Continues after the rows that another process has drawn. */
  restoreRows(rows: Iterable<readonly [object, number]>): void {
    for (const [feed, drawn] of rows) this.#rows.set(feed, drawn)
  }

  /** The rank for feeds while an arrival runs; null outside of an arrival. */
  get arrivalRank(): { rank: number; of: number } | null {
    return this.arrival && { rank: this.arrival.index, of: this.arrival.of }
  }

  /** Begins the iteration of an arrival. The keys of streams and rows come from the arrival, and not from the pooled user. */
  beArrival(index: number, of: number): void {
    this.arrival = { index, of }
    this.forgetRows()
  }

  /**
   * Restarts the rows of all feeds. Called for each try of `onStart`, so that all tries get the same row of a `unique()` feed, and for each arrival.
   */
  forgetRows(): void {
    this.#rows.clear()
  }
}
