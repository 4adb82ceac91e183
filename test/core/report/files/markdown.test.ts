import { expect, test } from 'vitest'
import { markdownSummary } from '../../../../core/report/files/markdown.ts'
import { failingReport } from '../../../fixtures/reports/failing-report.ts'
import { hostile, hostileReport } from '../../../fixtures/reports/hostile-report.ts'
import { makeReport } from '../../../fixtures/reports/report.ts'

const words = (text: string): string => text.replaceAll('\u00a0', ' ')
/** Returns the tables as rows of cells, split as GitHub splits them: a bar in a cell always ends the cell. */
const tables = (text: string): string[][][] =>
  text
    .split('\n\n')
    .filter((part) => part.startsWith('|'))
    .map((part) => part.split('\n').map((line) => line.slice(1, -1).split('|')))

test('report.md begins with the verdict and its reasons, followed by the key values, the thresholds, the names and the failures', () => {
  const text = words(markdownSummary(failingReport()))
  expect(text).toMatch(/^## ✗ Failed: checkout-peak\n\n- POST \/cart: p99 was 1\.31 s, the limit is 1 s\.\n/)
  expect(text.match(/^### .*$/gm)).toEqual([
    '### Thresholds',
    '### Requests, the busiest first',
    '### Failures',
    '### Exceptions of the scenario',
  ])
  expect(text).toContain('| ✗ | `POST /cart: p99 < 1s` | 1.31 s, `exceeded from 1:05 on` |')
  expect(text).toMatch(/\| `POST \/cart` \| 13,511 \| .* \| 257 \(1\.9 %\) \|/)
  expect(text).toContain('| 257 | `POST /cart` | `status 503` |')
  expect(text).toMatch(/run `20261121-073104-7f3a` · seed `7f3a91c2`, burst `0\.1\.0\+4fdb5ab`\n$/)
})

test('report.md has no heading for failures or thresholds if there are none, and long tables are cut', () => {
  const text = words(markdownSummary({ ...makeReport({ names: 40 }), thresholds: [] }))
  expect(text.match(/^### .*$/gm)).toEqual(['### Requests, the busiest first'])
  expect(text).toContain('25 more in `report.html`.')
  expect(tables(text)[1]).toHaveLength(2 + 15)
})

test('strings from outside are not read as markup or mentions, and do not end a cell or a line', () => {
  const evil = [
    ...hostile,
    'a|b',
    'a\\',
    '\\|',
    '`x` | y',
    '``',
    '@octocat see #12',
    '[x](javascript:alert(1))',
    '![](http://evil.example/x.png)',
    'a\nb\r\n\n## c',
    '<!--',
    '| --- |',
    'http://evil.example',
  ]
  for (const text of evil) {
    const report = hostileReport()
    report.run.name = text
    report.verdict.reasons = [text]
    for (const one of [...report.requests, ...report.errors]) Object.assign(one, { name: text, message: text })
    for (const one of report.thresholds) Object.assign(one, { expression: text, note: text })
    report.exceptions = [{ message: text, stack: '', count: 1 }]
    const made = markdownSummary(report)
    for (const rows of tables(made)) expect(new Set(rows.map((cells) => cells.length)).size).toBe(1)
    // Outside of code spans, the text comes from burst or is escaped.
    const bare = made.replaceAll(/`[^`\n]*`/g, '')
    expect(bare).not.toMatch(/<(?!\/?code>)/)
    expect(bare).not.toMatch(/@|\]\(|!\[|:\/\/|\*/)
    expect(bare.match(/^#+ .*$/gm)).toHaveLength(5)
    expect(bare.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(1)
    expect(made).not.toMatch(/[\u202a-\u202e\u2028\u2029\u2066-\u2069\r]/)
  }
})

test('a very long string is cut in report.md', () => {
  const report = failingReport()
  Object.assign(report.errors[0] ?? {}, { message: '👩‍💻'.repeat(5_000), name: '|'.repeat(100_000) })
  expect(markdownSummary(report).length).toBeLessThan(12_000)
})
