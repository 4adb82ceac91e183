import { expect, test } from 'vitest'
import { type Findings, judgeRun } from '../../../core/verdict/verdict.ts'
import {
  good,
  threshold,
  http500s,
  crashed,
  threw,
  stopped,
  gap,
  bound,
  work,
  delivery,
  dropped,
} from '../../fixtures/findings.ts'

test.for<[string, Partial<Findings>, number, string, string]>([
  ['no thresholds were set', {}, 0, 'unjudged', '1,204 requests, none failed, p95 84 ms; no thresholds were set'],
  [
    'a threshold held',
    { thresholds: [threshold(true)], ...work({ failures: 12 }) },
    0,
    'passed',
    'the threshold held; 1,204 requests, 1 % failed, p95 84 ms',
  ],
  [
    'a threshold failed',
    { thresholds: [threshold(false)] },
    99,
    'failed',
    "threshold 'p99 < 1s' failed: it was 1.31 s",
  ],
  ['no request succeeded', work({ failures: 1204 }), 99, 'failed', 'no request succeeded: all 1,204 requests failed'],
  ['no request was made', work({ requests: 0 }), 99, 'failed', 'no request was made'],
  [
    'no request ended',
    work({ requests: 0, interrupted: 9, usersStarted: 0 }),
    99,
    'failed',
    '9 requests were sent, but none ended',
  ],
  [
    'an engine was terminated before it reported whether a user had started',
    work({ requests: 0, usersStarted: 0, startsUnknown: true }),
    99,
    'failed',
    'no request was reported',
  ],
  [
    'no user ever started',
    work({ requests: 0, usersStarted: 0, failedToStart: 7 }),
    99,
    'failed',
    'no user ever started: onStart failed 7 times',
  ],
  [
    'a failed request is allowed',
    work({ failures: 1, iterationsFailed: 1, checksFailed: 1, exceptions: 2 }),
    0,
    'unjudged',
    '1,204 requests, 0.08 % failed, p95 84 ms, 0.25 % of iterations failed, 1 check failed, 2 exceptions; no thresholds were set',
  ],
  [
    'a failed request is not allowed',
    { ...work({ failures: 1 }), failOnError: true },
    99,
    'failed',
    '1 request failed, but --fail-on-error allows no failure',
  ],
  [
    'an exception of user code is not allowed',
    { ...work({ exceptions: 3 }), failOnError: true },
    99,
    'failed',
    'user code threw 3 exceptions, but --fail-on-error allows no exception',
  ],
  ['the run was generator-bound', { generator: bound }, 0, 'inconclusive', 'generator-bound from 00:42'],
  [
    'counts are missing',
    { completeness: gap },
    98,
    'inconclusive',
    'incomplete: worker 1 reported nothing (and 1 more gap)',
  ],
  ['stopped by a person', { stop: stopped }, 105, 'inconclusive', 'stopped by a person at 00:42 (Ctrl-C)'],
  [
    'stopped by a person, but not early',
    { stop: { ...stopped, early: false } },
    105,
    'unjudged',
    'stopped by a person at 00:42 (Ctrl-C)',
  ],
  [
    'the run failed in the middle',
    { failure: crashed, ...delivery({ endedAtS: 12 }) },
    97,
    'inconclusive',
    'the disk is full; the load ended at 00:12 instead of 01:00',
  ],
  [
    'every iteration failed',
    work({ iterationsFailed: 400 }),
    99,
    'failed',
    'no iteration succeeded: all 400 iterations failed',
  ],
  [
    'the scenario only records',
    work({ requests: 0, recorded: 40, recordedFailed: 4, p95Ms: null }),
    0,
    'unjudged',
    '40 recorded samples, 10 % failed; no thresholds were set',
  ],
  [
    'the scenario only times steps',
    work({ requests: 0, steps: 40, p95Ms: null }),
    0,
    'unjudged',
    '40 steps, none failed; no thresholds were set',
  ],
  [
    'every recorded sample failed',
    work({ requests: 0, recorded: 40, recordedFailed: 40 }),
    99,
    'failed',
    'no recorded sample succeeded: 40 failures',
  ],
  [
    'all steps failed',
    work({ requests: 0, steps: 9, stepsFailed: 9 }),
    99,
    'failed',
    'no step succeeded: all 9 steps failed',
  ],
  [
    'users were missing',
    delivery({ users: { plannedS: 1200, deliveredS: 300, short: [3, 1] } }),
    0,
    'inconclusive',
    'part of the planned load did not happen: users were active for 300 of 1,200 planned user-seconds (25 %); less than planned on workers 3, 1',
  ],
  [
    'an engine was terminated',
    delivery({ terminated: [{ slice: 1, sinceS: 2.5 }] }),
    0,
    'inconclusive',
    "the scenario's code did not return, so burst ended the worker: worker 1 from 00:02",
  ],
  [
    'arrivals were dropped because burst was late',
    dropped(0, 931, 0),
    0,
    'inconclusive',
    '931 of 20,000 arrivals (4.66 %) were not started: 931 because burst was late',
  ],
  [
    'arrivals were dropped for several causes',
    dropped(200, 100, 50),
    0,
    'inconclusive',
    '350 of 20,000 arrivals (1.75 %) were not started: 200 because no user was free (maxUsers is too low, or the target is too slow for this rate), 100 because burst was late, 50 because a worker was lost',
  ],
  [
    'a few arrivals were dropped',
    dropped(100, 60, 40),
    0,
    'unjudged',
    '1,204 requests, none failed, p95 84 ms; no thresholds were set',
  ],
  [
    'every worker was lost',
    { allWorkersLost: true },
    97,
    'failed',
    'all workers ended before the planned end of the load',
  ],
  ['the scenario threw', { failure: threw }, 107, 'failed', threw.message],
])('%s', ([, changes, exitCode, result, reason]) => {
  expect(judgeRun({ ...good, ...changes })).toMatchObject({ exitCode, result, reasons: [reason] })
})

test('the most severe finding determines the exit code, and its reasons come first', () => {
  const bad = { generator: bound, thresholds: [threshold(false)], completeness: gap, stop: stopped, failure: crashed }
  const verdict = judgeRun({ ...good, ...bad })
  expect(verdict).toMatchObject({ exitCode: 97, result: 'inconclusive', stoppedBy: 'Ctrl-C' })
  expect(verdict.reasons).toEqual([
    'the disk is full',
    expect.stringMatching(/^stopped by a person/),
    expect.stringMatching(/^incomplete/),
    expect.stringMatching(/^generator-bound/),
    expect.stringMatching(/^threshold/),
  ])
  expect(judgeRun({ ...good, ...bad, failure: null }).exitCode).toBe(105)
  expect(judgeRun({ ...good, ...bad, failure: null, stop: null }).exitCode).toBe(98)
})

test('if every request failed, the first reason is that no request succeeded; only an error that the scenario threw comes before this reason', () => {
  const none = work({ failures: 1204, generatorFailures: 1204, iterationsFailed: 400 })
  const wholly = { ...good, ...none, thresholds: [threshold(false)] }
  const all = ['no request succeeded: all 1,204 requests failed', 'no iteration succeeded: all 400 iterations failed']
  for (const beside of [
    { generator: bound },
    { completeness: gap },
    { stop: stopped },
    { failure: crashed },
    dropped(900, 0, 0),
  ]) {
    expect(judgeRun({ ...wholly, ...beside }).reasons.slice(0, 2)).toEqual(all)
  }
  expect(judgeRun({ ...wholly, ...work({ failures: 1204 }), completeness: gap }).reasons[0]).toBe(all[0])
  expect(judgeRun({ ...wholly, failure: threw }).reasons.slice(0, 2)).toEqual([threw.message, all[0]])
})

test('a run with a failed threshold on durations is inconclusive if the measurements may be wrong', () => {
  const doubtful = { ...good, thresholds: [threshold(false)] }
  expect(judgeRun({ ...doubtful, generator: bound })).toMatchObject({ exitCode: 99, result: 'inconclusive' })
  expect(judgeRun({ ...doubtful, completeness: gap })).toMatchObject({ exitCode: 98, result: 'inconclusive' })
})

test.for<[string, Partial<Findings>, number]>([
  ['the run was generator-bound', { generator: bound }, 99],
  ['counts are missing', { completeness: gap }, 98],
  ['users were missing', delivery({ users: { plannedS: 1200, deliveredS: 300, short: [] } }), 99],
  ['a person stopped it', { stop: stopped }, 105],
  ['the run failed', { failure: crashed }, 97],
])("the run fails because of the target's failures even when %s", ([, doubt, exitCode]) => {
  const verdict = judgeRun({ ...good, thresholds: [http500s], ...doubt })
  expect(verdict).toMatchObject({ result: 'failed', exitCode })
  expect(verdict.reasons[0]).toBe("threshold 'errors < 1%' failed: it was 50 %")
  expect(verdict.reasons).toHaveLength(2)
})

test('a run is inconclusive if burst caused the failure of every request', () => {
  const own = work({ failures: 1204, generatorFailures: 1204 })
  expect(judgeRun({ ...good, ...own, generator: bound })).toMatchObject({ result: 'inconclusive', exitCode: 99 })
})

test('an error message of several lines becomes one line in the verdict', () => {
  const failure = { reason: 'runFailed', message: `AccessDenied: no\n${'    at x (y.js:1)\n'.repeat(199)}` } as const
  expect(judgeRun({ ...good, failure }).reasons).toEqual(['AccessDenied: no'])
})

test('a failed threshold fails a run even if the run was stopped early', () => {
  expect(judgeRun({ ...good, thresholds: [threshold(false)], stop: stopped })).toMatchObject({
    exitCode: 105,
    result: 'failed',
  })
})

test('the verdict on a run that failed before it began contains only the cause', () => {
  const never = { failure: threw, completeness: gap, ...work({ requests: 0, usersStarted: 0 }) }
  expect(judgeRun({ ...good, ...never }).reasons).toEqual([threw.message])
})

test('a threshold without a value lists the available names', () => {
  const entry = { ...threshold(false), value: null, note: "no request is called 'GET /x'; existing names: GET /" }
  expect(judgeRun({ ...good, thresholds: [entry] }).reasons[0]).toBe(`threshold 'p99 < 1s' failed: ${entry.note}`)
})
