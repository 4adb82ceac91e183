import { fromBase64 } from '../../input/base64.ts'
import { compactText } from '../../window/histograms/histogram.ts'
import { type BucketedRequests, CompactHistogram } from '../../window/histograms/compact.ts'
import { spelledOut } from '../html/markup.ts'
import type { Report } from '../report.ts'
import { decodeSeries } from '../series.ts'
import { isoInstant } from '../../words.ts'

/** Decompresses bytes (raw DEFLATE, RFC 1951). The caller passes a function that its platform provides. */
export type Inflate = (bytes: Uint8Array) => Uint8Array

/** The maximum number of intervals of one request name. The row of all requests has one interval per bucket of the series. */
const nameIntervals = 60

/**
 * Returns the latencies over time as an HdrHistogram log, format version 1.3, in microseconds. An interval without a tag contains all requests. An
 * interval with a tag contains the requests of one name. An interval without a measured latency has no line.
 * @throws BurstError or RangeError when the series cannot be read, or when the series contradict the rest of the report. Also throws each error that
 * `inflate` throws
 */
export function latencyLog(report: Report, inflate: Inflate): string {
  const { stepS, buckets, names, data } = report.series
  const series = decodeSeries(inflate(fromBase64(data)), { names, errors: report.errors.length })
  const wide = Math.max(1, Math.ceil(buckets / nameIntervals))
  const intervals = [
    ...intervalsOf(series.all, { stepS, wide: 1 }),
    ...series.names.flatMap((one, k) => intervalsOf(one, { stepS, wide, tag: tagOf(report, k) })),
  ]
  return [...header(report), ...intervals.toSorted((a, b) => a.atS - b.atS).map(({ line }) => line), ''].join('\n')
}

function header({ run, series: { names } }: Report): string[] {
  const startS = (run.startedAt / 1000).toFixed(3)
  return [
    `#[Latencies of run ${oneLine(run.id)}, made by burst ${oneLine(run.build)}]`,
    '#[Histograms are in microseconds; Interval_Max is in milliseconds]',
    `#[Without a tag: all requests. With a tag: one of the ${names} busiest names, percent-encoded]`,
    '#[Histogram log format version 1.3]',
    `#[BaseTime: ${startS} (seconds since epoch)]`,
    `#[StartTime: ${startS} (seconds since epoch), ${isoInstant(run.startedAt)}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]
}

interface Interval {
  atS: number
  line: string
}

/** @param grid `wide` is the number of buckets in one interval */
function intervalsOf(
  buckets: BucketedRequests,
  { stepS, wide, tag }: { stepS: number; wide: number; tag?: string },
): Interval[] {
  const merged = new Map<number, CompactHistogram>()
  for (const [place, { latency }] of buckets) {
    const interval = Math.floor(place / wide)
    const known = merged.get(interval) ?? new CompactHistogram()
    known.add(latency)
    merged.set(interval, known)
  }
  return [...merged].flatMap(([place, latency]) => {
    const histogram = compactText(latency)
    if (histogram === '') return []
    const [atS, lengthS] = [place * wide * stepS, wide * stepS]
    const cells = [atS.toFixed(3), lengthS.toFixed(3), (latency.maxUs / 1000).toFixed(3), histogram]
    return [{ atS, line: [...(tag === undefined ? [] : [`Tag=${tag}`]), ...cells].join(',') }]
  })
}

/** Returns the tag of a name. The log format does not allow commas, spaces or line breaks in a tag, so the function percent-encodes the name. */
function tagOf({ requests }: Report, k: number): string {
  const { method = '', name = '' } = requests[k] ?? {}
  return spelledOut(method === '' ? name : `${method} ${name}`).replaceAll(/[\s,%"#\p{C}\p{Z}]/gu, encodeURIComponent)
}

function oneLine(text: string): string {
  return spelledOut(text).replaceAll(/\s+/g, ' ')
}
