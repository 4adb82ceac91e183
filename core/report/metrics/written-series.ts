import type { Labels, MetricFamily } from './families.ts'
import { type Sampled, sampledSeries } from './sampled.ts'

/** The value of a sample that says that its series has ended. */
export const stale = 'stale'

/** A series for remote write: its labels, sorted by name, and its samples, sorted by time. */
export interface WrittenSeries {
  labels: readonly (readonly [name: string, value: string])[]
  samples: readonly { value: number | typeof stale; atMs: number }[]
}

/**
 * Computes what remote write sends: the current values; 0 at the time of the previous message for a counter that is new, so that `rate()`
 * and `increase()` include its first count; and a stale marker for a series that is no longer among the metrics. Times only increase.
 */
export class SeriesWriter {
  #known = new Map<string, WrittenSeries['labels']>()
  #lastMs: number

  /** @param startMs the start of the run, when its counters are 0, epoch milliseconds */
  constructor(startMs: number) {
    this.#lastMs = Math.round(startMs)
  }

  /** The series to send for these metrics. Series without metrics have ended, so `[]` ends all of them. */
  write(families: readonly MetricFamily[], nowMs: number): WrittenSeries[] {
    const beforeMs = this.#lastMs
    const atMs = Math.max(beforeMs + 1, Math.round(nowMs))
    const known = new Map<string, WrittenSeries['labels']>()
    const written: WrittenSeries[] = []
    for (const family of families) {
      for (const series of sampledSeries(family)) {
        const labels = sorted(series)
        const key = JSON.stringify(labels)
        const isFirstCount = family.type !== 'gauge' && !this.#known.has(key)
        known.set(key, labels)
        const samples = [{ value: series.value, atMs }]
        written.push({ labels, samples: isFirstCount ? [{ value: 0, atMs: beforeMs }, ...samples] : samples })
      }
    }
    for (const [key, labels] of this.#known)
      if (!known.has(key)) written.push({ labels, samples: [{ value: stale, atMs }] })
    this.#known = known
    this.#lastMs = atMs
    return written
  }
}

/** An empty label equals a missing label, and receivers refuse it. */
function sorted({ name, labels }: Sampled): WrittenSeries['labels'] {
  const all: Labels = { __name__: name, ...labels }
  const pairs = Object.entries(all).map(([label, text]) => [label, text.toWellFormed()] as const)
  return pairs.filter(([, text]) => text !== '').toSorted(([a], [b]) => (a < b ? -1 : 1))
}
