import { expect, test } from 'vitest'
import { type Findings, judgeRun } from '../../../core/verdict/verdict.ts'
import { bound, dropped, gap, good, http500s, stopped, threshold } from '../../fixtures/findings.ts'

test.for<[string, Partial<Findings>, number, string]>([
  ['burst was the bottleneck', { generator: bound }, 96, 'inconclusive'],
  ['the load was not what was planned', dropped(400, 0, 0), 96, 'inconclusive'],
  ['a threshold failed by numbers in doubt', { generator: bound, thresholds: [threshold(false)] }, 96, 'inconclusive'],
  ['a threshold failed beyond doubt', { generator: bound, thresholds: [http500s] }, 99, 'failed'],
  ['a threshold failed', { thresholds: [threshold(false)] }, 99, 'failed'],
  ['something is missing as well', { generator: bound, completeness: gap }, 98, 'inconclusive'],
  ['a person stopped it as well', { generator: bound, stop: stopped }, 105, 'inconclusive'],
  ['all is well', { thresholds: [threshold(true)] }, 0, 'passed'],
  ['no thresholds were set', {}, 0, 'unjudged'],
])(
  'With --fail-on-inconclusive the exit code says that the run is inconclusive, unless a more severe reason sets the exit code: %s.',
  ([, changes, exitCode, result]) => {
    expect(judgeRun({ ...good, ...changes, failOnInconclusive: true })).toMatchObject({ exitCode, result })
  },
)
