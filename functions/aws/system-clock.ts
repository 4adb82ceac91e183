import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../ports.ts'

/** The function's own clock, which AWS synchronises (Amazon Time Sync). */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms) => sleep(Math.max(0, ms)),
}
