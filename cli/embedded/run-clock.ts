import { anchorNow, anchoredClock } from '../../functions/clock.ts'

/** Anchored once: all processes of this process's runs use it, whatever happens to the wall clock. */
export const runAnchor = anchorNow()
export const runClock = anchoredClock(runAnchor)
