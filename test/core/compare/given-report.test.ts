import { expect, test } from 'vitest'
import { givenReport } from '../../../core/compare/given-report.ts'
import { renderHtml } from '../../../core/report/html/html.ts'
import { hostileReport } from '../../fixtures/reports/hostile-report.ts'
import { makeReport } from '../../fixtures/reports/report.ts'

const report = makeReport()

test('a report can be read from report.json and from report.html', () => {
  const assets = { script: '', style: '', sha256: () => '' }
  for (const one of [report, hostileReport()]) {
    const rest = { ...(JSON.parse(JSON.stringify(one)) as typeof one), windows: [] }
    expect(givenReport(JSON.stringify(one), 'a.json')).toMatchObject(rest)
    expect(givenReport(renderHtml(one, assets), 'a.html')).toMatchObject(rest)
  }
})

test('the error says why a file is refused: it is not a report, has an unsupported version, or has no series', () => {
  const changed = (part: object): string => JSON.stringify({ ...report, ...part })
  const { series: _series, ...seriesless } = report
  const cases: [text: string, message: string][] = [
    ['', 'x is not a burst report'],
    ['{', 'x is not valid JSON, so the file may be incomplete'],
    [JSON.stringify(report).slice(0, 5000), 'x is not valid JSON, so the file may be incomplete'],
    ['[]', 'x is not a burst report'],
    ['null', 'x is not a burst report'],
    ['{"name":"left-pad"}', 'x is not a burst report'],
    ['<!doctype html><html></html>', 'x is not a burst report'],
    [changed({ schemaVersion: 2 }), 'x is a version 2 report; this release of burst reads version 1'],
    [JSON.stringify(seriesless), 'x has no time series, which burst needs to estimate the noise of a run'],
    [changed({ requests: 7 }), 'x is not a complete burst report: requests is not valid'],
    [changed({ run: undefined }), 'x is not a complete burst report: run is missing'],
    [
      changed({ seconds: [{ plannedUsers: '1' }] }),
      'x is not a complete burst report: seconds.0.plannedUsers is not valid',
    ],
    [
      changed({ series: { ...report.series, buckets: 1e9 } }),
      'x is not a complete burst report: series.buckets is not valid',
    ],
    [
      changed({ series: { ...report.series, stepS: 0 } }),
      'x is not a complete burst report: series.stepS is not valid',
    ],
  ]
  for (const [text, message] of cases)
    expect(() => givenReport(text, 'x')).toThrow(expect.objectContaining({ message, exitCode: 104 }))
})
