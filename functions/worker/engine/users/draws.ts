import type { PlannedTask } from '../../../../core/plan/plan.ts'
import { type Purpose, RandomStream, keyedStream } from '../../../../core/random.ts'
import { SwitchedRandom } from './switched-random.ts'

/**
 * Makes all random draws of one life of a user. The draws depend only on the seed and on keys. Iteration k therefore draws the same numbers on any
 * worker, whatever happened in earlier iterations.
 */
export class Draws {
  readonly random: SwitchedRandom
  readonly dataRandom: SwitchedRandom
  /** The arrival that the user serves. All random draws depend on the number of the arrival, and feeds use this number as the user's rank. */
  arrival: { index: number; of: number } | null = null
  readonly #seed: number
  readonly #index: number
  readonly #life: number
  readonly #rows = new Map<object, number>()
  #attempt = 0
  /** A stream object that `first` reuses for each call, because `first` needs only the first number of a stream. */
  readonly #once = new RandomStream(0, 0, 0)

  constructor(seed: number, index: number, life: number) {
    this.#seed = seed
    this.#index = index
    this.#life = life
    this.random = new SwitchedRandom(seed, 'user')
    this.dataRandom = new SwitchedRandom(seed, 'data')
  }

  /**
   * Returns the first random number of the stream for a purpose and an iteration. The stream also depends on the seed and on the other keys that
   * `#keys` returns.
   */
  first(purpose: Purpose, iteration: number): number {
    return keyedStream(this.#seed, this.#keys(iteration), purpose, this.#once).next()
  }

  #keys(iteration: number): readonly number[] {
    const keys = this.arrival ? [-1, this.arrival.index, Math.min(iteration, 1)] : [this.#index, this.#life, iteration]
    if (this.#attempt > 0) keys[keys.length] = this.#attempt
    return keys
  }

  /**
   * Selects the streams for the draws of one iteration. Iteration 0 is `onStart`. The tries of `onStart` are counted from 0, and each try draws
   * different numbers.
   */
  turnTo(iteration: number, attempt = 0): void {
    this.#attempt = attempt
    const keys = this.#keys(iteration)
    this.random.turnTo(keys)
    this.dataRandom.turnTo(keys)
  }

  /**
   * Returns the pause after a failed try of `onStart`, in milliseconds. The pauses are 1 s, 2 s, 4 s … 30 s, each shortened or lengthened at random
   * by up to half.
   */
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

  /** Counts a row that the user draws from a feed. Returns the number of rows that the user has drawn from this feed before. */
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
   * Continues the draws of a user that has already done `iterations` iterations in another process. Until the next iteration begins, only `onStop`
   * can draw. The numbers for `onStop` differ from the numbers of the past iterations. `arrival` is the last arrival that the user served.
   */
  goOn(iterations: number, arrival: Draws['arrival']): void {
    this.turnTo(iterations + 1)
    this.arrival = arrival
  }

  /** Restores the number of rows that the user drew from each feed in another process. */
  restoreRows(rows: Iterable<readonly [object, number]>): void {
    for (const [feed, drawn] of rows) this.#rows.set(feed, drawn)
  }

  /** The user's rank for feeds while it serves an arrival; otherwise null. */
  get arrivalRank(): { rank: number; of: number } | null {
    return this.arrival && { rank: this.arrival.index, of: this.arrival.of }
  }

  /** Begins the iteration of an arrival. The streams and rows then depend on the arrival, and not on the pooled user. */
  beArrival(index: number, of: number): void {
    this.arrival = { index, of }
    this.forgetRows()
  }

  /**
   * Lets all feeds begin again with their first row. Called for each arrival. Also called for each try of `onStart`, so that all tries get the same
   * row of a `unique()` feed.
   */
  forgetRows(): void {
    this.#rows.clear()
  }
}
