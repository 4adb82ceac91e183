import { expect, test } from 'vitest'
import { plainStyle } from '../../../cli/terminal/style.ts'
import { renderSummary } from '../../../cli/terminal/render-summary.ts'
import { makeReport } from '../../fixtures/reports/report.ts'

test.each([80, 120])(
  'in a terminal of %i columns, long names, thresholds and notes are wrapped and not cut',
  (width) => {
    const report = makeReport({ windows: 1, names: 1 })
    const name = '/v1/organisations/:org/projects/:project/environments/:environment/deployments/:deployment'
    const expression = `GET ${name}: p95 < 300ms`
    const note = 'too few requests (93; 200 are needed), judged over the last 10 s'
    const [threshold] = report.thresholds
    const [row] = report.requests
    if (!threshold || !row) throw new Error('the report has no threshold or no row')
    const text = renderSummary(
      { ...report, requests: [{ ...row, name }], thresholds: [{ ...threshold, expression, note }] },
      width,
      plainStyle,
    )
    expect(text).not.toContain('…')
    // Returns the text in the first `end` columns of the lines, without blanks and line breaks.
    const first = (lines: string[], end: number): string =>
      lines
        .map((line) => line.slice(0, end))
        .join('')
        .replaceAll(/\s+/g, '')
    const lines = text.split('\n')
    const head = lines.findIndex((line) => line.startsWith('request '))
    expect(first(lines.slice(head), lines[head]?.indexOf('requests') ?? 0)).toContain(name)
    const from = lines.indexOf('thresholds')
    const noteAt = lines[from + 1]?.search(/\s{2}\d/) ?? -1
    expect(noteAt).toBeGreaterThan(0)
    expect(first(lines.slice(from), noteAt)).toContain(expression.replaceAll(' ', ''))
    expect(
      lines
        .slice(from)
        .map((line) => line.slice(noteAt))
        .join('')
        .replaceAll(/\s+/g, ''),
    ).toContain(note.replaceAll(' ', ''))
    expect(lines.filter((line) => line.length > width)).toEqual([])
  },
)
