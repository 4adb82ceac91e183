import { clearInterval, performance, setInterval } from '../../../guard/built-ins.ts'

/** A call with a time limit. */
export interface Timed {
  /** The time at which `timeOut` is called, on the engine's clock. */
  readonly deadlineMs: number
  /** The position of the call in the list of calls that may still time out; only that list sets it. */
  listedAt: number
  /** Called after `deadlineMs`. Either ends the call, or sets a later deadline. */
  timeOut(): void
}

/** The precision of timeouts, milliseconds. */
const sweepMs = 25

/** Ends calls that have timed out. One periodic check of all pending calls replaces a timer, or an abort controller, per request. */
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

  /** Removes a call. The last call of the list moves to its place. Does nothing if the call is not in the list. */
  remove(call: Timed): void {
    const { listedAt } = call
    if (this.#calls[listedAt] !== call) return
    const last = this.#calls.pop() as Timed
    if (last === call) return
    this.#calls[listedAt] = last
    last.listedAt = listedAt
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sweep(): void {
    this.#onCheck()
    const nowMs = performance.now()
    // Runs from the end of the list, because the last call replaces a call that is removed. A call that times out may remove other calls.
    for (let at = this.#calls.length - 1; at >= 0; at--) {
      const call = this.#calls[at]
      if (!call || call.deadlineMs > nowMs) continue
      call.timeOut()
      if (call.deadlineMs <= nowMs) this.remove(call)
    }
    if (this.#calls.length === 0) this.close()
  }
}
