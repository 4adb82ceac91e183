import { array, assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { metricFamilies } from '../../../../core/report/metrics/families.ts'
import { type Measured, measuredAtEnd } from '../../../../core/report/metrics/measured.ts'
import { sampledSeries } from '../../../../core/report/metrics/sampled.ts'
import { SteadyCounts } from '../../../../core/report/metrics/steady-counts.ts'
import { SeriesWriter, stale } from '../../../../core/report/metrics/written-series.ts'
import { mergeWindow } from '../../../../core/window/merge-windows.ts'
import { type Window, emptyWindow, otherNames } from '../../../../core/window/window.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'
import { cellOf, requestsOf } from '../../../fixtures/run.ts'

const ended = measuredAtEnd(syntheticReport({ seconds: 20, names: 2 }))
/** A run in progress, without requests and failures. */
const running: Measured = { ...ended, finished: false, requests: [], failuresByKind: new Map(), exceptions: 0 }

/**
 * Returns the total counts of a run in progress at the end of each window. Each item of `windows` lists the names of the requests in one window. The
 * window has three requests for each listed name.
 */
function requestsOfRun(windows: readonly (readonly string[])[]): Measured[] {
  const all = emptyWindow()
  return windows.map((names, k) => {
    const cells = names.map((name) => cellOf('GET', name, [k + 1, 40, 900], k % 2))
    mergeWindow(all, { ...emptyWindow(), requests: requestsOf(...cells) })
    return { ...running, requests: [...copyOf(all).requests.values()] }
  })
}

function copyOf(window: Window): Window {
  const copy = emptyWindow()
  mergeWindow(copy, window)
  return copy
}

function namesFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, k) => `/page-${String.fromCharCode(97 + ((first + k) % 26))}-${first + k}`)
}

/** Returns the value of each counter. The key is a JSON object with the name and the labels of the counter. */
function countersOf(measured: Measured): Map<string, number> {
  const families = metricFamilies([measured]).filter(({ type }) => type !== 'gauge')
  const series = families.flatMap(sampledSeries)
  return new Map(series.map(({ name, labels, value }) => [JSON.stringify({ metric: name, ...labels }), value]))
}

/** Returns the sum of each counter over all names. */
function sumsOf(measured: Measured): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [key, value] of countersOf(measured)) {
    const { metric, le = '', status = '' } = JSON.parse(key) as Record<string, string>
    const summed = `${metric} ${le} ${status}`
    sums[summed] = Math.round(((sums[summed] ?? 0) + value) * 1e6) / 1e6
  }
  return sums
}

/** Checks that no counter went down or is missing. A sum of seconds may have a rounding error. */
function expectSteady(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  const least = (key: string, value: number): number => (key.includes('_sum') ? value - 1e-9 : value)
  const fell = [...before].filter(([key, value]) => !((after.get(key) ?? -1) >= least(key, value)))
  expect(fell.map(([key, value]) => `${key} went from ${value} to ${after.get(key)}`)).toEqual([])
}

test('when names move to the row for other names, no counter goes down, and the sum over all names stays exact', () => {
  const first = integer({ min: 0, max: 3000 })
  assert(
    property(array(first, { minLength: 3, maxLength: 4 }), (firsts) => {
      const steady = new SteadyCounts()
      let before = new Map<string, number>()
      for (const raw of requestsOfRun(firsts.map((from) => namesFrom(from, 500)))) {
        const shown = steady.next(raw)
        const counters = countersOf(shown)
        expectSteady(before, counters)
        expect(sumsOf(shown)).toEqual(sumsOf(raw))
        expect(shown.requests.length).toBeLessThanOrEqual(1001)
        before = counters
      }
    }),
    { numRuns: 2, endOnFailure: true },
  )
})

test('only new counts are added to (other names), so that increase() counts each request once', () => {
  const steady = new SteadyCounts()
  const writer = new SeriesWriter(0)
  const windows = [namesFrom(0, 900), namesFrom(900, 300), namesFrom(600, 900)]
  const raw = requestsOfRun(windows)
  const messages = raw.map((one, k) => writer.write(metricFamilies([steady.next(one)]), 5000 * (k + 1)))
  expect(raw.at(-1)?.requests.some(({ name }) => name === otherNames)).toBe(true)
  const bySeries = Map.groupBy(messages.flat(), ({ labels }) => JSON.stringify(labels))
  const increases = [...bySeries].flatMap(([labels, parts]) => {
    const values = parts.flatMap(({ samples }) => samples.map(({ value }) => value)).filter((value) => value !== stale)
    return labels.includes('"burst_requests_total"') ? [(values.at(-1) ?? 0) - (values[0] ?? 0)] : []
  })
  const sent = 3 * windows.flat().length
  expect(increases.reduce((all, one) => all + one, 0)).toBe(sent)
})

test('in the final report, the row "other names" continues the series that it had during the run', () => {
  const steady = new SteadyCounts()
  const [raw] = requestsOfRun([namesFrom(0, 1200)])
  if (!raw) throw new Error('there is no window')
  const before = steady.next(raw)
  // In a report, the row for other names does not have a method.
  const requests = raw.requests.map((row) => (row.name === otherNames ? { ...row, method: '' } : row))
  const after = steady.next({ ...ended, requests })
  const of = ({ requests: rows }: Measured) => rows.filter(({ name }) => name === otherNames)
  expect(of(after)).toEqual(of(before))
  expect(of(after)).toMatchObject([{ method: '*', requests: 600 }])
})

test('if a report lists fewer failures of a kind than the previous report, the counter of this kind keeps its earlier value', () => {
  const steady = new SteadyCounts()
  const requests = [cellOf('GET', '/', [1, 2, 3, 4, 5, 6, 7, 8, 9], 9)]
  steady.next({ ...running, requests, failuresByKind: new Map([['status', 5], ['expect', 2]]) }) // prettier-ignore
  const last = steady.next({ ...ended, requests, failuresByKind: new Map([['status', 6], ['expect', 1]]) }) // prettier-ignore
  expect(last.failuresByKind).toEqual(new Map([['status', 6], ['expect', 2], ['unlisted', 1]])) // prettier-ignore
})

test('counters do not go down if the final report lacks counts that were exported during the run', () => {
  const steady = new SteadyCounts()
  const arrivals = { started: 9, dropped: { pool: 3, generator: 2, lost: 0 } }
  const [raw] = requestsOfRun([namesFrom(0, 3)])
  if (!raw) throw new Error('there is no window')
  const before = steady.next({ ...raw, exceptions: 4, arrivals })
  const fewer = { started: 8, dropped: { pool: 4, generator: 1, lost: 2 } }
  const after = steady.next({ ...ended, requests: raw.requests.slice(1), exceptions: 3, arrivals: fewer })
  expectSteady(countersOf(before), countersOf(after))
  expect(after.arrivals).toEqual({ started: 9, dropped: { pool: 4, generator: 2, lost: 2 } })
})
