import type { ConnectionMaker } from './connection/connector.ts'
import type { CookieBudget } from './cookies.ts'

/** Reports each limit of the worker once, when the limit has affected how the worker's users behave. */
export class Shortages {
  readonly #maker: ConnectionMaker
  readonly #cookies: CookieBudget
  readonly #told = new Set<string>()

  constructor(maker: ConnectionMaker, cookies: CookieBudget) {
    this.#maker = maker
    this.#cookies = cookies
  }

  /** Returns a notice for each limit that was reached and has not been reported yet. */
  news(): string[] {
    const { closedEarly, budget } = this.#maker
    const all: string[] = []
    if (closedEarly > 0)
      all.push(
        `idle connections were closed early: one worker can keep ${budget} connections open. To keep more connections open, start more workers with --workers`,
      )
    if (this.#cookies.refused)
      all.push('cookies were dropped: the cookies of all users of one worker may take at most 64 MiB')
    const fresh = all.filter((text) => !this.#told.has(text))
    for (const text of fresh) this.#told.add(text)
    return fresh
  }
}
