import { joinedIn } from '../../core/window/histograms/compact.ts'
import type { RunModel } from './model.ts'

/** The greatest deviation of a latency, in percent. The key is the number of places of the histogram that are joined into one place. */
const deviations: Record<number, number> = { 1: 0.8, 2: 2.4, 4: 4 }

/**
 * Returns the greatest deviation of the latencies in the series of a report, in percent. The deviation is usually 0.8. If the series would otherwise
 * exceed 8 MB, the deviation is 2.4 or 4.
 */
export function accuracyOf({ series }: Pick<RunModel, 'series'>): number {
  return deviations[joinedIn([...series.all.values()].map(({ latency }) => latency))] ?? 4
}
