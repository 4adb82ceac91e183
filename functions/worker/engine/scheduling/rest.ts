import { performance } from '../../../guard/built-ins.ts'
import type { Pauses } from './pauses.ts'

/** The pause between two iterations, or between two tries of `onStart`. Another worker can take a user over only in this pause. */
export class Rest {
  /** The planned end of the current pause; null during an iteration. */
  untilMs: number | null = null
  /** `true` if the worker is handing the user over. The user then begins no further iteration. */
  departing = false
  readonly #pauses: Pauses
  readonly #isOver: () => boolean
  #release: (() => void) | undefined

  /**
   * Creates the object for the pauses of one user.
   * @param isOver whether the user no longer pauses
   */
  constructor(pauses: Pauses, isOver: () => boolean) {
    this.#pauses = pauses
    this.#isOver = isOver
  }

  /** Pauses the user. If the user is handed over, it continues the pause in the next worker. */
  async for(ms: number): Promise<void> {
    this.untilMs = performance.now() + ms
    if (this.departing) return
    await this.#pauses.pause(ms, this.#isOver())
    if (!this.departing) this.untilMs = null
  }

  /** Pauses until `release` is called. */
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

  /** Ends the user at a point where it can be handed over: immediately if the user is pausing, otherwise after its iteration. */
  depart(): void {
    this.departing = true
    if (this.untilMs !== null) this.#pauses.endAll()
  }
}
