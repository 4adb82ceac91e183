import { emptyIterationCell, emptySecondCell } from '../../../../core/window/window.ts'
import { type Cuts, within } from './cuts.ts'

/**
 * A user counts as hung if it has waited at least this long, in milliseconds, when it is asked to stop. Early in the run, a shorter wait suffices:
 * half of the time since the start of the run.
 */
const longestWaitMs = 5_000

/**
 * Counts a user that hung. From `sinceMs` until `askedMs` (both on the engine's clock), the user's code awaited something other than a response or a
 * pause. At `askedMs`, the user was asked to stop. Short waits are normal in a scenario's code, so they are not counted. If `isPresent` is false,
 * this user adds 1 to the number of users that hung, but adds no time.
 */
export function countHung(
  cuts: Cuts,
  task: string,
  { sinceMs, askedMs, isPresent }: { sinceMs: number; askedMs: number; isPresent: boolean },
): void {
  const [fromMs, toMs] = [Math.max(0, cuts.sinceStart(sinceMs)), cuts.sinceStart(askedMs)]
  if (toMs - fromMs < Math.min(longestWaitMs, toMs / 2)) return
  const { window, worker } = cuts.now()
  const cell = within(window.iterations, task.replace('onStart, onStop', 'onStart'), emptyIterationCell)
  cell.hung++
  cell.hungFromMs = Math.min(cell.hungFromMs ?? fromMs, fromMs)
  if (!isPresent) return
  for (let [at, from] = [Math.floor(fromMs / 1000), fromMs]; from < toMs; at++, from = at * 1000) {
    const us = Math.round(1000 * (Math.min(toMs, (at + 1) * 1000) - from))
    within(window.seconds, at, emptySecondCell).hungUs += us
    worker.hungUs += us
  }
}
