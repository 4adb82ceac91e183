import { clearTimeout, performance, setTimeout } from '../../../guard/built-ins.ts'

/** The time that a user has left after it was asked to stop. */
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

  /** Resolves when the life has ended or its time has run out. */
  async given(life: Promise<void>): Promise<void> {
    await Promise.race([life, this.#over.promise])
    clearTimeout(this.#timer)
  }
}
