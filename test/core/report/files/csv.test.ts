import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { exceptionsCsv, failuresCsv, historyCsv, statsCsv } from '../../../../core/report/files/csv.ts'
import { failingReport } from '../../../fixtures/reports/failing-report.ts'
import { hostile, hostileReport } from '../../../fixtures/reports/hostile-report.ts'
import { makeReport } from '../../../fixtures/reports/report.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'

const records = (text: string): Record<string, string>[] => parse(text, { columns: true, record_delimiter: '\r\n' })

test('stats.csv has one row for each name, and the last row contains the sum of all names', () => {
  const report = makeReport()
  const rows = records(statsCsv(report))
  expect(rows.map((row) => row['Name'])).toEqual([...report.requests.map((row) => row.name), 'Aggregated'])
  expect(rows.at(-1)).toMatchObject({ Type: '', 'Request Count': String(report.totals.requests), 'Failure Count': '0' })
  expect(Number(rows[0]?.['99%'])).toBe(report.requests[0]?.latencyMs.p99)
})

test('a name without measured latencies has empty cells and not zeros', () => {
  const report = makeReport()
  const none = { min: null, mean: null, p50: null, p75: null, p90: null, p95: null, p99: null, p999: null, max: null }
  report.requests = report.requests
    .slice(0, 1)
    .map((row) => Object.assign(row, { latencyMs: none, histogram: '', requests: 0 }))
  expect(records(statsCsv(report))[0]).toMatchObject({
    'Median Response Time': '',
    '99.9%': '',
    'Average Content Size': '',
  })
})

test('history.csv has a row per second, with the percentiles of the window that contains this second', () => {
  const report = makeReport({ windows: 4 })
  const rows = records(historyCsv(report))
  expect(rows).toHaveLength(20)
  const [first, second] = report.windows.map((window) => String(window.requests[0]?.latencyMs.p99))
  expect(rows.map((row) => row['99%']).slice(3, 7)).toEqual([first, first, second, second])
  expect(rows[1]).toMatchObject({
    Second: '1',
    'Time (UTC)': '2026-11-21T07:31:05.000Z',
    'User Count': String(report.seconds[1]?.users),
    Timestamp: String(report.run.startedAt / 1000 + 1),
    'Total Request Count': String((report.seconds[0]?.requests ?? 0) + (report.seconds[1]?.requests ?? 0)),
  })
})

test("the CSV files begin with Locust's columns, with the same names and in the same order", () => {
  const heads = [statsCsv, historyCsv, failuresCsv, exceptionsCsv].map((made) => made(makeReport()).split('\r\n')[0])
  expect(heads[0]).toMatch(
    /^Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests\/s,Failures\/s,50%,66%,75%,80%,90%,95%,98%,99%,99\.9%,99\.99%,100%,/,
  )
  expect(heads[1]).toMatch(
    /^Timestamp,User Count,Type,Name,Requests\/s,Failures\/s,50%,95%,99%,100%,Total Request Count,Total Failure Count,/,
  )
  expect(heads[2]).toMatch(/^Method,Name,Error,Occurrences,/)
  expect(heads[3]).toBe('Count,Message,Traceback')
})

test("the percentiles of a name ascend, including the percentiles that are read from the name's histogram", () => {
  const percentiles = ['50%', '66%', '75%', '80%', '90%', '95%', '98%', '99%', '99.9%', '99.99%', '100%']
  const columns = ['Min Response Time'].concat(percentiles)
  for (const row of records(statsCsv(syntheticReport({ seconds: 30 })))) {
    const lengths = columns.map((column) => Number(row[column]))
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
    expect(lengths.at(-1)).toBeGreaterThan(lengths[1] ?? Infinity)
  }
})

test('exceptions.csv says what the scenario threw, how often and where', () => {
  const [thrown] = records(exceptionsCsv(failingReport()))
  expect(thrown).toMatchObject({ Count: '12', Message: expect.stringMatching(/^TypeError/) })
  expect(thrown?.['Traceback']).toContain('shop.burst.ts:31:22')
})

test('failures.csv says what failed, how often it failed, and when the first and the last failure occurred', () => {
  const report = failingReport()
  const [cart] = records(failuresCsv(report))
  expect(cart).toEqual({
    Method: 'POST',
    Name: '/cart',
    Error: 'status 503',
    Occurrences: String(report.errors[0]?.count),
    Kind: 'status',
    'First (UTC)': '2026-11-21T07:32:05.000Z',
    'Last (UTC)': '2026-11-21T07:33:33.000Z',
  })
})

/** Returns the cell of stats.csv that contains this name. */
function cellOf(name: string): string | undefined {
  const report = failingReport({ windows: 1 })
  Object.assign(report.errors[0] ?? {}, { name })
  return records(failuresCsv(report))[0]?.['Name']
}

test('a cell that a spreadsheet would run as a formula begins with an apostrophe, even if other characters come before the formula', () => {
  const starts = ['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠', '−', '﹦']
  const before = ['', ' ', '\n', '  ', '\u00a0', '\u3000', '"', "'", '`', '\u0301', '\u2003']
  for (const start of starts)
    for (const blank of before) expect(cellOf(`${blank}${start}1+1`)).toBe(`'${blank}${start}1+1`)
  const hidden = ['\t', '\0', '\u001b', '\u0007', '\u200b', '\ufeff', '\u202e', '\u0085', '\r']
  for (const char of hidden) expect(cellOf(`${char}=1+1`)).toMatch(/^'\\u\{[\da-f]+\}=1\+1$/)
  for (const plain of ['1+1', 'GET /a=b', 'a@b', '/x-y', '5 %', '"quoted"']) expect(cellOf(plain)).toBe(plain)
})

test('no file contains an unescaped control character, or a character that hides or reverses text', () => {
  const text = 'a\u001b[31mred\0\b\u007f\u009b\t\u202eb\u2066'
  const spelled = String.raw`a\u{1b}[31mred\u{0}\u{8}\u{7f}\u{9b}\u{9}\u{202e}b\u{2066}`
  expect(cellOf(text)).toBe(spelled)
  const report = failingReport({ windows: 1 })
  Object.assign(report.requests[0] ?? {}, { name: text, method: text })
  Object.assign(report.errors[0] ?? {}, { method: text, kind: text, message: text })
  report.exceptions = [{ message: text, stack: text, count: 1 }]
  for (const file of [statsCsv, failuresCsv, historyCsv, exceptionsCsv].map((made) => made(report))) {
    expect(file.replaceAll('\r\n', '')).not.toMatch(/[^\P{Cc}\n]|[\u202e\u2066]/u)
  }
  expect(records(statsCsv(report)).map((row) => row['Type'])).toContain(spelled)
})

test('a CSV reader returns a name unchanged if the name has no formula and no control characters', () => {
  const back = records(statsCsv(hostileReport())).map((row) => row['Name'])
  expect(back).toHaveLength(hostile.length + 1)
  const visible = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ';', 'é', '数', '👩‍💻', ' ', '\\', '=') })
  fc.assert(
    fc.property(visible, (name) => {
      expect(cellOf(`x${name}`)).toBe(`x${name}`)
    }),
    { numRuns: 30 },
  )
})
