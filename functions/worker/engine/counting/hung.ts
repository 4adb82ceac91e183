import { emptyIterationCell, emptySecondCell } from '../../../../core/window/window.ts'
import { type Cuts, within } from './cuts.ts'

/** A user that was asked to stop has hung if it had waited for longer, or, in a shorter run, for more than half of it. */
const longestWaitMs = 5_000

/**
 * Counts a user that waited for something that never came, neither a response nor a pause of burst's, from one moment until it was asked to
 * stop at another, both on the engine's clock. Does nothing when it has not waited for long: code of the scenario may wait for a while.
 */
export function countHung(cuts: Cuts, task: string, { sinceMs, askedMs }: { sinceMs: number; askedMs: number }): void {
  const [fromMs, toMs] = [Math.max(0, cuts.sinceStart(sinceMs)), cuts.sinceStart(askedMs)]
  if (toMs - fromMs < Math.min(longestWaitMs, toMs / 2)) return
  const { window, worker } = cuts.now()
  const cell = within(window.iterations, task.replace('onStart, onStop', 'onStart'), emptyIterationCell)
  cell.hung++
  cell.hungFromMs = Math.min(cell.hungFromMs ?? fromMs, fromMs)
  for (let [at, from] = [Math.floor(fromMs / 1000), fromMs]; from < toMs; at++, from = at * 1000) {
    const us = Math.round(1000 * (Math.min(toMs, (at + 1) * 1000) - from))
    within(window.seconds, at, emptySecondCell).hungUs += us
    worker.hungUs += us
  }
}
