import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { failuresCsv, historyCsv, statsCsv } from '../../../core/report/csv.ts'
import { failingReport } from '../../fixtures/failing-report.ts'
import { hostile, hostileReport } from '../../fixtures/hostile-report.ts'
import { makeReport } from '../../fixtures/report.ts'

const records = (text: string): Record<string, string>[] => parse(text, { columns: true, record_delimiter: '\r\n' })

test('stats.csv has a row per name, and all of them together in the last row', () => {
  const report = makeReport()
  const rows = records(statsCsv(report))
  expect(rows.map((row) => row['Name'])).toEqual([...report.requests.map((row) => row.name), 'Aggregated'])
  expect(rows.at(-1)).toMatchObject({ Type: '', 'Request Count': String(report.totals.requests), 'Failure Count': '0' })
  expect(Number(rows[0]?.['99% (ms)'])).toBe(report.requests[0]?.latencyMs.p99)
})

test('a name without a measured length has empty cells, not zeros', () => {
  const report = makeReport()
  const none = { min: null, mean: null, p50: null, p75: null, p90: null, p95: null, p99: null, p999: null, max: null }
  report.requests = report.requests.slice(0, 1).map((row) => Object.assign(row, { latencyMs: none, requests: 0 }))
  expect(records(statsCsv(report))[0]).toMatchObject({
    'Median (ms)': '',
    '99.9% (ms)': '',
    'Average Size (bytes)': '',
  })
})

test('history.csv has a row per second, with the percentiles of the window it lies in', () => {
  const report = makeReport({ windows: 4 })
  const rows = records(historyCsv(report))
  expect(rows).toHaveLength(20)
  const [first, second] = report.windows.map((window) => String(window.requests[0]?.latencyMs.p99))
  expect(rows.map((row) => row['99% of its window (ms)']).slice(3, 7)).toEqual([first, first, second, second])
  expect(rows[1]).toMatchObject({
    Second: '1',
    'Time (UTC)': '2026-11-21T07:31:05.000Z',
    Users: String(report.seconds[1]?.users),
  })
})

test('failures.csv says what failed, how often, first and last', () => {
  const report = failingReport()
  const [cart] = records(failuresCsv(report))
  expect(cart).toEqual({
    Method: 'POST',
    Name: '/cart',
    Kind: 'status',
    Error: 'status 503',
    Occurrences: String(report.errors[0]?.count),
    'First (UTC)': '2026-11-21T07:32:05.000Z',
    'Last (UTC)': '2026-11-21T07:33:33.000Z',
  })
})

test('a cell that a spreadsheet would run as a formula begins with an apostrophe', () => {
  const report = failingReport()
  for (const start of ['=', '+', '-', '@', '\t', '\r']) {
    Object.assign(report.errors[0] ?? {}, { message: `${start}1+1` })
    expect(records(failuresCsv(report))[0]?.['Error']).toBe(`'${start}1+1`)
  }
})

test('every name survives the way through a CSV reader', () => {
  const back = records(statsCsv(hostileReport())).map((row) => row['Name'])
  expect(back.slice(0, -1)).toEqual(hostile.map((name) => (/^[=-]/.test(name) ? `'${name}` : name)))
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const report = failingReport({ windows: 1 })
      Object.assign(report.errors[0] ?? {}, { name: `x${name}` })
      expect(records(failuresCsv(report))[0]?.['Name']).toBe(`x${name}`)
    }),
    { numRuns: 30 },
  )
})
