import type { HandOverPart } from '../handover/carried-user.ts'
import type { EngineTurn } from '../handover/inheritance.ts'

/**
 * Decides whether a user of the slice may continue. A user must stop when it has used all its data rows, or when it has done the maximum number of
 * iterations that the plan allows for each user.
 */
export class Allowance {
  readonly #most: number
  /** The number of iterations that each user has done in all its lives; empty if the plan does not limit iterations. */
  readonly #iterations = new Map<number, number>()
  /** The users that have used all their data rows. */
  readonly #exhausted = new Set<number>()

  /**
   * Creates the allowance.
   * @param iterations the maximum number of iterations of one user; null if the plan does not limit iterations
   */
  constructor(iterations: number | null) {
    this.#most = iterations ?? Number.POSITIVE_INFINITY
  }

  /** Takes over the iteration counts and the exhausted users of the previous worker. */
  take({ inherited }: EngineTurn): void {
    if (inherited === null || inherited === 'nobody') return
    for (const index of inherited.exhausted) this.#exhausted.add(index)
    for (const [index, count] of inherited.iterations) this.#iterations.set(index, count)
  }

  /** Returns the iteration counts and the exhausted users, for the next worker. */
  get carried(): Pick<HandOverPart, 'exhausted' | 'iterations'> {
    return {
      exhausted: [...this.#exhausted],
      iterations: Number.isFinite(this.#most) ? [...this.#iterations] : [],
    }
  }

  mayGoOn(index: number): boolean {
    if (this.#most === Number.POSITIVE_INFINITY && this.#exhausted.size === 0) return true
    return !this.#exhausted.has(index) && (this.#iterations.get(index) ?? 0) < this.#most
  }

  iterated(index: number): void {
    if (this.#most === Number.POSITIVE_INFINITY) return
    this.#iterations.set(index, (this.#iterations.get(index) ?? 0) + 1)
  }

  exhaust(index: number): void {
    this.#exhausted.add(index)
  }
}
