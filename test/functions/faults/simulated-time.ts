import { setImmediate } from 'node:timers/promises'
import type { Environment, Store } from '../../../functions/ports.ts'

interface Due {
  at: number
  act: () => void | Promise<void>
}

/** A clock that moves only when all code is asleep. Simulated hours take little real time, and events always have the same order. */
export class SimulatedTime {
  nowMs: number
  readonly #due: Due[] = []
  #holders = 0

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  at(at: number, act: Due['act']): void {
    const mine = { at: Math.max(at, this.nowMs), act }
    let place = this.#due.length
    // Actions that are due at the same time run in the order in which they were scheduled.
    while (place > 0 && (this.#due[place - 1] as Due).at > mine.at) place--
    this.#due.splice(place, 0, mine)
  }

  async sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs + Math.max(0, ms), resolve))
  }

  /**
   * Stops the clock until `release` has been called as often as `hold`. Code that waits for real files needs this function, because such code does
   * not sleep.
   */
  hold(): void {
    this.#holders++
  }

  release(): void {
    this.#holders--
  }

  /** Lets time pass until `atMs`, or until `isOver` returns true. */
  async until(atMs: number, isOver: () => boolean = () => false): Promise<void> {
    while (!isOver()) {
      const next = this.#due[0]
      if (!next || next.at > atMs) break
      this.#due.shift()
      this.nowMs = next.at
      await next.act()
      // Runs all code that is ready to run, until all code is asleep.
      do await setImmediate()
      while (this.#holders > 0)
    }
    if (!isOver()) this.nowMs = Math.max(this.nowMs, atMs)
  }
}

/**
 * Returns an environment for some code. The clock stops while this code runs, and moves while this code sleeps or waits for the store. Call `done`
 * when this code has ended.
 */
export function held(env: Environment, time: SimulatedTime): { environment: Environment; done: () => void } {
  let waiting = 0
  time.hold()
  const outside = async <T>(act: () => Promise<T>): Promise<T> => {
    if (waiting++ === 0) time.release()
    try {
      return await act()
    } finally {
      if (--waiting === 0) time.hold()
    }
  }
  const { store, clock } = env
  const slow: Store = {
    get: async (key) => outside(async () => store.get(key)),
    put: async (key, body, condition) => outside(async () => store.put(key, body, condition)),
    list: async (prefix) => outside(async () => store.list(prefix)),
    delete: async (key) => outside(async () => store.delete(key)),
  }
  const sleep = async (ms: number): Promise<void> => outside(async () => clock.sleep(ms))
  return { environment: { ...env, store: slow, clock: { ...clock, sleep } }, done: () => time.release() }
}
