import { expect, test } from 'vitest'
import { compareRuns } from '../../../core/compare/compare-reports.ts'
import {
  differenceText,
  findingOf,
  intervalText,
  regressionWords,
  regressions,
} from '../../../core/compare/comparison-words.ts'
import { comparedRun } from '../../fixtures/reports/compared-run.ts'

const plain = (text: string): string => text.replaceAll('\u00A0', ' ')
const steady = { name: '/steady' }
const older = comparedRun({ seed: 1, names: [steady, { name: '/slow', failing: 0.01 }] })
const slower = comparedRun({ seed: 2, names: [steady, { name: '/slow', typicalMs: 80, failing: 0.01 }] })
const alike = comparedRun({ seed: 3, names: [steady, { name: '/slow', failing: 0.01 }] })

test('the verdict names the value that worsened most; if no value worsened, the verdict names an improvement or says that there is no change', () => {
  const said = (a: typeof older, b: typeof older): string => plain(findingOf(compareRuns(a, b)).headline)
  expect(said(older, slower)).toMatch(
    /^Worse: p\d\d of GET \/slow rose from \d+ ms to \d+ ms \(\+\d+ %\); and \d more values\.$/,
  )
  expect(said(slower, older)).toMatch(
    /^Better: p\d\d of GET \/slow fell from \d+ ms to \d+ ms \(−\d+ %\); and \d more values\.$/,
  )
  expect(said(older, alike)).toBe('There is no evidence of a change.')
  expect(said(older, older)).toBe('Both reports are of the same run: there is no difference.')
  const short = comparedRun({ seed: 4, seconds: 5 })
  expect(said(short, short)).toBe('Both reports are of the same run: there is no difference.')
  expect(said(short, older)).toBe(
    'The runs cannot be judged: too short (only 5 of the compared intervals have requests; 10 are needed).',
  )
})

test('the details of a comparison give the number of differences that chance alone would cause, and the reasons to doubt either run', () => {
  const { report, series } = comparedRun({ seed: 5, names: [{ name: '/other' }] })
  const bound = {
    series,
    report: {
      ...report,
      run: { ...report.run, host: 'https://other.example' },
      generator: { ...report.generator, result: 'bound' as const, uncertainShare: 0.5, judgedRequests: 100 },
      completeness: { ...report.completeness, complete: false },
    },
  }
  const details = findingOf(compareRuns(older, bound)).details.map(plain).join('\n')
  expect(details).toMatch(
    /\d of 5 values differs? by more than the noise at 95 %; by chance alone, about 1 would differ\. At the stricter limit for all values together, \d differs?\./,
  )
  expect(details).toContain('1 name only in the new run.\n2 names only in the old run.')
  expect(details).toContain('The new run was generator-bound: its requests were sent later than planned.')
  expect(details).toContain('The latencies of the new run may be inaccurate')
  expect(details).toContain('Counts are missing from the new run.')
  expect(details).toContain('The runs differ in host: https://shop.example.com and https://other.example.')
  expect(details).toContain('Compared without ramp-up and ramp-down: 00:00–02:00 of both.')
})

test('a value is a regression if it worsened by more than the limit, and if burst is sure about the change', () => {
  const comparison = compareRuns(older, slower)
  const found = regressions(comparison, 0.1)
  expect(found.map(({ row, measure }) => `${row.name} ${measure}`)).toContain('/slow p95Ms')
  expect(found.filter(({ row }) => row.name === '/steady')).toEqual([])
  expect(plain(regressionWords(found, '10%'))).toMatch(/^worse by more than 10%: p\d\d of GET \/slow rose from /)
  expect(regressions(comparison, 2)).toEqual([])
  expect(regressions(compareRuns(slower, older), 0.1)).toEqual([])
  expect(regressions(compareRuns(older, alike), 0)).toEqual([])
})

test('a difference is shown with its sign and unit', () => {
  const said = [
    differenceText('p95Ms', 12),
    differenceText('p95Ms', -1500),
    differenceText('p95Ms', 0),
    differenceText('failureShare', 0.0123),
    differenceText('rps', -0.001),
    differenceText('rps', 0.92),
    differenceText('p50Ms', -0.5),
    differenceText('rps', null),
    intervalText('p95Ms', [-1, 2]),
    intervalText('p95Ms', null),
  ]
  expect(said.map(plain)).toEqual([
    '+12 ms',
    '−1.5 s',
    '±0 ms',
    '+1.23 points',
    '±0',
    '+0.92',
    '−0.5 ms',
    '–',
    '−1 ms to +2 ms',
    '–',
  ])
})
