import { compactOf } from './histograms/histogram.ts'
import type { Window } from './window.ts'

/**
 * Prepares a window for merging with other windows of the run. If a name has no counts by second, its counts are added to the first second of the
 * window. If a judged second has no busy fraction or no waiting fraction, the second gets the fraction of the whole window.
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
