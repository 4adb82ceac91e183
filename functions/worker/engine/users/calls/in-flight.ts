/**
 * The calls that a user awaits from a target. Usually, the user awaits only one call. This call is stored in `#first`, because each change of a small
 * `Set` allocates memory.
 */
export class AwaitedByUser<T> implements Iterable<T> {
  #first: T | undefined
  #others: Set<T> | undefined

  add(one: T): void {
    if (this.#first === undefined) this.#first = one
    else (this.#others ??= new Set()).add(one)
  }

  delete(one: T): void {
    if (this.#first === one) this.#first = undefined
    else this.#others?.delete(one)
  }

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0)
  }

  /** Yields the calls. A call may be deleted while the loop runs. */
  *[Symbol.iterator](): Generator<T> {
    if (this.#first !== undefined) yield this.#first
    if (this.#others !== undefined) yield* this.#others
  }
}
