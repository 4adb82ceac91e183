import { performance, setImmediate } from '../../../guard/built-ins.ts'
import type { Turns } from '../health/loop-turns.ts'

/**
 * The maximum number of callbacks that are scheduled for one turn of the event loop. Without this limit, one callback would be scheduled for each
 * entry of the queue. In a long queue, most callbacks would have to be scheduled again in each turn. This would take most of the CPU time.
 */
const mostPerTurn = 512

/** An entry of the queue: a user or a call. */
export interface Resumable {
  /** The earliest time at which the user could have been resumed. */
  readonly dueMs: number
  /** Resumes the user. `lagMs` is the delay after `dueMs`, in milliseconds. */
  resume(lagMs: number): void
}

/**
 * Resumes users one at a time, each in its own `setImmediate` callback. Node runs the microtasks of one callback before the next callback. The code
 * of a user therefore runs up to its next `await` before the code of another user runs. When the callbacks of one turn of the event loop have taken
 * `sliceMs`, the remaining users wait for the next turn. Between two turns, responses are read and timed.
 */
export class ReadyQueue {
  readonly #sliceMs: number
  readonly #turns: Turns | undefined
  #entries: Resumable[] = []
  #head = 0
  /** The number of callbacks that are scheduled for the next turn. */
  #scheduled = 0
  /** The number of callbacks of the current turn that have not run yet. */
  #left = 0
  #turnStartMs = 0

  /**
   * Creates the queue.
   * @param turns receives the start time of each turn in which users are resumed
   */
  constructor(turns?: Turns, sliceMs = 1) {
    this.#turns = turns
    this.#sliceMs = sliceMs
  }

  /** Calls `resume` soon. The argument is the delay after `dueMs`, in milliseconds. */
  push(dueMs: number, resume: (lagMs: number) => void): void {
    this.add({ dueMs, resume })
  }

  /** Resumes the entry soon. */
  add(entry: Resumable): void {
    // The entry is assigned by its index, because user code may have replaced the method `push` of arrays.
    this.#entries[this.#entries.length] = entry
    this.#schedule()
  }

  get length(): number {
    return this.#entries.length - this.#head
  }

  #schedule(): void {
    if (this.#scheduled >= mostPerTurn) return
    this.#scheduled++
    setImmediate(this.#tick)
  }

  readonly #tick = (): void => {
    const nowMs = performance.now()
    if (this.#left === 0) {
      this.#left = this.#scheduled
      this.#scheduled = 0
      this.#turnStartMs = nowMs
      this.#turns?.looked(nowMs)
    }
    this.#left--
    const isOver = nowMs - this.#turnStartMs > this.#sliceMs
    const entry = isOver ? undefined : this.#take()
    if (this.#left === 0) this.#scheduleWaiting()
    else if (isOver) this.#schedule()
    entry?.resume(Math.max(0, nowMs - entry.dueMs))
  }

  /** Schedules callbacks for the waiting entries. Called in the last callback of a turn. */
  #scheduleWaiting(): void {
    const wanted = Math.min(this.length, mostPerTurn)
    while (this.#scheduled < wanted) this.#schedule()
  }

  #take(): Resumable | undefined {
    const entry = this.#entries[this.#head++]
    if (this.#head === this.#entries.length || this.#head > 1024) this.#forget()
    return entry
  }

  /** Removes entries that have been resumed, because they keep responses and bodies in memory. */
  #forget(): void {
    if (this.#head < this.#entries.length / 2) return
    this.#entries.splice(0, this.#head)
    this.#head = 0
  }
}
