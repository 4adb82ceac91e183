import { performance } from '../../../guard/built-ins.ts'
import type { Pauses } from './pauses.ts'

/**
 * The pauses of a user between two iterations, and between two tries of `onStart`. Only at these points can another worker take the user over. The
 * worker can do so even if the user does not pause there.
 */
export class Rest {
  /**
   * The planned end of the current pause, on the engine's clock. If `hold` began the pause, this is the beginning of the pause. Null during an
   * iteration.
   */
  untilMs: number | null = null
  /** `true` if the worker hands the user over, so that the user begins no further iteration. */
  departing = false
  readonly #pauses: Pauses
  readonly #isOver: () => boolean
  #release: (() => void) | undefined

  /**
   * Creates the object for one user.
   * @param isOver returns whether pauses of the user must end immediately
   */
  constructor(pauses: Pauses, isOver: () => boolean) {
    this.#pauses = pauses
    this.#isOver = isOver
  }

  /** Pauses the user for `ms`. If the user is handed over, it continues the pause in the next worker. */
  async for(ms: number): Promise<void> {
    this.untilMs = performance.now() + ms
    if (this.departing) return
    await this.#pauses.pause(ms, this.#isOver())
    if (!this.departing) this.untilMs = null
  }

  /** Pauses the user until `release` is called, or until all pauses of the user end. */
  async hold(): Promise<void> {
    this.untilMs = performance.now()
    if (this.departing) return
    const { ended, release } = this.#pauses.hold(this.#isOver())
    this.#release = release
    await ended
    this.#release = undefined
    if (!this.departing) this.untilMs = null
  }

  /** Ends the pause that `hold` began. */
  release(): void {
    this.#release?.()
  }

  /** Stops the user at a point where it can be handed over: immediately if it is pausing, otherwise after its iteration. */
  depart(): void {
    this.departing = true
    if (this.untilMs !== null) this.#pauses.endAll()
  }
}
