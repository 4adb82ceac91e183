import { compactOf } from './histograms/histogram.ts'
import type { Window } from './window.ts'

/**
 * Prepares a window for merging with other windows of the run. Copies a value that is known only for the whole window to each second of the window.
 * Counts a name without counts by second in the first second. Does not change values that a second already has.
 */
export function markSeconds(content: Window, place: number, windowMs: number): void {
  const second = Math.floor((place * windowMs) / 1000)
  for (const cell of content.requests.values()) {
    if (cell.seconds.size > 0) continue
    const { requests, failures, bytesIn } = cell
    const [latency, fromIntent] = [compactOf(cell.latency), compactOf(cell.fromIntent)]
    cell.seconds.set(second, { requests, failures, bytesIn, statuses: new Map(cell.statuses), latency, fromIntent })
  }
  for (const { judged, loopUtilization, coreWaitShare } of content.workers.values()) {
    for (const one of judged.values()) {
      one.busyShare ??= loopUtilization
      one.waitShare ??= coreWaitShare
    }
  }
}
