import type { Labels, MetricFamily } from './families.ts'
import { type Sampled, sampledSeries } from './sampled.ts'

/** A sample with this value marks the end of its series. */
export const stale = 'stale'

/** A series for remote write. Its labels are sorted by name, and its samples are sorted by time. */
export interface WrittenSeries {
  labels: readonly (readonly [name: string, value: string])[]
  samples: readonly { value: number | typeof stale; atMs: number }[]
}

interface CurrentSeries extends Pick<WrittenSeries, 'labels'> {
  metric: string
  isCounter: boolean
  value: number
}

/**
 * Computes the series that remote write sends. Each series has its current value, with two exceptions:
 * - A new counter also gets a 0 at the time of the previous message, so that `rate()` and `increase()` include the first count.
 * - A series that is no longer among the metrics gets a stale marker instead of its current value.
 *
 * Each message has a later time than the previous message, even if the clock was set back.
 *
 * A new counter does not get a 0 if another series of the same metric ends in the same message. The new counter may contain the counts of the ended
 * series: for example, `2xx` contains the counts of `200`. With a 0, `increase()` would include these counts twice.
 */
export class SeriesWriter {
  /** The series of the previous message, by their labels. */
  #known: ReadonlyMap<string, CurrentSeries> = new Map()
  #lastMs: number

  /** @param startMs the start of the run in epoch milliseconds; at this time, the counters of the run are 0 */
  constructor(startMs: number) {
    this.#lastMs = Math.round(startMs)
  }

  /** Returns the series to send. A series that is missing from `families` has ended, so `[]` ends all series. */
  write(families: readonly MetricFamily[], nowMs: number): WrittenSeries[] {
    const beforeMs = this.#lastMs
    const atMs = Math.max(beforeMs + 1, Math.round(nowMs))
    const current = currentOf(families)
    const ended = [...this.#known].flatMap(([key, series]) => (current.has(key) ? [] : [series]))
    const metricsWithEnds = new Set(ended.map(({ metric }) => metric))
    const written = [...current].map(([key, { metric, isCounter, labels, value }]): WrittenSeries => {
      const beginsAt0 = isCounter && !this.#known.has(key) && !metricsWithEnds.has(metric)
      const samples = [{ value, atMs }]
      return { labels, samples: beginsAt0 ? [{ value: 0, atMs: beforeMs }, ...samples] : samples }
    })
    this.#known = current
    this.#lastMs = atMs
    return [...written, ...ended.map(({ labels }) => ({ labels, samples: [{ value: stale, atMs } as const] }))]
  }
}

/** Returns the current series. The key of a series is the JSON of its labels. */
function currentOf(families: readonly MetricFamily[]): Map<string, CurrentSeries> {
  const current = new Map<string, CurrentSeries>()
  for (const family of families)
    for (const series of sampledSeries(family)) {
      const labels = sorted(series)
      const { value } = series
      current.set(JSON.stringify(labels), { metric: family.name, isCounter: family.type !== 'gauge', labels, value })
    }
  return current
}

/** An empty label is equivalent to a missing label, and receivers refuse empty labels. */
function sorted({ name, labels }: Sampled): WrittenSeries['labels'] {
  const all: Labels = { __name__: name, ...labels }
  const pairs = Object.entries(all).map(([label, text]) => [label, text.toWellFormed()] as const)
  return pairs.filter(([, text]) => text !== '').toSorted(([a], [b]) => (a < b ? -1 : 1))
}
