import { seriesBytesCap } from '../../core/compare/given-report.ts'
import { type SeriesData, readSeries } from '../../core/report/series.ts'
import type { Report } from '../../core/report/report.ts'
import { spelledOut, visibleField } from '../../core/report/html/markup.ts'
import { fromBase64 } from '../../core/input/base64.ts'

/** A run in the page: the report, and the counts of each bucket of time. */
export interface RunModel {
  report: Report
  series: SeriesData
  /** The length of a bucket in seconds, and the number of buckets. */
  stepS: number
  buckets: number
}

/** A long computation pauses after each interval of this many milliseconds, so that the browser can react to the user. */
const sliceMs = 30

/**
 * Unpacks the series of a report, so that the page can compute statistics of any span.
 * @throws RangeError or TypeError when the series cannot be read
 */
export async function modelOf(report: Report): Promise<RunModel> {
  const { stepS, buckets } = report.series
  return { report, series: await seriesIn(report), stepS, buckets }
}

/** Unpacks the series of a report. */
export async function seriesIn(report: Report): Promise<SeriesData> {
  const { names, data } = report.series
  const bytes = await inflate(fromBase64(data))
  return (await inSlices(readSeries(bytes, { names, errors: report.errors.length }))) as SeriesData
}

/**
 * Runs the steps with pauses, so that the page stays usable. Returns undefined as soon as `isWanted` returns false.
 * @param told is called at each pause with the value of the last step
 */
export async function inSlices<S, T>(
  steps: Generator<S, T>,
  isWanted: () => boolean = () => true,
  told: (step: S) => void = () => undefined,
): Promise<T | undefined> {
  let beganMs = performance.now()
  while (isWanted()) {
    const step = steps.next()
    if (step.done) return step.value
    if (performance.now() - beganMs < sliceMs) continue
    told(step.value)
    await new Promise((resolve) => setTimeout(resolve))
    beganMs = performance.now()
  }
  return undefined
}

/**
 * Parses a report. Each character that hides or reverses text is replaced by its code. In a name, blanks that a reader cannot distinguish are also
 * replaced, so that no name can look like another name.
 */
export function readReport(json: string): Report {
  return readNames(json) as Report
}

/** Parses JSON from the server. Only for JSON that contains request names. Replaces the same characters as `readReport`. */
export function readNames(json: string): unknown {
  return JSON.parse(json, (key, value: unknown) => {
    return typeof value === 'string' ? visibleField(value, key) : value
  }) as unknown
}

/**
 * Parses JSON from the server. Only for JSON that does not contain request names, such as the state of a run in progress. Replaces the characters
 * that hide or reverse text.
 */
export function readJson(json: string): unknown {
  return JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? spelledOut(value) : value)) as unknown
}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const inflated = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for await (const part of chunksOf(inflated)) {
    parts.push(part)
    length += part.length
    if (length > seriesBytesCap) throw new RangeError('the series is too large')
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

async function* chunksOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}
