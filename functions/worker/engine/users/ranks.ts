/** The rank of a user among the planned users of some classes: what makes a row of data belong to one user of the whole fleet. */
export class Ranks {
  readonly #names: readonly string[]
  readonly #assigned: Uint16Array
  readonly #known = new Map<string, { ranks: Uint32Array; of: number }>()

  constructor(names: readonly string[], assigned: Uint16Array) {
    this.#names = names
    this.#assigned = assigned
  }

  /** Rank 0 … of − 1; all classes count when none is named. A user of another class ranks as the next of them would. */
  of(index: number, classes: readonly string[]): { rank: number; of: number } {
    if (classes.length === 0) return { rank: index, of: this.#assigned.length }
    const key = classes.join('\n')
    const known = this.#known.get(key) ?? this.#count(key, classes)
    return { rank: known.ranks[index] ?? 0, of: known.of }
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
