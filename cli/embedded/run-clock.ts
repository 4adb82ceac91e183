import { anchorNow, anchoredClock } from '../../functions/clock.ts'

/** Anchored once: all processes of this process's runs tell the time by it, whatever becomes of the wall clock. */
export const runAnchor = anchorNow()
export const runClock = anchoredClock(runAnchor)
