import type { HandOverPart } from './carried-user.ts'
import { usersIn } from './inheritance.ts'

/**
 * The pooled users that still finish an iteration in the previous worker. They keep their places in the pool, because the previous worker may hand
 * them over.
 */
export class AwaitedUsers {
  readonly #indexes = new Set<number>()

  get size(): number {
    return this.#indexes.size
  }

  /** Receives the first part of the hand-over. */
  begin({ pending }: HandOverPart): void {
    for (const index of pending) this.#indexes.add(index)
  }

  /** Receives a later part; null: no part will arrive. */
  inherit(part: HandOverPart | null): void {
    if (!part || part.last) return this.#indexes.clear()
    const carried = usersIn(part).map(({ index }) => index)
    for (const index of [...carried, ...part.anew, ...part.left, ...part.over]) this.#indexes.delete(index)
  }
}
