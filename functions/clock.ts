import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './ports.ts'

/** One moment as two clocks show it: the wall clock in epoch milliseconds, and the machine's monotonic clock, which all processes share. */
export interface ClockAnchor {
  epochMs: number
  monotonicMs: number
}

/** As it is before any scenario is loaded, whose code may replace it. */
const hrtimeNs = process.hrtime.bigint.bind(process.hrtime)

/** Milliseconds of a clock that only goes forward, the same in all processes of this machine. It stands still while the machine sleeps. */
export function monotonicMs(): number {
  return Number(hrtimeNs()) / 1e6
}

/** This moment, as the wall clock shows it now. */
export function anchorNow(): ClockAnchor {
  return { epochMs: Date.now(), monotonicMs: monotonicMs() }
}

/** Epoch milliseconds that follow the monotonic clock from the anchor on: a step of the wall clock moves none of a run's moments. */
export function anchoredClock(anchor: ClockAnchor = anchorNow()): Clock {
  return {
    nowMs: () => anchor.epochMs + (monotonicMs() - anchor.monotonicMs),
    sleep: async (ms) => sleep(Math.max(0, ms)),
  }
}
