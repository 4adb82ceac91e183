import { expect, test } from 'vitest'
import { type Findings, judgeRun } from '../../../../core/verdict/verdict.ts'
import {
  both,
  bound,
  dropped,
  gap,
  good,
  http500s,
  inaccurate,
  stopped,
  threshold,
} from '../../../fixtures/findings.ts'

test.for<[string, Partial<Findings>, number, string]>([
  ['the run was generator-bound', { generator: bound }, 96, 'inconclusive'],
  ['the latencies may be inaccurate', { generator: inaccurate }, 96, 'inconclusive'],
  ['the load was not what was planned', dropped(400, 0, 0), 96, 'inconclusive'],
  [
    'a threshold failed, but its measurements are in doubt',
    { generator: bound, thresholds: [threshold(false)] },
    96,
    'inconclusive',
  ],
  ['a threshold failed beyond doubt', { generator: bound, thresholds: [http500s] }, 99, 'failed'],
  ['a threshold failed', { thresholds: [threshold(false)] }, 99, 'failed'],
  ['counts are missing as well', { generator: bound, completeness: gap }, 98, 'inconclusive'],
  ['a person stopped it as well', { generator: bound, stop: stopped }, 105, 'inconclusive'],
  ['all thresholds held', { thresholds: [threshold(true)] }, 0, 'passed'],
  ['no thresholds were set', {}, 0, 'unjudged'],
])(
  'with --fail-on-inconclusive the exit code of an inconclusive run is 96, unless a more severe reason sets the exit code: %s',
  ([, changes, exitCode, result]) => {
    expect(judgeRun({ ...good, ...changes, failOnInconclusive: true })).toMatchObject({ exitCode, result })
  },
)

test('latencies that may be too long do not make a run inconclusive if shorter latencies would not change the result of its thresholds', () => {
  const remark = 'the latencies may be inaccurate: 3 %; shorter latencies would not change the result of the thresholds'
  const passed = judgeRun({ ...good, generator: inaccurate, thresholds: [threshold(true)], failOnInconclusive: true })
  expect(passed).toMatchObject({ result: 'passed', exitCode: 0 })
  expect(passed.reasons).toEqual([expect.stringContaining('the threshold held'), remark])
  const failed = judgeRun({ ...good, generator: inaccurate, thresholds: [threshold(false), http500s] })
  expect(failed).toMatchObject({ result: 'failed', exitCode: 99 })
  expect(failed.reasons.at(-1)).toBe(remark)
  for (const thresholds of [[threshold(true), threshold(false)], []]) {
    const { result, reasons } = judgeRun({ ...good, generator: inaccurate, thresholds })
    expect({ result, reasons }).toEqual({
      result: 'inconclusive',
      reasons: expect.arrayContaining(['the latencies may be inaccurate: 3 %']),
    })
  }
  expect(judgeRun({ ...good, generator: both, thresholds: [threshold(true)] }).result).toBe('inconclusive')
})

test('latencies that may be too long make a run inconclusive if the delays lowered the load, or if an abort rule on times stopped the run', () => {
  const run = { ...good, generator: inaccurate, thresholds: [threshold(true)] }
  expect(judgeRun({ ...run, delaysLoad: true }).result).toBe('inconclusive')
  const aborted = (certain: boolean): Findings['stop'] => ({
    reason: 'p95 < 1s',
    atS: 10,
    early: true,
    aborted: { certain },
  })
  expect(judgeRun({ ...run, stop: aborted(false) })).toMatchObject({ result: 'inconclusive', exitCode: 99 })
  expect(judgeRun({ ...run, stop: aborted(true) })).toMatchObject({ result: 'failed', exitCode: 99 })
})

test('a run that is generator-bound and whose latencies may be inaccurate has two reasons', () => {
  const words = ['generator-bound from 00:42', 'the latencies may be inaccurate: 3 %']
  expect(judgeRun({ ...good, generator: both }).reasons).toEqual(words)
  expect(judgeRun({ ...good, generator: bound })).toMatchObject({ exitCode: 0, reasons: words.slice(0, 1) })
  expect(judgeRun({ ...good, generator: inaccurate })).toMatchObject({ exitCode: 0, reasons: words.slice(1) })
})
