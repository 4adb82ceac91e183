import { anchorNow, anchoredClock } from '../../functions/clock.ts'

/** The anchor of the clock for all processes of this process's runs. Later changes of the wall clock have no effect. */
export const runAnchor = anchorNow()
export const runClock = anchoredClock(runAnchor)
