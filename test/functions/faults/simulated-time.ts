import { setImmediate } from 'node:timers/promises'

interface Due {
  at: number
  act: () => void | Promise<void>
}

/**
 * A clock that moves only when all code that it woke up sleeps again. Simulated hours take little real time, and events
 * always have the same order.
 */
export class SimulatedTime {
  nowMs: number
  readonly #due: Due[] = []

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  at(at: number, act: Due['act']): void {
    const mine = { at: Math.max(at, this.nowMs), act }
    let place = this.#due.length
    // Actions that are due at the same moment happen in the order in which they were scheduled.
    while (place > 0 && (this.#due[place - 1] as Due).at > mine.at) place--
    this.#due.splice(place, 0, mine)
  }

  async sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs + Math.max(0, ms), resolve))
  }

  /** Lets time pass until a moment, or until `isOver` returns true. */
  async until(atMs: number, isOver: () => boolean = () => false): Promise<void> {
    while (!isOver()) {
      const next = this.#due[0]
      if (!next || next.at > atMs) break
      this.#due.shift()
      this.nowMs = next.at
      await next.act()
      // Runs all code that continues without sleeping.
      await setImmediate()
    }
    if (!isOver()) this.nowMs = Math.max(this.nowMs, atMs)
  }
}
