import { Distribution } from '../window/histograms/distribution.ts'
import { histogramText } from '../window/histograms/histogram.ts'
import { mergeWindow } from '../window/merge-windows.ts'
import type { NamedRow, Row, Spread, WindowRow } from './results.ts'
import type { RequestSecond } from '../window/histograms/compact.ts'
import { type RequestCell, emptyRequestCell, emptyWindow } from '../window/window.ts'

/** Functions that compute statistics from merged counts. Statistics are computed after all merges, because statistics themselves cannot be merged. */

/** Returns the statistics of a distribution, in milliseconds. */
export function spreadOf(lengths: Distribution): Spread {
  const at = (percentile: number): number | null => lengths.percentileMs(percentile) ?? null
  return {
    min: lengths.count === 0 ? null : lengths.minUs / 1000,
    mean: lengths.meanMs ?? null,
    p50: at(50),
    p75: at(75),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: greatest(lengths),
  }
}

/** Encodes a histogram for a row of a report. */
export type HistogramWriter = (lengths: Distribution) => string

/** Returns the statistics of one request name. `loadSeconds` is the time over which the rate is computed. */
export function rowOf(cell: RequestCell, loadSeconds: number, histogram: HistogramWriter = histogramText): Row {
  return {
    requests: cell.requests,
    failures: cell.failures,
    exchanges: cell.exchanges,
    interrupted: cell.interrupted,
    reconnects: cell.reconnects,
    statuses: Object.fromEntries([...cell.statuses].toSorted(([a], [b]) => a - b)),
    rps: rateOf(cell.requests, loadSeconds),
    failureShare: cell.requests === 0 ? 0 : cell.failures / cell.requests,
    bytesIn: cell.bytesIn,
    bytesOut: cell.bytesOut,
    latencyMs: spreadOf(cell.latency),
    fromIntentMs: spreadOf(cell.fromIntent),
    phasesMs: {
      dns: spreadOf(cell.dns),
      connect: spreadOf(cell.connect),
      tls: spreadOf(cell.tls),
      firstByte: spreadOf(cell.firstByte),
      body: spreadOf(cell.body),
    },
    histogram: histogram(cell.latency),
  }
}

/** Returns the statistics of one request name, together with the name. */
export function namedRowOf(cell: RequestCell, loadSeconds: number, histogram?: HistogramWriter): NamedRow {
  return {
    method: cell.method,
    name: cell.name,
    tags: cell.tags.toSorted(),
    tasks: cell.tasks.toSorted(),
    ...rowOf(cell, loadSeconds, histogram),
  }
}

/** Returns the main statistics of one name in one bucket of time; durations are accurate to 0.8 %. */
export function windowRowOf({ requests, failures, latency }: RequestSecond): Omit<WindowRow, 'method' | 'name'> {
  const at = (percentile: number): number | null => latency.percentileMs(percentile) ?? null
  const max = latency.count === 0 ? null : latency.maxUs / 1000
  return { requests, failures, latencyMs: { p50: at(50), p95: at(95), p99: at(99), max } }
}

/** Returns the sum of the given cells as one cell with the name ''. */
export function mergedCell(cells: Iterable<RequestCell>): RequestCell {
  const all = emptyWindow()
  for (const cell of cells) {
    const nameless = emptyWindow()
    nameless.requests.set('', { ...cell, method: '', name: '' })
    mergeWindow(all, nameless)
  }
  return all.requests.get('') ?? emptyRequestCell('', '')
}

/** Returns the sum of several distributions. */
export function summed(parts: Iterable<Distribution>): Distribution {
  const sum = new Distribution()
  for (const part of parts) sum.add(part)
  return sum
}

/** Returns events per second; 0 for a time of 0. */
export function rateOf(count: number, seconds: number): number {
  return seconds === 0 ? 0 : count / seconds
}

function greatest(lengths: Distribution): number | null {
  return lengths.count === 0 ? null : lengths.maxUs / 1000
}
