import { expect, test } from 'vitest'
import { renderSummary } from '../../../cli/terminal/render-summary.ts'
import { type Style, plainStyle } from '../../../cli/terminal/style.ts'
import type { Report } from '../../../core/report/report.ts'
import { makeReport } from '../../fixtures/reports/report.ts'

const coloured =
  (colour: string) =>
  (text: string): string =>
    `<${colour}>${text}</${colour}>`
const colourful: Style = { ...plainStyle, red: coloured('red'), green: coloured('green'), yellow: coloured('yellow') }

/** Returns the lines of the verdict from the end of the summary. */
function verdictOf(verdict: Partial<Report['verdict']>): string[] {
  const report = makeReport()
  const run = { ...report.run, name: 'shop', host: 'http://127.0.0.1:8080', startedAt: 0, endedAt: 20_000 }
  const told = { ...report, run, thresholds: [], verdict: { ...report.verdict, ...verdict } }
  return renderSummary(told, 100, colourful).split('\n\n').at(-1)?.split('\n') ?? []
}

test('the verdict of a run without thresholds has no colour and no tick, and its first line gives the measured values', () => {
  const figures = '4,812 requests, 0.25 % failed, p95 41 ms; no thresholds were set'
  expect(verdictOf({ result: 'unjudged', reasons: [figures] })).toEqual([
    `• unjudged  ${figures}`,
    '            shop, http://127.0.0.1:8080, 20 s',
  ])
})

test.each([
  ['passed', '<green>✓ passed</green>'],
  ['failed', '<red>✗ failed</red>'],
  ['inconclusive', '<yellow>? inconclusive</yellow>'],
] as const)('the verdict %s has its own colour', (result, words) => {
  expect(verdictOf({ result })[0]).toContain(words)
})
