import type { Report, WindowEntry } from './report.ts'
import type { NamedRow, WindowRow } from '../verdict/results.ts'

/** What the charts draw, in columns: numbers only, so that no text from outside reaches a script. */
export interface ChartData {
  /** By stretch of `step` seconds: its first second, users planned and alive (greatest), requests and failures per second (mean). */
  load: { step: number; at: number[]; planned: number[]; users: number[]; requests: number[]; failures: number[] }
  /** Middle of each window, seconds since the start. */
  windowsAt: number[]
  /** All names together first, then those of `chartedNames`; milliseconds. */
  latency: LatencyColumns[]
  /** Seconds since the start. */
  events: number[]
}

type LatencyColumns = Record<'p50' | 'p95' | 'p99' | 'max', (number | null)[]>

const pointCap = 1440
const numberCap = 60_000

export function chartData(report: Report): ChartData {
  const series = windowSeries(report)
  const named = chartedNames(report).map((row) => columns(series.get(keyOf(row)) ?? []))
  const all = columns(report.windows.map((window) => window.requests[0]))
  return {
    load: loadColumns(report),
    windowsAt: report.windows.map((window) => window.at + window.seconds / 2),
    latency: [all, ...named],
    events: report.events.flatMap((event) => (event.at === null || event.at < 0 ? [] : [event.at])),
  }
}

/** The names whose latency over time is in the page: the busiest ones, as many as keep the page small. */
export function chartedNames(report: Report): NamedRow[] {
  const most = Math.floor(numberCap / (4 * Math.max(1, report.windows.length)))
  return report.requests.toSorted((a, b) => b.requests - a.requests).slice(0, most)
}

/** The windows of each name, one entry per window of the run, undefined where it had no request. */
export function windowSeries(report: Report): Map<string, (WindowRow | undefined)[]> {
  const series = new Map<string, (WindowRow | undefined)[]>()
  report.windows.forEach((window, k) => {
    for (const row of rowsOf(window)) {
      const key = keyOf(row)
      const known = series.get(key) ?? Array.from<WindowRow | undefined>({ length: report.windows.length })
      known[k] = row
      series.set(key, known)
    }
  })
  return series
}

export function keyOf(row: { method: string; name: string }): string {
  return `${row.method} ${row.name}`
}

/** The greatest p95 of each stretch, at most `points` stretches: a line to tell at a glance when a name was slow. */
export function slowness(rows: readonly (WindowRow | undefined)[], points: number): (number | null)[] {
  const per = Math.max(1, Math.ceil(rows.length / points))
  return Array.from({ length: Math.ceil(rows.length / per) }, (_, k) => {
    const measured = rows.slice(k * per, (k + 1) * per).flatMap((row) => row?.latencyMs.p95 ?? [])
    return measured.length === 0 ? null : Math.max(...measured)
  })
}

function rowsOf(window: WindowEntry): WindowRow[] {
  return window.requests.filter((row) => row.method !== '' || row.name !== '')
}

function columns(rows: readonly (WindowRow | undefined)[]): LatencyColumns {
  const column = (of: keyof LatencyColumns): (number | null)[] => rows.map((row) => short(row?.latencyMs[of] ?? null))
  return { p50: column('p50'), p95: column('p95'), p99: column('p99'), max: column('max') }
}

function loadColumns({ seconds }: Report): ChartData['load'] {
  const step = Math.max(1, Math.ceil(seconds.length / pointCap))
  const made: ChartData['load'] = { step, at: [], planned: [], users: [], requests: [], failures: [] }
  for (let k = 0; k < seconds.length; k += step) {
    const stretch = seconds.slice(k, k + step)
    made.at.push(stretch[0]?.at ?? 0)
    made.planned.push(Math.max(...stretch.map((second) => second.plannedUsers)))
    made.users.push(Math.max(...stretch.map((second) => second.users)))
    made.requests.push(mean(stretch.map((second) => second.requests)))
    made.failures.push(mean(stretch.map((second) => second.failures)))
  }
  return made
}

function mean(values: readonly number[]): number {
  return short(values.reduce((sum, value) => sum + value, 0) / values.length) ?? 0
}

function short(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}
