import { boundsS, countsByBound } from './bucket-bounds.ts'
import type { Labels, MetricFamily } from './families.ts'

/** The times of a message, in epoch milliseconds. */
export interface OtlpTimes {
  /** The start of the run. At this time, the counters of the run are 0. */
  startMs: number
  nowMs: number
}

type Attributes = { key: string; value: { stringValue: string } }[]

interface Point {
  attributes: Attributes
  startTimeUnixNano: string
  timeUnixNano: string
}

/** The constant `AGGREGATION_TEMPORALITY_CUMULATIVE` of OTLP, for counts since the start. */
const cumulative = 2

/** Returns the metrics as an `ExportMetricsServiceRequest` of OTLP 1.x in JSON, where 64-bit numbers are strings. */
export function otlpRequest(families: readonly MetricFamily[], build: string, times: OtlpTimes): unknown {
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf({ 'service.name': 'burst', 'service.version': build }) },
        scopeMetrics: [{ scope: { name: 'burst' }, metrics: families.map((family) => metricOf(family, times)) }],
      },
    ],
  }
}

function metricOf(family: MetricFamily, times: OtlpTimes): object {
  // The default unit is empty, and not `1`, because receivers that store data in Prometheus add `_ratio` to the name of a gauge with the unit `1`.
  const { name, help: description, unit = '' } = family
  const head = { name: otlpName(name), description, unit }
  if (family.type === 'histogram') {
    const dataPoints = family.samples.map(({ labels, lengths }) => ({
      ...pointOf(labels, times),
      count: String(lengths.count),
      sum: lengths.sumUs / 1e6,
      ...(lengths.count > 0 && { min: lengths.minUs / 1e6, max: lengths.maxUs / 1e6 }),
      bucketCounts: countsByBound(lengths).map(String),
      explicitBounds: boundsS,
    }))
    return { ...head, histogram: { aggregationTemporality: cumulative, dataPoints } }
  }
  const isCount = family.type === 'counter'
  const dataPoints = family.samples.map(({ labels, value }) => ({
    ...pointOf(labels, times),
    ...(isCount ? { asInt: String(value) } : { asDouble: value }),
  }))
  if (!isCount) return { ...head, gauge: { dataPoints } }
  return { ...head, sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints } }
}

/**
 * Removes the suffixes for units and counters, and replaces the first `_` with a dot. Receivers that store data in Prometheus add the suffixes again:
 * `burst.requests` becomes `burst_requests_total`.
 */
function otlpName(name: string): string {
  return name.replace(/(?:_bytes)?_total$|_seconds$/, '').replace('_', '.')
}

function pointOf(labels: Labels, { startMs, nowMs }: OtlpTimes): Point {
  return { attributes: attributesOf(labels), startTimeUnixNano: nanoseconds(startMs), timeUnixNano: nanoseconds(nowMs) }
}

function attributesOf(labels: Labels): Attributes {
  return Object.entries(labels).map(([key, text]) => ({ key, value: { stringValue: text.toWellFormed() } }))
}

function nanoseconds(ms: number): string {
  return `${Math.round(ms)}000000`
}
