import { type RunPlan, assignClasses } from '../../../../core/plan/plan.ts'

/** Stored as the rank of a user whose class is not one of the named classes (see `Ranks.of`). */
const unranked = 2 ** 32 - 1

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
   * Returns the rank of a user among the planned users of the named classes, from 0, and the number of these users (`of`). If no class is named, the
   * users of all classes are included. A user that was added during the run gets a rank of at least `of`.
   * @throws TypeError for a planned user of another class, because such a user would get the same rows as a user of a named class
   */
  of(index: number, classes: readonly string[]): { rank: number; of: number } {
    if (classes.length === 0) return { rank: index, of: this.#assigned.length }
    const key = classes.join('\n')
    const known = this.#known.get(key) ?? this.#count(key, classes)
    const rank = known.ranks[index] ?? known.of
    if (rank === unranked) throw this.#ofAnotherClass(index, classes)
    return { rank, of: known.of }
  }

  #ofAnotherClass(index: number, classes: readonly string[]): TypeError {
    const own = this.#names[this.#assigned[index] ?? 0] ?? ''
    const list = classes.map((name) => `'${name}'`).join(', ')
    return new TypeError(
      `a user of class ${own} draws from unique({ users: [${list}] }), which has rows only for users of these classes; add '${own}' to the list, or use another feed`,
    )
  }

  #count(key: string, classes: readonly string[]): { ranks: Uint32Array; of: number } {
    const wanted = new Set(classes.map((name) => this.#names.indexOf(name)))
    const ranks = new Uint32Array(this.#assigned.length)
    let of = 0
    this.#assigned.forEach((one, index) => {
      ranks[index] = wanted.has(one) ? of++ : unranked
    })
    const made = { ranks, of: Math.max(1, of) }
    this.#known.set(key, made)
    return made
  }
}
