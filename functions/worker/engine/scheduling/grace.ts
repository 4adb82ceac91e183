import { clearTimeout, performance, setTimeout } from '../../../guard/built-ins.ts'

/** The time that remains for a user which was asked to stop. */
export class Grace {
  readonly #over = Promise.withResolvers<void>()
  #endsAtMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.limit(ms)
  }

  /** The time ends in `ms` at the latest. */
  limit(ms: number): void {
    const endsAtMs = performance.now() + ms
    if (endsAtMs >= this.#endsAtMs) return
    this.#endsAtMs = endsAtMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#over.resolve, ms)
  }

  /** Resolves when the life has ended or its time has expired. */
  async given(life: Promise<void>): Promise<void> {
    await Promise.race([life, this.#over.promise])
    clearTimeout(this.#timer)
  }
}
