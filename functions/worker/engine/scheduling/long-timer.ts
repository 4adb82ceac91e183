import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'

/** The longest time, in milliseconds, that `setTimeout` accepts. With a longer time, `setTimeout` would call its function at once. */
const longestPartMs = 2_147_483_647

/** A timer for a time of any length, because a scenario may set a time of up to a year. A long time is divided into parts. */
export class LongTimer {
  readonly #due: () => void
  #timer: NodeJS.Timeout

  /** @param ms the time in milliseconds, which may be infinite */
  constructor(due: () => void, ms: number) {
    this.#due = due
    this.#timer = this.#begin(ms)
  }

  clear(): void {
    clearTimeout(this.#timer)
  }

  #begin(ms: number): NodeJS.Timeout {
    return setTimeout(
      () => {
        if (ms > longestPartMs) this.#timer = this.#begin(ms - longestPartMs)
        else this.#due()
      },
      Math.min(Math.max(0, ms), longestPartMs),
    )
  }
}
