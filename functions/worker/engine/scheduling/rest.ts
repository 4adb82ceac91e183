import { performance } from '../../../guard/built-ins.ts'
import type { Pauses } from './pauses.ts'

/** The pause between two iterations, or between two tries of `onStart`: the time in which a user can be handed over to another worker. */
export class Rest {
  /** When the present pause ends, or would end; null in an iteration. */
  untilMs: number | null = null
  /** Its worker hands the user over: it begins no further iteration. */
  departing = false
  readonly #pauses: Pauses
  readonly #isOver: () => boolean
  #release: (() => void) | undefined

  /** @param isOver whether the user no longer pauses */
  constructor(pauses: Pauses, isOver: () => boolean) {
    this.#pauses = pauses
    this.#isOver = isOver
  }

  /** Pauses. A user that is handed over takes the rest of the pause along. */
  async for(ms: number): Promise<void> {
    this.untilMs = performance.now() + ms
    if (this.departing) return
    await this.#pauses.pause(ms, this.#isOver())
    if (!this.departing) this.untilMs = null
  }

  /** Pauses until it is released. */
  async hold(): Promise<void> {
    this.untilMs = performance.now()
    if (this.departing) return
    const { ended, release } = this.#pauses.hold(this.#isOver())
    this.#release = release
    await ended
    this.#release = undefined
    if (!this.departing) this.untilMs = null
  }

  /** Ends the pause of `hold`. */
  release(): void {
    this.#release?.()
  }

  /** Ends the user where it can be handed over: at once if it pauses. */
  depart(): void {
    this.departing = true
    if (this.untilMs !== null) this.#pauses.endAll()
  }
}
