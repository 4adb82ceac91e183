import type { BucketedRequests } from '../window/histograms/compact.ts'
import type { Report } from '../report/report.ts'
import type { SeriesData } from '../report/series.ts'
import type { Row } from '../verdict/results.ts'

/** The fields of a report that a comparison reads. */
export type ComparedReport = Pick<
  Report,
  'run' | 'totals' | 'requests' | 'seconds' | 'series' | 'generator' | 'completeness'
>

/** A run to compare: its report and its decompressed series. */
export interface ComparedRun {
  report: ComparedReport
  series: SeriesData
}

/**
 * A row of one report, and the series of the row (`buckets`). In the row of a name, `buckets` is undefined if the report has no series for the name,
 * or if this series is empty.
 */
export interface Half {
  row: Row
  buckets: BucketedRequests | undefined
}

export interface Pair {
  method: string
  name: string
  older: Half | undefined
  newer: Half | undefined
}

/** Returns the row of all requests, then the rows of the names of the newer run, and then the rows of names that only the older run has. */
export function pairsOf(older: ComparedRun, newer: ComparedRun): Pair[] {
  const [a, b] = [halvesOf(older), halvesOf(newer)]
  const keys = new Map([...b, ...a].map(([key, { method, name }]) => [key, { method, name }]))
  const total = (run: ComparedRun): Half => ({ row: run.report.totals, buckets: run.series.all })
  return [
    { method: '', name: '', older: total(older), newer: total(newer) },
    ...[...keys].map(([key, named]) => ({ ...named, older: a.get(key), newer: b.get(key) })),
  ]
}

/** Returns the rows of a report by method and name. If several rows have the same method and name, the map contains the first of these rows. */
function halvesOf({ report, series }: ComparedRun): Map<string, Half & { method: string; name: string }> {
  const halves = new Map<string, Half & { method: string; name: string }>()
  for (const [index, row] of report.requests.entries()) {
    const { method, name } = row
    const buckets = series.names[index]
    const key = `${method} ${name}`
    if (!halves.has(key)) halves.set(key, { method, name, row, buckets: buckets?.size ? buckets : undefined })
  }
  return halves
}
