import type { PlannedTask } from '../../../../core/plan/plan.ts'
import { type Purpose, RandomStream, keyedStream } from '../../../../core/random.ts'
import { SwitchedRandom } from './switched-random.ts'

/**
 * Everything that one life of a user draws. Draws are keyed, so that iteration k draws the same on any worker, whatever happened before it.
 */
export class Draws {
  readonly random: SwitchedRandom
  readonly dataRandom: SwitchedRandom
  /** Set while an arrival runs: all draws are keyed by it, and feeds rank by it. */
  arrival: { index: number; of: number } | null = null
  readonly #seed: number
  readonly #index: number
  readonly #life: number
  readonly #rows = new Map<object, number>()
  #attempt = 0
  /** For what is drawn at once and once. */
  readonly #once = new RandomStream(0, 0, 0)

  constructor(seed: number, index: number, life: number) {
    this.#seed = seed
    this.#index = index
    this.#life = life
    this.random = new SwitchedRandom(seed, 'user')
    this.dataRandom = new SwitchedRandom(seed, 'data')
  }

  /** The first number of a stream, for one purpose of an iteration. */
  first(purpose: Purpose, iteration: number): number {
    return keyedStream(this.#seed, this.#keys(iteration), purpose, this.#once).next()
  }

  #keys(iteration: number): readonly number[] {
    const keys = this.arrival ? [-1, this.arrival.index, Math.min(iteration, 1)] : [this.#index, this.#life, iteration]
    if (this.#attempt > 0) keys[keys.length] = this.#attempt
    return keys
  }

  /**
   * Selects the streams that the scenario draws from in one iteration. 0 is `onStart`; each `attempt` of it (from 0) draws other numbers.
   */
  turnTo(iteration: number, attempt = 0): void {
    this.#attempt = attempt
    const keys = this.#keys(iteration)
    this.random.turnTo(keys)
    this.dataRandom.turnTo(keys)
  }

  /** The pause after a failed `onStart`, in milliseconds: 1, 2, 4 … 30 s, shortened or lengthened by up to half. */
  retryMs(attempt: number): number {
    const jitter = 0.5 + this.first('retry', attempt)
    return Math.min(30_000, 1000 * 2 ** attempt) * jitter
  }

  /** Draws one of the tasks by weight. */
  task(tasks: readonly PlannedTask[], iteration: number): PlannedTask {
    let total = 0
    for (const task of tasks) total += task.weight
    let left = this.first('task', iteration) * total
    for (const task of tasks) {
      left -= task.weight
      if (left < 0) return task
    }
    return tasks.at(-1) as PlannedTask
  }

  /** How many rows were drawn from a feed before this one; counts up. */
  nextRow(feed: object): number {
    const drawn = this.#rows.get(feed) ?? 0
    this.#rows.set(feed, drawn + 1)
    return drawn
  }

  /** How many rows were drawn from each feed. */
  get rows(): ReadonlyMap<object, number> {
    return this.#rows
  }

  /** Continues from the rows that another process drew last. */
  restoreRows(rows: Iterable<readonly [object, number]>): void {
    for (const [feed, drawn] of rows) this.#rows.set(feed, drawn)
  }

  /** The rank with which feeds begin while an arrival runs; null outside of an arrival. */
  get arrivalRank(): { rank: number; of: number } | null {
    return this.arrival && { rank: this.arrival.index, of: this.arrival.of }
  }

  /** Begins the iteration of an arrival: streams and rows are keyed by the arrival, not by the pooled user. */
  beArrival(index: number, of: number): void {
    this.arrival = { index, of }
    this.forgetRows()
  }

  /** Starts the rows again, for each try of `onStart` and each arrival: a user has the same row of a `unique()` feed in all tries. */
  forgetRows(): void {
    this.#rows.clear()
  }
}
