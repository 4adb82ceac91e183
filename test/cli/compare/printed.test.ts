import { expect, test } from 'vitest'
import { comparisonMarkdown } from '../../../cli/compare/comparison-markdown.ts'
import { renderComparison } from '../../../cli/compare/comparison-terminal.ts'
import { plainStyle } from '../../../cli/terminal/style.ts'
import { compareRuns } from '../../../core/compare/compare-reports.ts'
import { comparedRun } from '../../fixtures/reports/compared-run.ts'

const names = ['/a', '/a/name/that/is/longer/than/most/terminals/are/wide/'.repeat(3), '/c'].map((name) => ({ name }))
const older = comparedRun({ seed: 1, names })
const newer = comparedRun({ seed: 2, names: names.map((name, k) => ({ ...name, typicalMs: k === 1 ? 90 : 50 })) })
const comparison = compareRuns(older, newer)

test.each([60, 80, 120])('all lines of a comparison fit into a terminal of %i columns', (width) => {
  const text = renderComparison(comparison, width, plainStyle)
  const table = text.split('\n').filter((line) => !line.includes('/a/name'))
  expect(table.filter((line) => line.length > width)).toEqual([])
  expect(text.includes('95 % interval')).toBe(width === 120)
  expect(text).toMatch(/p95 .*slower/)
})

test.each([80, 120])(
  'the comparison in a terminal of %i columns shows the complete reason why burst does not judge a value',
  (width) => {
    const [one, other] = [1, 2].map((seed) => comparedRun({ seed, names: [{ name: '/a', perSecond: 3 }], seconds: 31 }))
    if (!one || !other) throw new Error('a run is missing')
    const small = compareRuns(one, other)
    const text = renderComparison(small, width, plainStyle)
    const { unjudged } = small.rows[0]?.measures.p95Ms ?? {}
    expect(unjudged).toMatch(/^too few requests \(\d+; 200 are needed\)$/)
    expect(text.replaceAll(/\s+/g, ' ')).toContain(unjudged?.split(';')[0])
    for (const part of ['200', '1,000']) expect(text.replaceAll(/\s+/g, ' ')).toContain(`${part} are needed)`)
    expect(text).not.toContain('…')
    expect(text.split('\n').filter((line) => line.length > width)).toEqual([])
  },
)

test('control characters and markup in names and messages are shown as text', () => {
  const hostile = '\u001B[2J<img src=x onerror=alert(1)> | `x` [a](javascript:b) @team #1\n# head'
  const [one, other] = [1, 2].map((seed) => comparedRun({ seed, names: [{ name: hostile }], seconds: 30 }))
  if (!one || !other) throw new Error('a run is missing')
  one.report.run = { ...one.report.run, name: hostile }
  const hostileComparison = compareRuns(one, other)
  expect(renderComparison(hostileComparison, 120, plainStyle)).not.toContain('\u001B')
  const markdown = comparisonMarkdown(hostileComparison)
  expect(markdown).not.toContain('\u001B')
  expect(markdown).not.toMatch(/<img|\]\(|`|@team|^# head/m)
  for (const line of markdown.split('\n').filter((text) => text.startsWith('|')))
    expect(line.match(/\|/g)).toHaveLength(8)
})
