import { type RunPlan, assignClasses } from '../../../../core/plan/plan.ts'

/**
 * Computes the rank of a user among the planned users of some classes. The rank determines which rows of data belong to the user. Each row belongs to
 * only one user of the run.
 */
export class Ranks {
  readonly #names: readonly string[]
  readonly #assigned: Uint16Array
  readonly #known = new Map<string, { ranks: Uint32Array; of: number }>()

  /** Counts only planned users, because rows of data belong only to planned users. Users that are added during the run receive no rows. */
  constructor({ classes, users }: Pick<RunPlan, 'classes' | 'users'>) {
    this.#names = classes.map(({ name }) => name)
    this.#assigned = assignClasses(classes, users)
  }

  /**
   * Returns the rank of a user among the planned users of the named classes, from 0, and the number of these users (`of`). If no class is named, all
   * classes count. A user of another class gets the rank of the next user with a named class. A user that was added during the run gets the rank
   * `of`.
   */
  of(index: number, classes: readonly string[]): { rank: number; of: number } {
    if (classes.length === 0) return { rank: index, of: this.#assigned.length }
    const key = classes.join('\n')
    const known = this.#known.get(key) ?? this.#count(key, classes)
    return { rank: known.ranks[index] ?? known.of, of: known.of }
  }

  #count(key: string, classes: readonly string[]): { ranks: Uint32Array; of: number } {
    const wanted = new Set(classes.map((name) => this.#names.indexOf(name)))
    const ranks = new Uint32Array(this.#assigned.length)
    let of = 0
    this.#assigned.forEach((one, index) => {
      ranks[index] = of
      if (wanted.has(one)) of++
    })
    const made = { ranks, of: Math.max(1, of) }
    this.#known.set(key, made)
    return made
  }
}
