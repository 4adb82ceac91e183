import { anchorNow, anchoredClock } from '../../functions/clock.ts'

/** The reference time of the clock of all runs of this process. Later changes of the system time have no effect. */
export const runAnchor = anchorNow()
export const runClock = anchoredClock(runAnchor)
