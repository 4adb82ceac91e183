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

test('a file that is not a report, has another version, or has no series is refused with the reason', () => {
  const changed = (part: object): string => JSON.stringify({ ...report, ...part })
  const { series: _series, ...seriesless } = report
  const cases: [text: string, message: string][] = [
    ['', 'x is not a report of burst'],
    ['{', 'x is not a report of burst'],
    ['[]', 'x is not a report of burst'],
    ['null', 'x is not a report of burst'],
    ['{"name":"left-pad"}', 'x is not a report of burst'],
    ['<!doctype html><html></html>', 'x is not a report of burst'],
    [changed({ schemaVersion: 2 }), 'x is a report of version 2; this burst reads version 1'],
    [JSON.stringify(seriesless), 'x has no series, from which the noise of a run is judged'],
    [changed({ requests: 7 }), 'x is not a whole report of burst: requests is not valid'],
    [changed({ run: undefined }), 'x is not a whole report of burst: run is missing'],
    [
      changed({ seconds: [{ plannedUsers: '1' }] }),
      'x is not a whole report of burst: seconds.0.plannedUsers is not valid',
    ],
    [
      changed({ series: { ...report.series, buckets: 1e9 } }),
      'x is not a whole report of burst: series.buckets is not valid',
    ],
    [
      changed({ series: { ...report.series, stepS: 0 } }),
      'x is not a whole report of burst: series.stepS is not valid',
    ],
  ]
  for (const [text, message] of cases)
    expect(() => givenReport(text, 'x')).toThrow(expect.objectContaining({ message, exitCode: 104 }))
})
