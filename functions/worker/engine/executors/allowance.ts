import type { HandOverPart } from '../handover/carried-user.ts'

/** What each user of a slice may still do: iterations, if the plan limits them, and rows of its data. */
export class Allowance {
  readonly #most: number
  /** Iterations that each user has done in all its lives. */
  readonly #iterations = new Map<number, number>()
  /** Users for which no data is left. */
  readonly #exhausted = new Set<number>()

  /** @param iterations of one user; null: as many as it can do */
  constructor(iterations: number | null) {
    this.#most = iterations ?? Number.POSITIVE_INFINITY
  }

  /** Continues what the previous worker has counted. */
  take({ exhausted, iterations }: HandOverPart): void {
    for (const index of exhausted) this.#exhausted.add(index)
    for (const [index, count] of iterations) this.#iterations.set(index, count)
  }

  /** What the next worker must know. */
  get carried(): Pick<HandOverPart, 'exhausted' | 'iterations'> {
    return {
      exhausted: [...this.#exhausted],
      iterations: Number.isFinite(this.#most) ? [...this.#iterations] : [],
    }
  }

  mayGoOn(index: number): boolean {
    return !this.#exhausted.has(index) && (this.#iterations.get(index) ?? 0) < this.#most
  }

  iterated(index: number): void {
    this.#iterations.set(index, (this.#iterations.get(index) ?? 0) + 1)
  }

  exhaust(index: number): void {
    this.#exhausted.add(index)
  }
}
