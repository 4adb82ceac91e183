import { expect, test } from 'vitest'
import { judgeRun } from '../../../core/verdict/verdict.ts'
import { crashed, delivery, good } from '../../fixtures/findings.ts'

test('if a run failed before its planned end, its reasons mention missing load only if the missing load has another cause too', () => {
  const reasonsOf = (changes: Parameters<typeof delivery>[0]): string[] =>
    judgeRun({ ...good, failure: crashed, ...delivery({ endedAtS: 12, ...changes }) }).reasons
  const end = 'the disk is full; the load ended at 00:12 instead of 01:00'
  expect(reasonsOf({ users: { plannedS: 600, deliveredS: 120, short: [] } })).toEqual([end])
  expect(
    reasonsOf({
      users: { plannedS: 600, deliveredS: 100, short: [1] },
      terminated: [{ slice: 1, sinceS: 5 }],
      hung: [{ task: 'task go of U', users: 3, sinceS: 2 }],
    }),
  ).toEqual([
    end,
    "the scenario's code did not return, so burst ended the worker: worker 1 from 00:05",
    '3 users of task go of U awaited a promise that never settled, the first from 00:02 on',
  ])
  const open = (dropped: { pool: number; generator: number; lost: number }): Parameters<typeof delivery>[0] => ({
    users: null,
    arrivals: { offered: 1000, dropped },
  })
  expect(reasonsOf(open({ pool: 0, generator: 0, lost: 900 }))).toEqual([end])
  expect(reasonsOf(open({ pool: 0, generator: 11, lost: 900 }))).toEqual([
    end,
    '911 of 1,000 arrivals (91.1 %) were not started: 11 because burst was late, 900 because a worker was lost',
  ])
  expect(reasonsOf({ ...open({ pool: 0, generator: 0, lost: 0 }), exhausted: 500 })).toEqual([
    end,
    '500 of 1,000 arrivals (50 %) ended early, because no row was left in a unique() feed: add rows, or use unique({ recycle: true })',
  ])
})
