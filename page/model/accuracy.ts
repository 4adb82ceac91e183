import { joinedIn } from '../../core/window/histograms/compact.ts'
import type { RunModel } from './model.ts'

/** By the number of joined places, the greatest deviation of a latency in percent. */
const deviations: Record<number, number> = { 1: 0.8, 2: 2.4, 4: 4 }

/** Returns the accuracy of the latencies in the series of a report, in percent: 0.8, or 2.4 or 4 if the series would otherwise exceed 8 MB. */
export function accuracyOf({ series }: Pick<RunModel, 'series'>): number {
  return deviations[joinedIn([...series.all.values()].map(({ latency }) => latency))] ?? 4
}
