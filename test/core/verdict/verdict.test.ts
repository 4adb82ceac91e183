import { expect, test } from 'vitest'
import type { ThresholdEntry } from '../../../core/verdict/results.ts'
import { type Findings, judgeRun } from '../../../core/verdict/verdict.ts'

const good: Findings = {
  failure: null,
  stop: null,
  allWorkersLost: false,
  completeness: { complete: true, lost: [] },
  generator: { result: 'healthy', reasons: ['healthy'] },
  thresholds: [],
  requests: 1204,
  failures: 0,
  usersStarted: 10,
  failedToStart: 0,
  usersPlanned: true,
  failOnError: false,
  exceptions: 0,
}

const threshold = (passed: boolean): ThresholdEntry => {
  return { expression: 'p99 < 1s', value: 1310, unit: 'ms', passed, note: null }
}
const crashed = { reason: 'runFailed', message: 'the disk is full' } as const
const threw = { reason: 'scenarioThrew', message: 'beforeRun threw: no token (shop.burst.ts:12)' } as const
const stopped = { reason: 'Ctrl-C', atS: 42.4, early: true }
const gap = { complete: false, lost: ['slice 1: nothing was reported', 'slice 2: nothing was reported'] }
const bound: Findings['generator'] = { result: 'bound', reasons: ['generator-bound from 00:42'] }

test.for<[string, Partial<Findings>, number, string, string]>([
  ['all is well', {}, 0, 'passed', 'no thresholds were set; 1,204 requests, none failed'],
  [
    'a threshold held',
    { thresholds: [threshold(true)], failures: 12 },
    0,
    'passed',
    'the threshold held; 1,204 requests, 1 % failed',
  ],
  [
    'a threshold failed',
    { thresholds: [threshold(false)] },
    99,
    'failed',
    "threshold 'p99 < 1s' failed: it was 1.31 s",
  ],
  ['no request succeeded', { failures: 1204 }, 99, 'failed', 'no request succeeded: all 1,204 requests failed'],
  ['no request was made', { requests: 0 }, 99, 'failed', 'no request was made'],
  [
    'no user ever started',
    { requests: 0, usersStarted: 0, failedToStart: 7 },
    99,
    'failed',
    'no user ever started: onStart failed 7 times',
  ],
  [
    'a failed request is allowed',
    { failures: 1 },
    0,
    'passed',
    'no thresholds were set; 1,204 requests, 0.08 % failed',
  ],
  [
    'a failed request is not allowed',
    { failures: 1, failOnError: true },
    99,
    'failed',
    '1 request failed, and --fail-on-error allows none',
  ],
  [
    'an exception of user code is not allowed',
    { exceptions: 3, failOnError: true },
    99,
    'failed',
    'user code threw 3 exceptions, and --fail-on-error allows none',
  ],
  ['the generator was the bottleneck', { generator: bound }, 0, 'inconclusive', 'generator-bound from 00:42'],
  [
    'something is missing',
    { completeness: gap },
    98,
    'inconclusive',
    'incomplete: slice 1: nothing was reported (and 1 more gap)',
  ],
  ['stopped by a person', { stop: stopped }, 105, 'inconclusive', 'stopped by a person at 00:42 (Ctrl-C)'],
  [
    'stopped as it had to be',
    { stop: { ...stopped, early: false } },
    105,
    'passed',
    'stopped by a person at 00:42 (Ctrl-C)',
  ],
  ['the run failed', { failure: crashed }, 97, 'failed', 'the disk is full'],
  [
    'every worker was lost',
    { allWorkersLost: true },
    97,
    'failed',
    'no worker carried its part of the load to the end',
  ],
  ['the scenario threw', { failure: threw }, 107, 'failed', threw.message],
])('%s', ([, changes, exitCode, result, reason]) => {
  expect(judgeRun({ ...good, ...changes })).toMatchObject({ exitCode, result, reasons: [reason] })
})

test('of several findings the weightiest gives the exit code, and all of them are reasons, in order of weight', () => {
  const bad = { generator: bound, thresholds: [threshold(false)], completeness: gap, stop: stopped, failure: crashed }
  const verdict = judgeRun({ ...good, ...bad })
  expect(verdict).toMatchObject({ exitCode: 97, result: 'failed', stoppedBy: 'Ctrl-C' })
  expect(verdict.reasons).toEqual([
    'the disk is full',
    expect.stringMatching(/^stopped by a person/),
    expect.stringMatching(/^incomplete/),
    expect.stringMatching(/^threshold/),
    expect.stringMatching(/^generator-bound/),
  ])
  expect(judgeRun({ ...good, ...bad, failure: null }).exitCode).toBe(105)
  expect(judgeRun({ ...good, ...bad, failure: null, stop: null }).exitCode).toBe(98)
})

test('a failed threshold of a run whose numbers are in doubt fails the exit code, but proves nothing', () => {
  const doubtful = { ...good, thresholds: [threshold(false)] }
  expect(judgeRun({ ...doubtful, generator: bound })).toMatchObject({ exitCode: 99, result: 'inconclusive' })
  expect(judgeRun({ ...doubtful, completeness: gap })).toMatchObject({ exitCode: 98, result: 'inconclusive' })
})

test('a failed threshold of a run that was stopped early has failed all the same', () => {
  expect(judgeRun({ ...good, thresholds: [threshold(false)], stop: stopped })).toMatchObject({
    exitCode: 105,
    result: 'failed',
  })
})

test('a run that failed before it began says only why', () => {
  const never = { failure: threw, completeness: gap, requests: 0, usersStarted: 0 }
  expect(judgeRun({ ...good, ...never }).reasons).toEqual([threw.message])
})

test('a threshold without a value says what there was', () => {
  const entry = { ...threshold(false), value: null, note: "no request is called 'GET /x'; there were GET /" }
  expect(judgeRun({ ...good, thresholds: [entry] }).reasons[0]).toBe(`threshold 'p99 < 1s' failed: ${entry.note}`)
})
