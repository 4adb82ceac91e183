import { clearInterval, performance, setInterval } from '../../../guard/built-ins.ts'

/** A call with a time limit. */
export interface Timed {
  /**
   * The time, on the engine's clock, from which `timeOut` may be called. The first check after this time calls `timeOut`. The checks are about 25 ms
   * apart.
   */
  readonly deadlineMs: number
  /** The position of the call in the list of pending calls. Only `Deadlines` sets this position. */
  listedAt: number
  /** Returns whether the call has been open for so long that it is overdue (see `overdue.ts`). */
  isOverdue(nowMs: number): boolean
  /** Called after `deadlineMs`. Must end the call or set a later deadline. Otherwise, the call is removed from the list. */
  timeOut(): void
}

/** The interval, in milliseconds, at which burst checks for timeouts. */
const sweepMs = 25

/** Ends calls that have timed out. All pending calls are checked periodically, so that a request does not need its own timer or abort controller. */
export class Deadlines {
  readonly #calls: Timed[] = []
  readonly #onCheck: () => void
  #timer: NodeJS.Timeout | undefined

  /**
   * Creates the list.
   * @param onCheck called every 25 ms while at least one call is pending
   */
  constructor(onCheck: () => void) {
    this.#onCheck = onCheck
  }

  add(call: Timed): void {
    call.listedAt = this.#calls.length
    this.#calls[call.listedAt] = call
    this.#timer ??= setInterval(() => this.#sweep(), sweepMs)
  }

  /** Removes a call from the list, and moves the last call to the free position. Does nothing if the call is not in the list. */
  remove(call: Timed): void {
    const { listedAt } = call
    if (this.#calls[listedAt] !== call) return
    const last = this.#calls.pop() as Timed
    if (last === call) return
    this.#calls[listedAt] = last
    last.listedAt = listedAt
  }

  /** Returns the number of pending calls that are overdue. */
  overdue(): number {
    const nowMs = performance.now()
    return this.#calls.reduce((sum, call) => sum + (call.isOverdue(nowMs) ? 1 : 0), 0)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sweep(): void {
    this.#onCheck()
    const nowMs = performance.now()
    // When a call is removed, the last call of the list takes its place. The loop therefore runs backwards. A call that times out may also remove
    // other calls. The position `at` may then be beyond the end of the list.
    for (let at = this.#calls.length - 1; at >= 0; at--) {
      const call = this.#calls[at]
      if (!call || call.deadlineMs > nowMs) continue
      call.timeOut()
      if (call.deadlineMs <= nowMs) this.remove(call)
    }
    if (this.#calls.length === 0) this.close()
  }
}
