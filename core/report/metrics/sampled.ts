import { boundsS, countsByBound } from './bucket-bounds.ts'
import type { Labels, MetricFamily } from './families.ts'

/** The current value of one series of Prometheus. */
export interface Sampled {
  /** The name of the series. The names of a histogram's series end in `_bucket`, `_sum` or `_count`. */
  name: string
  labels: Labels
  value: number
}

/** Returns the Prometheus series of a metric. */
export function sampledSeries({ name, ...family }: MetricFamily): Sampled[] {
  if (family.type !== 'histogram') return family.samples.map(({ labels, value }) => ({ name, labels, value }))
  return family.samples.flatMap(({ labels, lengths }) => {
    let below = 0
    const buckets = countsByBound(lengths).map((count, k) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: String(boundsS[k] ?? '+Inf') },
      value: (below += count),
    }))
    return [
      ...buckets,
      { name: `${name}_sum`, labels, value: lengths.sumUs / 1e6 },
      { name: `${name}_count`, labels, value: lengths.count },
    ]
  })
}
