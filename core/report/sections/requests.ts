import { keyOf, slowness, windowSeries } from '../chart-data.ts'
import { type Figure, badCount, bytes, count, ms, rate, share } from '../figures.ts'
import { type Markup, html } from '../markup.ts'
import type { Report } from '../report.ts'
import type { NamedRow, Spread } from '../../verdict/results.ts'
import { type Column, table } from '../table.ts'

/** The table per request name, and a second one with what is asked for less often. */
export function requests(report: Report): Markup {
  const rows = report.requests.toSorted((a, b) => b.requests - a.requests)
  const total: NamedRow = { ...report.totals, method: '', name: '', tags: [], tasks: [] }
  const more = [...names, ...extents, ...phases]
  return html`<section id="requests">
    <h2>Requests</h2>
    ${table({ id: 'by-name', caption: 'Requests by name', columns: [...names, ...outcomes(report)], rows, total, sortedBy: 'Requests' })}
    <details>
      <summary>Statuses, phases and sizes by name</summary>
      ${table({ caption: 'Statuses, phases and sizes', columns: more, rows, total })}
    </details>
  </section>`
}

const names: Column<NamedRow>[] = [{ title: 'Name', kind: 'name', cell: title }]

function title(row: NamedRow): Markup {
  if (row.method === '' && row.name === '') return html`All requests`
  return html`<span class="method">${row.method}</span> <bdi>${row.name}</bdi>`
}

function outcomes(report: Report): Column<NamedRow>[] {
  const line = sparklines(report)
  return [
    { title: 'Requests', kind: 'number', cell: (row) => count(row.requests) },
    { title: 'per s', kind: 'number', cell: (row) => rate(row.rps) },
    { title: 'Failed', kind: 'number', cell: (row) => badCount(row.failures) },
    { title: 'Failed, %', kind: 'number', cell: (row) => ({ ...share(row.failureShare), alert: row.failures > 0 }) },
    ...lengths((row) => row.latencyMs),
    {
      title: 'p99 from intent',
      kind: 'number',
      hint: 'from the moment the user meant to send',
      cell: (row) => ms(row.fromIntentMs.p99),
    },
    { title: 'p95 over time', kind: 'picture', hint: 'each name on its own scale, from 0', cell: line },
  ]
}

function lengths(of: (row: NamedRow) => Spread): Column<NamedRow>[] {
  const column = (name: keyof Spread, head: string): Column<NamedRow> => ({
    title: head,
    kind: 'number',
    cell: (row) => ms(of(row)[name]),
  })
  return [column('p50', 'p50'), column('p95', 'p95'), column('p99', 'p99'), column('max', 'Max')]
}

function sparklines(report: Report): (row: NamedRow) => Markup {
  const series = windowSeries(report)
  const all = report.windows.map((window) => window.requests[0])
  return (row) => sparkline(slowness(row.name === '' && row.method === '' ? all : (series.get(keyOf(row)) ?? []), 60))
}

function sparkline(values: readonly (number | null)[]): Markup {
  const most = Math.max(0, ...values.map((value) => value ?? 0))
  if (most === 0) return html``
  const step = 100 / Math.max(1, values.length - 1)
  const points = values.flatMap((value, k) =>
    value === null ? [] : [`${short(k * step)} ${short(19 - (18 * value) / most)}`],
  )
  const line = `M${points.length === 1 ? [points[0], points[0]].join('h100M') : points.join('L')}`
  return html`<svg
    class="spark"
    viewBox="0 0 100 20"
    preserveAspectRatio="none"
    role="img"
    aria-label="p95 at most ${ms(most).text}"
  >
    <path d="${line}" />
  </svg>`
}

function short(n: number): number {
  return Number(n.toFixed(1))
}

const extents: Column<NamedRow>[] = [
  { title: 'Statuses', kind: 'text', cell: (row) => statuses(row.statuses) },
  {
    title: 'Exchanges',
    kind: 'number',
    hint: 'requests that were sent, redirects counted each',
    cell: (row) => count(row.exchanges),
  },
  {
    title: 'Interrupted',
    kind: 'number',
    hint: 'sent, then cut off when users stopped',
    cell: (row) => count(row.interrupted),
  },
  {
    title: 'Reconnects',
    kind: 'number',
    hint: 'sent again on a new connection, because the target had closed the one that was kept alive',
    cell: (row) => count(row.reconnects),
  },
  { title: 'Received', kind: 'number', cell: (row) => bytes(row.bytesIn) },
  { title: 'Sent', kind: 'number', cell: (row) => bytes(row.bytesOut) },
]

/** 0 is "no response". */
function statuses(of: Record<string, number>): string {
  const known = Object.entries(of).toSorted(([a], [b]) => Number(a) - Number(b))
  return known.map(([status, n]) => `${status === '0' ? 'none' : status}\u00a0×\u00a0${count(n).text}`).join(', ')
}

const phases: Column<NamedRow>[] = [
  { title: 'DNS p95', kind: 'number', cell: (row) => ms(row.phasesMs.dns.p95) },
  { title: 'Connect p95', kind: 'number', cell: (row) => ms(row.phasesMs.connect.p95) },
  { title: 'TLS p95', kind: 'number', cell: (row) => ms(row.phasesMs.tls.p95) },
  { title: 'First byte p95', kind: 'number', cell: (row) => ms(row.phasesMs.firstByte.p95) },
  { title: 'Min', kind: 'number', cell: (row) => ms(row.latencyMs.min) },
  { title: 'Mean', kind: 'number', cell: (row) => ms(row.latencyMs.mean) },
  { title: 'p75', kind: 'number', cell: (row) => ms(row.latencyMs.p75) },
  { title: 'p90', kind: 'number', cell: (row) => ms(row.latencyMs.p90) },
  { title: 'p99.9', kind: 'number', cell: (row) => ms(row.latencyMs.p999) },
  { title: 'Tags', kind: 'text', cell: (row) => row.tags.join(', ') },
]

/** `count`, `failed` and a spread of lengths: iterations, steps and recorded metrics look alike. */
export function timed<T>(of: {
  count: (row: T) => number
  failed: (row: T) => number
  spread: (row: T) => Spread
}): Column<T>[] {
  const length = (head: string, name: keyof Spread): Column<T> => ({
    title: head,
    kind: 'number',
    cell: (row): Figure => ms(of.spread(row)[name]),
  })
  return [
    { title: 'Count', kind: 'number', cell: (row) => count(of.count(row)) },
    { title: 'Failed', kind: 'number', cell: (row) => badCount(of.failed(row)) },
    length('Mean', 'mean'),
    length('p50', 'p50'),
    length('p95', 'p95'),
    length('p99', 'p99'),
    length('Max', 'max'),
  ]
}
