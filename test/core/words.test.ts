import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { markdownSummary } from '../../core/report/files/markdown.ts'
import * as figures from '../../core/report/figures.ts'
import { plainReport } from '../../core/report/html/plain.ts'
import {
  bytes,
  counted,
  dollars,
  few,
  grouped,
  instant,
  isoInstant,
  measured,
  milliseconds,
  moment,
  percent,
  perSecond,
  relativeChange,
  span,
} from '../../core/words.ts'
import { renderSummary } from '../../cli/terminal/render-summary.ts'
import { plainStyle } from '../../cli/terminal/style.ts'
import { makeReport } from '../fixtures/reports/report.ts'

const plain = (text: string): string => text.replaceAll('\u00A0', ' ')

/** Values with their wording. The wording is the same in the terminal, in report.md and on the page. */
const table: [kind: string, text: (value: number) => string, rows: [value: number, text: string][]][] = [
  [
    'count',
    grouped,
    [
      [0, '0'],
      [950, '950'],
      [98_765, '98,765'],
      [12_345_678, '12,345,678'],
    ],
  ],
  [
    'rate',
    perSecond,
    [
      [0, '0'],
      [0.001, '<0.01'],
      [0.421, '0.42'],
      [0.996, '1'],
      [1.04, '1'],
      [8.42, '8.4'],
      [38.21, '38.2'],
      [99.96, '100'],
      [38_212.4, '38,212'],
    ],
  ],
  [
    'measured length',
    milliseconds,
    [
      [0, '0 ms'],
      [0.001, '<0.01 ms'],
      [0.842, '0.84 ms'],
      [0.996, '1 ms'],
      [3.21, '3.2 ms'],
      [9.96, '10 ms'],
      [84.4, '84 ms'],
      [999.4, '999 ms'],
      [999.7, '1 s'],
      [1803, '1.8 s'],
      [1023, '1.02 s'],
      [59_994, '60 s'],
      [36_240, '36.2 s'],
      [99_960, '1 min 40 s'],
      [125_000, '2 min 5 s'],
      [5_402_000, '1 h 30 min 2 s'],
      [-300, '−300 ms'],
      [-200_000, '−3 min 20 s'],
    ],
  ],
  [
    'whole length',
    span,
    [
      [0, '0 s'],
      [300, '300 ms'],
      [999.7, '1 s'],
      [45_000, '45 s'],
      [60_000, '1 min'],
      [125_000, '2 min 5 s'],
      [5_400_000, '1 h 30 min'],
    ],
  ],
  [
    'share',
    percent,
    [
      [0, '0 %'],
      [0.00001, '<0.01 %'],
      [0.0031, '0.31 %'],
      [0.025, '2.5 %'],
      [0.0405, '4.05 %'],
      [0.124, '12.4 %'],
      [0.9989, '99.9 %'],
      [0.99999, '>99.9 %'],
      [1, '100 %'],
    ],
  ],
  [
    'change',
    relativeChange,
    [
      [0, '±0 %'],
      [0.0001, '±0 %'],
      [0.0421, '+4.2 %'],
      [-0.213, '−21 %'],
      [12.5, '+1,250 %'],
    ],
  ],
  [
    'size',
    bytes,
    [
      [0, '0 B'],
      [512, '512 B'],
      [8400, '8.4 kB'],
      [999_700, '1 MB'],
      [1_230_000_000, '1.2 GB'],
    ],
  ],
  [
    'money',
    dollars,
    [
      [0, '$0.00'],
      [0.0001, '<$0.01'],
      [0.01, '$0.01'],
      [1.125, '$1.13'],
      [1204.5, '$1,204.50'],
    ],
  ],
  [
    'moment',
    moment,
    [
      [-61.5, '−01:02'],
      [-0.2, '−00:01'],
      [0, '00:00'],
      [42.9, '00:42'],
      [65, '01:05'],
      [3723, '1:02:03'],
    ],
  ],
]

test.each(table.flatMap(([kind, text, rows]) => rows.map(([value, expected]) => ({ kind, text, value, expected }))))(
  'a $kind of $value reads $expected',
  ({ text, value, expected }) => {
    expect(text(value)).toBe(expected)
  },
)

test('the page shows a value with the same wording as the terminal, but without a line break before the unit', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (value, share) => {
        expect(plain(figures.ms(value).text)).toBe(milliseconds(value))
        expect(plain(figures.share(share).text)).toBe(percent(share))
        expect(figures.rate(value).text).toBe(perSecond(value))
        expect(plain(figures.bytes(value).text)).toBe(bytes(value))
        expect(figures.count(Math.round(value)).text).toBe(grouped(Math.round(value)))
        expect(figures.ms(value).text).not.toContain(' ')
      },
    ),
  )
})

test('a measured duration is rounded by at most 5 % and has at least two digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 99_000, noNaN: true }), (value) => {
      const [n, unit] = milliseconds(value).split(' ')
      expect(Math.abs(Number(n) * (unit === 's' ? 1000 : 1) - value)).toBeLessThanOrEqual(value / 20 + 1e-9)
    }),
  )
})

test('the value of a threshold is shown in the unit of the threshold', () => {
  expect([measured(1310, 'ms'), measured(4.05, '%'), measured(212.3, '/s')]).toEqual(['1.31 s', '4.05 %', '212/s'])
})

test('a row of a report has the same wording in the terminal, in report.md and on the page', () => {
  const report = makeReport()
  const { totals } = report
  const { p50, p95, max } = totals.latencyMs
  const texts = [grouped(totals.requests), percent(totals.failureShare), ...[p50, p95, max].map(milliseconds)]
  const terminal = renderSummary(report, 200, plainStyle)
  const page = plain(plainReport(report).markup)
  const markdown = markdownSummary(report)
  for (const text of texts) {
    // The widest table of the terminal omits the space between a number and a unit of time.
    expect(terminal.includes(text) || terminal.includes(text.replace(' ', ''))).toBe(true)
    expect(page).toContain(text.replace('<', '&lt;').replace('>', '&gt;'))
    expect(markdown).toContain(text)
  }
})

test('a noun agrees with its count, and dates and lists have their usual form', () => {
  expect([counted(1, 'request'), counted(1204, 'request'), counted(2, 'user is', 'users are')]).toEqual([
    '1 request',
    '1,204 requests',
    '2 users are',
  ])
  expect(grouped(12.3456)).toBe('12.346')
  expect(milliseconds(null)).toBe('–')
  expect(instant(Date.UTC(2026, 10, 21, 7, 31, 4))).toBe('2026-11-21 07:31:04 UTC')
  expect(isoInstant(1e300)).toBe('1e+300')
  expect(few(['a', 'b', 'c'], 2)).toBe('a, b and 1 more')
})
