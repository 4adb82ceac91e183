import type { NamedRow, Row } from '../../verdict/results.ts'
import { percentilesOfText } from '../../window/histograms/histogram.ts'
import { isoInstant } from '../../words.ts'
import type { WindowEntry } from '../entries/report-entries.ts'
import { spelledOut } from '../html/markup.ts'
import type { Report } from '../report.ts'

type Cell = string | number | null

/**
 * Returns one row per request name, and a last row `Aggregated` for all names. Durations are in ms, sizes in bytes. The first columns have the same
 * names and the same order as Locust's columns. burst's own columns follow.
 */
export function statsCsv(report: Report): string {
  const all = { ...report.totals, method: '', name: 'Aggregated', tags: [], tasks: [] }
  return csv(statsHeader, [...report.requests, all].map(statsRow))
}

/**
 * Returns one row per second of the run, for all requests. The percentiles of a row come from the entry of `report.windows` that contains the second.
 */
export function historyCsv(report: Report): string {
  let k = 0
  const windowOf = (at: number): WindowEntry | undefined => {
    while (k + 1 < report.windows.length && (report.windows[k + 1] as WindowEntry).at <= at) k++
    return report.windows[k]
  }
  const total = { requests: 0, failures: 0 }
  return csv(
    historyHeader,
    report.seconds.map((second) => {
      const { at, users, requests, failures, plannedUsers, draining, dropped, late } = second
      total.requests += requests
      total.failures += failures
      const latency = windowOf(at)?.requests[0]?.latencyMs
      const lengths = [latency?.p50, latency?.p95, latency?.p99, latency?.max].map((value) => value ?? null)
      const atMs = report.run.startedAt + at * 1000
      const asInLocust = [Math.floor(atMs / 1000), users, '', 'Aggregated', requests, failures, ...lengths]
      const own = [at, isoInstant(atMs), plannedUsers, draining, dropped, late]
      return [...asInLocust, total.requests, total.failures, ...own]
    }),
  )
}

/** Returns one row for each failure in the report. A failure has a request name, a kind and a message. The report lists at most 500 failures. */
export function failuresCsv(report: Report): string {
  return csv(
    ['Method', 'Name', 'Error', 'Occurrences', 'Kind', 'First (UTC)', 'Last (UTC)'],
    report.errors.map(({ method, name, message, count, kind, firstAt, lastAt }) => {
      return [method, name, message, count, kind, isoInstant(firstAt), isoInstant(lastAt)]
    }),
  )
}

/** Returns one row per exception of the scenario's own code. */
export function exceptionsCsv(report: Report): string {
  return csv(
    ['Count', 'Message', 'Traceback'],
    report.exceptions.map(({ count, message, stack }) => [count, message, stack]),
  )
}

const statsHeader = [
  'Type',
  'Name',
  'Request Count',
  'Failure Count',
  'Median Response Time',
  'Average Response Time',
  'Min Response Time',
  'Max Response Time',
  'Average Content Size',
  'Requests/s',
  'Failures/s',
  '50%',
  '66%',
  '75%',
  '80%',
  '90%',
  '95%',
  '98%',
  '99%',
  '99.9%',
  '99.99%',
  '100%',
  'From Intent 50%',
  'From Intent 99%',
  'Exchanges',
  'Interrupted',
]

const historyHeader = [
  'Timestamp',
  'User Count',
  'Type',
  'Name',
  'Requests/s',
  'Failures/s',
  '50%',
  '95%',
  '99%',
  '100%',
  'Total Request Count',
  'Total Failure Count',
  'Second',
  'Time (UTC)',
  'Planned Users',
  'Draining Users',
  'Dropped Arrivals',
  'Late Requests',
]

function statsRow(row: NamedRow): Cell[] {
  const { method, name, requests, failures, rps, latencyMs: latency, fromIntentMs: intent } = row
  const counts = [method, name, requests, failures]
  const lengths = [latency.p50, latency.mean, latency.min, latency.max]
  const pace = [requests === 0 ? null : row.bytesIn / requests, rps, rps * row.failureShare]
  const own = [intent.p50, intent.p99, row.exchanges, row.interrupted]
  return [...counts, ...lengths, ...pace, ...percentiles(row), ...own]
}

function percentiles({ latencyMs: { p50, p75, p90, p95, p99, p999, max }, histogram }: Row): Cell[] {
  const [p66, p80, p98, p9999] = percentilesOfText(histogram, [66, 80, 98, 99.99])
  // Limits a percentile to the exact maximum. The histogram returns the upper bound of a bin, which may be greater than the maximum.
  const upToMax = (value: number | null = null): Cell => (value === null || max === null ? null : Math.min(value, max))
  return [p50, upToMax(p66), p75, upToMax(p80), p90, p95, upToMax(p98), p99, p999, upToMax(p9999), max]
}

/** Writes CSV according to RFC 4180, with CR LF at the end of each line. A cell without a measurement is empty. */
function csv(header: readonly string[], rows: readonly Cell[][]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/**
 * Matches strings that a spreadsheet program reads as a formula. Blanks, quotation marks and invisible characters may precede the formula. The
 * expression also matches full-width characters. It matches `|` and `%`, because these characters begin commands in some programs.
 */
const formula = /^[\p{Z}\p{C}\p{M}"'`´’]*[=+\-@|%＝＋－＠｜％−﹢﹣﹦﹫﹪]/u
/**
 * Replaces characters that could make a cell look different from its content, or equal to another cell. Line breaks (LF) are not replaced. A string
 * that could be a formula gets an apostrophe before its first character. Numbers have at most three decimals.
 */
function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000)
  const inert = formula.test(value) ? `'${value}` : value
  const seen = spelledOut(inert).replaceAll('\t', '\\u{9}')
  return /[",\n]/.test(seen) ? `"${seen.replaceAll('"', '""')}"` : seen
}
