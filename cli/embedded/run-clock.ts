import { anchorNow, anchoredClock } from '../../functions/clock.ts'

/** The start time of the clock that all runs of this process use. Later changes of the system time have no effect. */
export const runAnchor = anchorNow()
export const runClock = anchoredClock(runAnchor)
