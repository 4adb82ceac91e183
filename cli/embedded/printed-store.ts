import { LastPrinted } from '../../core/report/live/printed.ts'
import { keys } from '../../functions/keys.ts'
import type { Store } from '../../functions/ports.ts'

/** The time in milliseconds from a new line to its write. Lines that arrive during this time are part of the same write. */
const everyMs = 500

interface PrintedRules {
  /** Returns the time of the run's clock in epoch milliseconds. */
  nowMs: () => number
  /** Receives each line immediately, for example to show the line in the terminal. */
  pass: (line: string) => void
}

/** Writes the last printed lines of a run to its store, where the page of any burst process can read them. */
export class PrintedStore {
  readonly #store: Store
  readonly #run: string
  readonly #rules: PrintedRules
  readonly #last = new LastPrinted()
  #waiting: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #isNew = false
  #closed = false

  constructor(store: Store, run: string, rules: PrintedRules) {
    this.#store = store
    this.#run = run
    this.#rules = rules
  }

  /** Receives a printed line. The line is stored with the next write. */
  readonly print = (line: string): void => {
    this.#rules.pass(line)
    this.#last.add(line, this.#rules.nowMs())
    this.#isNew = true
    if (this.#closed || this.#waiting) return
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined
      this.#write()
    }, everyMs)
  }

  /** Writes the remaining lines and stops writing. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#waiting)
    this.#write()
    await this.#writing
  }

  #write(): void {
    if (!this.#isNew) return
    this.#isNew = false
    const text = JSON.stringify(this.#last.printed)
    // A failed write is ignored, because the terminal also shows the lines, and the next write contains the same lines again.
    this.#writing = this.#writing
      .then(async () => this.#store.put(keys.printed(this.#run), text))
      .then(
        () => undefined,
        () => void (this.#isNew = true),
      )
  }
}
