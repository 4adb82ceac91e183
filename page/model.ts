import { type SeriesData, readSeries } from '../core/report/series.ts'
import type { Report } from '../core/report/report.ts'
import { spelledOut } from '../core/report/markup.ts'
import { fromBase64 } from '../core/window/compact-codec.ts'

/** A run as the page works with it: the report, and what was counted in each bucket of its time. */
export interface RunModel {
  report: Report
  series: SeriesData
  /** Seconds of a bucket, and how many there are. */
  stepS: number
  buckets: number
}

/** A task of the browser may not take longer than this, milliseconds: decoding pauses in between. */
const sliceMs = 30

/**
 * Unpacks a report.
 * @throws RangeError or TypeError when its series cannot be read
 */
export async function modelOf(report: Report): Promise<RunModel> {
  const { stepS, buckets, names, data } = report.series
  const bytes = await inflate(fromBase64(data))
  const reading = readSeries(bytes, { names, errors: report.errors.length })
  let beganMs = performance.now()
  for (;;) {
    const step = reading.next()
    if (step.done) return { report, series: step.value, stepS, buckets }
    if (performance.now() - beganMs < sliceMs) continue
    await new Promise((resolve) => setTimeout(resolve))
    beganMs = performance.now()
  }
}

/** A report from its JSON, with characters spelled out that would hide or turn text: a name cannot look like another one. */
export function readReport(json: string): Report {
  return JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? spelledOut(value) : value)) as Report
}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const inflated = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(inflated).arrayBuffer())
}
