import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './ports.ts'

/**
 * The time of one moment on two clocks: on the wall clock, in epoch milliseconds, and on the machine's monotonic clock, which all processes share.
 */
export interface ClockAnchor {
  epochMs: number
  monotonicMs: number
}

/** Saves `process.hrtime.bigint` before a scenario is loaded, because the scenario's code may replace this function. */
const hrtimeNs = process.hrtime.bigint.bind(process.hrtime)

/**
 * Returns the milliseconds of the monotonic clock, which is the same in all processes of this machine. On Linux, the clock does not advance while the
 * machine sleeps.
 */
export function monotonicMs(): number {
  return Number(hrtimeNs()) / 1e6
}

/** Returns the current moment on both clocks. */
export function anchorNow(): ClockAnchor {
  return { epochMs: Date.now(), monotonicMs: monotonicMs() }
}

/**
 * Returns a clock that shows epoch milliseconds. The clock starts at the anchor and advances with the monotonic clock, so a step of the wall clock
 * does not change the times of a run.
 */
export function anchoredClock(anchor: ClockAnchor = anchorNow()): Clock {
  return {
    nowMs: () => anchor.epochMs + (monotonicMs() - anchor.monotonicMs),
    sleep: async (ms) => sleep(Math.max(0, ms)),
  }
}
