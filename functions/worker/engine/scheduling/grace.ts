import { clearTimeout, performance, setTimeout } from '../../../guard/built-ins.ts'

/** The time that remains for a user that was asked to stop. */
export class Grace {
  readonly #over = Promise.withResolvers<void>()
  #endsAtMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.limit(ms)
  }

  /** Limits the remaining time to `ms`. */
  limit(ms: number): void {
    const endsAtMs = performance.now() + ms
    if (endsAtMs >= this.#endsAtMs) return
    this.#endsAtMs = endsAtMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#over.resolve, ms)
  }

  /** Resolves when the user's life has ended, or when the remaining time has passed. */
  async given(life: Promise<void>): Promise<void> {
    await Promise.race([life, this.#over.promise])
    clearTimeout(this.#timer)
  }
}
