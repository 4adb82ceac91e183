import { inflateRawSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { comparisonMarkdown } from '../../../../cli/compare/comparison-markdown.ts'
import { renderSummary } from '../../../../cli/terminal/render-summary.ts'
import { plainStyle } from '../../../../cli/terminal/style.ts'
import { compareRuns } from '../../../../core/compare/compare-reports.ts'
import { givenReport } from '../../../../core/compare/given-report.ts'
import { failuresCsv, statsCsv } from '../../../../core/report/files/csv.ts'
import { junitXml } from '../../../../core/report/files/junit.ts'
import { latencyLog } from '../../../../core/report/files/latency-log.ts'
import { markdownSummary } from '../../../../core/report/files/markdown.ts'
import { escapeHtml, visibleField, visibleName } from '../../../../core/report/html/markup.ts'
import { plainReport } from '../../../../core/report/html/plain.ts'
import { metricFamilies } from '../../../../core/report/metrics/families.ts'
import { measuredAtEnd } from '../../../../core/report/metrics/measured.ts'
import { otlpRequest } from '../../../../core/report/metrics/otlp.ts'
import { prometheusText } from '../../../../core/report/metrics/prometheus-text.ts'
import type { Report } from '../../../../core/report/report.ts'
import { decodeSeries } from '../../../../core/report/series.ts'
import { readReport } from '../../../../page/model/model.ts'
import { failingReport } from '../../../fixtures/reports/failing-report.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'

/** Names, many of which can look alike in a spreadsheet program, a browser or a terminal. */
const alike = [
  'a b',
  'a  b',
  ' a b',
  'a b ',
  'a\tb',
  'a\nb',
  'a\rb',
  'a\r\nb',
  'a\u00a0b',
  'a\u2003b',
  'a\u2028b',
].concat(
  ['ab', 'a\0b', 'a\u0085b', 'a\u001b[31mb', 'a[31mb', 'a\u007fb', 'a\u00adb', 'a\u200bb', 'a\u200eb', 'a\u202eb'],
  ['a\u2066b', 'a\ufeffb', 'a\u2060b', `${'x'.repeat(299)}1`, `${'x'.repeat(299)}2`],
)

const base = syntheticReport({ seconds: 20, names: 1, trouble: true })

/** Returns a report whose request and first threshold have this name. */
function named(name: string): Report {
  const report = structuredClone(base)
  Object.assign(report.requests[0] ?? {}, { name })
  Object.assign(report.thresholds[0] ?? {}, { expression: `${name}: p95 < 1s` })
  return report
}

const failuresOf = ({ requests }: Report): Report['errors'] =>
  failingReport().errors.map((error) => ({ ...error, name: requests[0]?.name ?? '' }))

/** Returns the content of a CSV file as a spreadsheet program reads it. */
const cells = (text: string): string =>
  JSON.stringify(parse(text, { record_delimiter: '\r\n' })).replaceAll('\\r', '\\n')
/** Returns a text as a browser or a terminal shows it: without invisible characters, and with single blanks. */
const shown = (text: string): string => text.replaceAll(/\s+/gu, ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
const families = (report: Report) => metricFamilies([measuredAtEnd(report)])
const comparison = (report: Report): string => {
  const run = givenReport(JSON.stringify(report), 'it', visibleField)
  const { names, data } = run.series
  const series = decodeSeries(inflateRawSync(Buffer.from(data, 'base64')), { names, errors: run.errors.length })
  return comparisonMarkdown(compareRuns({ report: run, series }, { report: run, series }))
}

test.each<[string, (report: Report) => string]>([
  ['stats.csv', (report) => cells(statsCsv(report))],
  ['failures.csv', (report) => cells(failuresCsv({ ...report, errors: failuresOf(report) }))],
  ['report.md', (report) => shown(markdownSummary(report))],
  ['junit.xml', (report) => junitXml(report)],
  ['latency.hlog', (report) => latencyLog(report, inflateRawSync)],
  ['the table without JavaScript', (report) => shown(plainReport(report).markup)],
  ['the page', (report) => shown(readReport(JSON.stringify(report)).requests[0]?.name ?? '')],
  ['the summary in the terminal', (report) => shown(renderSummary(report, 2000, plainStyle))],
  ['the Markdown of a comparison', (report) => shown(comparison(report))],
  ['the metrics for Prometheus', (report) => prometheusText(families(report))],
  ['the metrics for OTLP', (report) => JSON.stringify(otlpRequest(families(report), 'b', { startMs: 0, nowMs: 1 }))],
])('%s shows two names differently, even if they differ only in characters that are not visible', (_, written) => {
  const texts = alike.map((name) => written(named(name)))
  const same = alike.filter((_name, k) => texts.indexOf(texts[k] ?? '') !== k)
  expect(same).toEqual([])
})

test('visibleName changes neither its own results nor letters and emoji', () => {
  assert(
    property(string({ unit: 'binary' }), (name) => {
      expect(visibleName(visibleName(name))).toBe(visibleName(name))
      expect(escapeHtml(visibleName(name))).not.toMatch(/[\t\n\u00a0]| {2}|^ | $/)
    }),
  )
  for (const name of ['GET /a b/:id', 'שלום 日本　語 naïve', '👩‍💻 مى‌خواهم']) expect(visibleName(name)).toBe(name)
})
