import { isoInstant } from './figures.ts'
import type { Report, WindowEntry } from './report.ts'
import type { NamedRow, Row, Spread } from '../verdict/results.ts'

type Cell = string | number | null

/** One row per request name and a last one, Aggregated, for all of them; lengths in ms, sizes in bytes. The columns follow Locust's. */
export function statsCsv(report: Report): string {
  const rows = report.requests.map((row) => statsRow(row))
  return csv(statsHeader, [
    ...rows,
    statsRow({ ...report.totals, method: '', name: 'Aggregated', tags: [], tasks: [] }),
  ])
}

/** One row per second of the run. The percentiles are those of the window that the second lies in. */
export function historyCsv(report: Report): string {
  let k = 0
  const windowOf = (at: number): WindowEntry | undefined => {
    while (k + 1 < report.windows.length && (report.windows[k + 1] as WindowEntry).at <= at) k++
    return report.windows[k]
  }
  return csv(
    historyHeader,
    report.seconds.map((second) => {
      const latency = windowOf(second.at)?.requests[0]?.latencyMs
      const time = isoInstant(report.run.startedAt + second.at * 1000)
      const users = [second.plannedUsers, second.users, second.draining]
      const lengths = [latency?.p50, latency?.p95, latency?.p99, latency?.max].map((value) => value ?? null)
      return [second.at, time, ...users, second.requests, second.failures, ...lengths]
    }),
  )
}

/** One row per request name and way of failing. */
export function failuresCsv(report: Report): string {
  return csv(
    ['Method', 'Name', 'Kind', 'Error', 'Occurrences', 'First (UTC)', 'Last (UTC)'],
    report.errors.map((e) => [
      e.method,
      e.name,
      e.kind,
      e.message,
      e.count,
      isoInstant(e.firstAt),
      isoInstant(e.lastAt),
    ]),
  )
}

const statsHeader = [
  'Type',
  'Name',
  'Request Count',
  'Failure Count',
  'Median (ms)',
  'Average (ms)',
  'Min (ms)',
  'Max (ms)',
  'Average Size (bytes)',
  'Requests/s',
  'Failures/s',
  ...['50%', '75%', '90%', '95%', '99%', '99.9%', '100%'].map((p) => `${p} (ms)`),
  'From Intent 50% (ms)',
  'From Intent 99% (ms)',
  'Exchanges',
  'Interrupted',
]

const historyHeader = [
  'Second',
  'Time (UTC)',
  'Planned Users',
  'Users',
  'Draining Users',
  'Requests/s',
  'Failures/s',
  ...['50%', '95%', '99%', '100%'].map((p) => `${p} of its window (ms)`),
]

function statsRow(row: NamedRow): Cell[] {
  const { latencyMs: latency, fromIntentMs: intent } = row
  const lengths = [latency.p50, latency.mean, latency.min, latency.max]
  const pace = [row.requests === 0 ? null : row.bytesIn / row.requests, row.rps, failuresPerSecond(row)]
  const counts = [row.exchanges, row.interrupted]
  return [
    row.method,
    row.name,
    row.requests,
    row.failures,
    ...lengths,
    ...pace,
    ...percentiles(latency),
    intent.p50,
    intent.p99,
    ...counts,
  ]
}

function percentiles(latency: Spread): Cell[] {
  return [latency.p50, latency.p75, latency.p90, latency.p95, latency.p99, latency.p999, latency.max]
}

function failuresPerSecond(row: Row): number {
  return row.rps * row.failureShare
}

/** RFC 4180, lines ending in CR LF; nothing measured is an empty cell. */
function csv(header: readonly string[], rows: readonly Cell[][]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/**
 * What a spreadsheet takes for the beginning of a formula, wherever it may stand behind: blanks of any kind, quotation marks and characters
 * that are not seen. The full-width forms count as the others; `|` and `%` begin commands in some programs.
 */
const formula = /^[\p{Z}\p{C}\p{M}"'`´’]*[=+\-@|%＝＋－＠｜％−﹢﹣﹦﹫﹪]/u
/** Controls, halves of characters, and characters that turn or hide text: a cell must look like what it holds. Line breaks stay. */
const unseen = /[^\P{Cc}\n]|[\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000)
  const inert = formula.test(value) ? `'${value}` : value
  const seen = inert.replaceAll(/\r\n?/g, '\n').replaceAll(unseen, spelledOut)
  return /[",\n]/.test(seen) ? `"${seen.replaceAll('"', '""')}"` : seen
}

/** `\u{1b}` for an escape character. */
function spelledOut(char: string): string {
  return `\\u{${(char.codePointAt(0) as number).toString(16)}}`
}
