import { performance } from '../../../guard/built-ins.ts'
import type { Pauses } from './pauses.ts'

/** The pause between two iterations, or two tries of `onStart`: where a user can be handed over to another worker. */
export class Rest {
  /** When the pause ends that the user is in, or would be; null in an iteration. */
  untilMs: number | null = null
  /** Its worker hands the user over: it begins no iteration any more. */
  departing = false
  readonly #pauses: Pauses
  readonly #isOver: () => boolean

  /** @param isOver whether the user does not pause any more */
  constructor(pauses: Pauses, isOver: () => boolean) {
    this.#pauses = pauses
    this.#isOver = isOver
  }

  /** Waits; a user that is handed over takes what is left of it along. */
  async for(ms: number): Promise<void> {
    this.untilMs = performance.now() + ms
    if (this.departing) return
    await this.#pauses.pause(ms, this.#isOver())
    if (!this.departing) this.untilMs = null
  }

  /** The user is to end where it can be handed over: now if it rests. */
  depart(): void {
    this.departing = true
    if (this.untilMs !== null) this.#pauses.endAll()
  }
}
