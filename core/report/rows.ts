import { greatest } from '../extremes.ts'
import { type HistogramWriter, mergedCell, namedRowOf, rowOf, spreadOf, windowRowOf } from '../verdict/summary.ts'
import { emptyRequestSecond } from '../window/histograms/compact.ts'
import type { Distribution } from '../window/histograms/distribution.ts'
import { type ErrorCell, type RequestCell, type Window, type WorkerCell, otherNames } from '../window/window.ts'
import { type Buckets, seriesKey } from './gather/buckets.ts'
import { seriesNames } from './series.ts'
import type { ErrorEntry, UserFacts, WindowEntry } from './entries/report-entries.ts'
import type { Report } from './report.ts'
import type { NamedRow, Row } from '../verdict/results.ts'

/**
 * A report lists at most this number of kinds of failures, and at most this number of exceptions. The counts in the rows of the request names include
 * all failures.
 */
export const errorCap = 500

/** Returns the row of all requests, and one row per method and name. The busiest name comes first, and `(other names)` comes last. */
export function requestRows(
  cells: Window['requests'],
  loadSeconds: number,
  histogram?: HistogramWriter,
): { totals: Row; requests: NamedRow[] } {
  const named = [...cells.values()].filter((cell) => cell.name !== otherNames).toSorted(busiestFirst)
  const others = [...cells.values()].filter((cell) => cell.name === otherNames)
  const rows = named.map((cell) => namedRowOf(cell, loadSeconds, histogram))
  if (others.length > 0)
    rows.push(namedRowOf({ ...mergedCell(others), name: otherNames, tags: [] }, loadSeconds, histogram))
  return { totals: rowOf(mergedCell(cells.values()), loadSeconds, histogram), requests: rows }
}

function busiestFirst(a: RequestCell, b: RequestCell): number {
  return b.requests - a.requests || alphabetical(a.name, b.name) || alphabetical(a.method, b.method)
}

/**
 * Returns one entry for each bucket of the run until `endS` (seconds since the start). The first row of an entry contains the counts of all requests.
 * The next rows contain the counts of the first 50 names in `requests`, in the order of `requests`. A name without requests in the bucket has no row.
 */
export function windowEntries(buckets: Buckets, requests: readonly NamedRow[], endS: number): WindowEntry[] {
  const named = requests.slice(0, seriesNames).map(({ method, name }) => {
    return { method, name, counted: buckets.names.get(seriesKey({ method, name })) }
  })
  const { stepS, count } = buckets
  const length = Math.min(count, Math.ceil(endS / stepS))
  return Array.from({ length }, (_, k) => {
    const at = k * stepS
    const rows = named.flatMap(({ method, name, counted }) => {
      const second = counted?.get(k)
      return second ? [{ method, name, ...windowRowOf(second) }] : []
    })
    const all = { method: '', name: '', ...windowRowOf(buckets.all.get(k) ?? emptyRequestSecond()) }
    return { at, seconds: Math.min(stepS, endS - at), requests: [all, ...rows] }
  })
}

/** Returns the failures by name, kind and message, at most `errorCap`. The most frequent failure comes first. */
export function errorEntries(errors: Window['errors']): ErrorEntry[] {
  return listedErrors(errors).map(({ seconds: _seconds, ...entry }) => entry)
}

/** Returns the listed failures, with their counts over time. */
export function listedErrors(errors: Window['errors']): ErrorCell[] {
  const sorted = [...errors].toSorted(([a, x], [b, y]) => y.count - x.count || alphabetical(a, b))
  return sorted.slice(0, errorCap).map(([, cell]) => cell)
}

export function exceptionEntries(exceptions: Window['exceptions']): Report['exceptions'] {
  const sorted = [...exceptions.values()].toSorted((a, b) => b.count - a.count || alphabetical(a.message, b.message))
  return sorted.slice(0, errorCap)
}

export function iterationEntries(iterations: Window['iterations']): Report['iterations'] {
  return byKey(iterations).map(([key, cell]) => {
    const [className = '', task = ''] = key.split('\t')
    const { count, failed, hung } = cell
    return { class: className, task, count, failed, hung, durationMs: spreadOf(cell.duration) }
  })
}

export function stepEntries(steps: Window['steps']): Report['steps'] {
  return byKey(steps).map(([name, cell]) => ({
    name,
    count: cell.count,
    failed: cell.failed,
    durationMs: spreadOf(cell.duration),
  }))
}

export function checkEntries(checks: Window['checks']): Report['checks'] {
  return byKey(checks).map(([name, { passed, failed }]) => ({ name, passed, failed }))
}

export function metricEntries(metrics: Window['metrics']): Report['metrics'] {
  return byKey(metrics).map(([, { method, name, count, failures, bytes, duration }]) => {
    return { method, name, count, failures, bytes, durationMs: spreadOf(duration) }
  })
}

/** Lists all `classes`, even a class without a started user. */
export function userFacts(users: Window['users'], classes: readonly string[]): UserFacts {
  const byClass = new Map([...classes.map((name) => [name, 0] as const), ...byKey(users.startedByClass)])
  const started = [...byClass.values()].reduce((sum, n) => sum + n, 0)
  return {
    byClass: Object.fromEntries(byClass),
    started,
    failedToStart: users.failedToStart,
    unharmed: Math.max(0, started - users.harmed),
    exhausted: users.exhausted,
    missedIterations: users.missedIterations,
    carried: users.carried,
    begunAnew: users.begunAnew,
  }
}

/**
 * Returns the row for one slice, with the counts of all its attempts.
 * @param lag the lag of this slice
 */
export function workerFigures(
  cells: readonly WorkerCell[],
  lag: Distribution,
): Omit<Report['workers'][number], 'slice' | 'region' | 'attempts' | 'errors'> {
  const most = (of: (cell: WorkerCell) => number): number => greatest(cells, of, 0)
  const sum = (of: (cell: WorkerCell) => number): number => cells.reduce((total, cell) => total + of(cell), 0)
  const { p50, p99, max } = spreadOf(lag)
  const coreWaitShare = most((cell) => cell.coreWaitShare)
  return {
    users: most((cell) => cell.users),
    requests: sum((cell) => cell.requests),
    lagMs: { p50, p99, max },
    loopDelayMs: { p99: most((cell) => cell.loopDelayP99Ms), max: most((cell) => cell.loopDelayMaxMs) },
    loopUtilization: most((cell) => cell.loopUtilization),
    // During a run, a thread always waits at least some nanoseconds for a core. A value of 0 therefore means that the system does not report this
    // waiting time.
    ...(coreWaitShare > 0 && { coreWaitShare }),
    gcMs: sum((cell) => cell.gcMs),
    rssMb: most((cell) => cell.rssMb),
    sockets: most((cell) => cell.sockets),
  }
}

function byKey<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].toSorted(([a], [b]) => alphabetical(a, b))
}

/** Orders strings by code units. This order does not depend on the machine's locale. */
export function alphabetical(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
