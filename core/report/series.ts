import { ByteReader, ByteWriter } from '../window/codec/compact-codec.ts'
import { type BucketedRequests, type RequestSecond, bucketCap } from '../window/histograms/compact.ts'
import type { ErrorEntry } from './entries/report-entries.ts'
import type { Buckets } from './gather/buckets.ts'

/** The number of names that have their own series. These names are the names with the most requests. */
export const seriesNames = 50
/**
 * The limit for the number of bytes of all series before compression. If the series exceed this limit, all histograms become coarser, in at most two
 * steps. If the series exceed the limit even with the coarsest histograms, burst uses these histograms nevertheless.
 */
const mostBytes = 8_000_000
/** The maximum number of HTTP statuses in one bucket. HTTP defines fewer statuses. */
const statusCap = 1000

/** The counts in each time bucket of a run. They are sufficient for a page to compute the values of any time span. */
export interface SeriesData {
  /** The series of all requests. */
  all: BucketedRequests
  /** The series of the names, in the order of the argument `keys` of `encodeSeries`. */
  names: BucketedRequests[]
  /** The failures by bucket, in the order of the report's `errors`. The last failures are missing if the bytes end before them. */
  errors: Map<number, number>[]
}

/**
 * Returns the series as bytes: first the series of all requests, then the series of `keys`, then the failures of `errors`. Every count is exact. A
 * latency is accurate to 0.8 %. A time from intent is less accurate, because two neighbouring places of its histogram are joined. If the series would
 * otherwise exceed 8 MB, more neighbouring places are joined in every histogram: 2 or 4 places for a latency, and 4 or 8 places for a time from
 * intent. From 128 µs on, the width of a place is at most 1/64 of the durations that the place counts. If 4 places are joined, a latency is accurate
 * to 4 %.
 * @param keys `seriesKey` of the rows that have a series
 * @param errors the number of occurrences of each listed failure in each bucket
 */
export function encodeSeries(
  buckets: Pick<Buckets, 'all' | 'names'>,
  keys: readonly string[],
  errors: readonly ReadonlyMap<number, number>[],
): Uint8Array {
  const series = [buckets.all, ...keys.map((key) => buckets.names.get(key) ?? new Map<number, RequestSecond>())]
  for (let coarse = 0; ; coarse++) {
    const writer = new ByteWriter()
    for (const one of series) writeRequests(writer, one, coarse)
    for (const one of errors) writeCounts(writer, one)
    if (writer.bytes.length <= mostBytes || coarse === 2) return writer.bytes
  }
}

/** Returns the key of a kind of failure. */
export function errorKey({
  method,
  name,
  kind,
  message,
}: Omit<ErrorEntry, 'exemplars' | 'count' | 'firstAt' | 'lastAt'>): string {
  return `${method} ${name}\t${kind}\t${message}`
}

function writeRequests(writer: ByteWriter, buckets: BucketedRequests, coarse: number): void {
  writeGaps(writer, buckets, ({ requests, failures, bytesIn, statuses, latency, fromIntent }) => {
    for (const count of [requests, failures, bytesIn]) writer.number(count)
    writeCounts(writer, statuses)
    writer.histogram(latency, 2 ** coarse)
    writer.histogram(fromIntent, 2 ** (coarse + 1))
  })
}

function writeCounts(writer: ByteWriter, counts: ReadonlyMap<number, number>): void {
  writeGaps(writer, counts, (count) => writer.number(count))
}

/** Writes the number of entries, and then each entry. Before each entry, writes the number of empty buckets since the previous entry. */
function writeGaps<V>(writer: ByteWriter, entries: ReadonlyMap<number, V>, write: (value: V) => void): void {
  writer.number(entries.size)
  let next = 0
  for (const [place, value] of [...entries].toSorted(([a], [b]) => a - b)) {
    writer.number(place - next)
    write(value)
    next = place + 1
  }
}

/** The number of encoded series, not including the series of all requests. */
export interface SeriesSizes {
  names: number
  errors: number
}

/**
 * Decodes the bytes that `encodeSeries` returned. Decoding in steps keeps a page responsive.
 * @throws RangeError when the bytes cannot be decoded
 */
export function* readSeries(bytes: Uint8Array, sizes: SeriesSizes): Generator<void, SeriesData> {
  const reader = new ByteReader(bytes)
  const data: SeriesData = { all: yield* readRequests(reader), names: [], errors: [] }
  while (data.names.length < sizes.names) data.names.push(yield* readRequests(reader))
  while (data.errors.length < sizes.errors && !reader.done) {
    data.errors.push(yield* readGaps(reader, bucketCap, () => reader.number()))
  }
  return data
}

/**
 * Reads all series in one call.
 * @throws RangeError when the bytes cannot be decoded
 */
export function decodeSeries(bytes: Uint8Array, sizes: SeriesSizes): SeriesData {
  return finished(readSeries(bytes, sizes))
}

function finished<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function readRequests(reader: ByteReader): Generator<void, BucketedRequests> {
  return readGaps(reader, bucketCap, () => {
    const [requests, failures, bytesIn] = [reader.number(), reader.number(), reader.number()]
    const statuses = readCounts(reader)
    const [latency, fromIntent] = [reader.histogram(), reader.histogram()]
    return { requests, failures, bytesIn, statuses, latency, fromIntent }
  })
}

function readCounts(reader: ByteReader): Map<number, number> {
  return finished(readGaps(reader, statusCap, () => reader.number()))
}

/** The number of entries that are read in one step. */
const entriesAStep = 32

/**
 * Reads the entries that `writeGaps` wrote.
 * @param most the maximum number of entries; a damaged file could claim more entries than fit into memory
 */
function* readGaps<V>(reader: ByteReader, most: number, read: () => V): Generator<void, Map<number, V>> {
  const entries = new Map<number, V>()
  const size = reader.number()
  if (size > most) throw new RangeError('a series has too many entries')
  for (let next = 0, k = 0; k < size; k++) {
    const place = next + reader.number()
    entries.set(place, read())
    next = place + 1
    if (k % entriesAStep === entriesAStep - 1) yield
  }
  return entries
}
