import { endOf } from '../../../core/fleet/run-end.ts'
import { describe, expect, test } from 'vitest'
import {
  type Progress,
  earlierStart,
  isNextDue,
  isOver,
  isSliceWhole,
} from '../../../functions/coordinator/decisions.ts'
import { type Circumstances, fateOf, noticeOf } from '../../../functions/coordinator/losses/fate.ts'
import type { SliceWatch } from '../../../functions/coordinator/losses/slice-watch.ts'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import { type AttemptLedger, newShardState } from '../../../core/shard/shard.ts'
import { mergeMessage } from '../../../core/shard/shard-merge.ts'
import { intervalOf, messagesOf, planOf } from '../../fixtures/run.ts'

const { timing } = planOf()
const slice = (more: Partial<SliceWatch> = {}): SliceWatch => ({
  slice: 0,
  attempt: 0,
  launched: true,
  claimed: true,
  reported: false,
  whole: false,
  lost: null,
  lostAt: null,
  replaces: false,
  abandoned: false,
  replacedAt: [],
  ...more,
})

describe('the start', () => {
  test.for([
    ['moves to `startNoticeMs` from now when all slices are claimed', 10_000, 0, [slice(), slice()], 2000],
    ['moves to a slightly later time if reads of the control file are slow', 10_000, 300, [slice()], 2150],
    ['stays while a slice is unclaimed', 10_000, 0, [slice(), slice({ claimed: false })], null],
    ['stays if less than `startNoticeMs` is left', 1900, 0, [slice()], null],
    ['stays if slow reads leave workers too little time to learn of an earlier start', 2100, 300, [slice()], null],
    ['stays if it has passed', 500, 0, [slice()], null],
  ] as const)('the start of the run %s', ([, startAt, slowestLookMs, watched, expected]) => {
    expect(earlierStart(startAt, { nowMs: 1000, slowestLookMs, timing }, watched)).toBe(expected)
  })
})

describe('the end', () => {
  const control = { v: 1, startAt: 1000, leaseUntil: 0, stop: null } as const
  const plan = planOf()
  const endless = planOf({ profile: { points: [{ atMs: 0, level: 1 }], endMs: null } })
  test.for([
    ['is the end of the profile plus the drain time', plan, control, 1000 + 20_000 + 10_000],
    ['is unknown for a run without a planned end', endless, control, null],
    ['is a stop plus the stop timeout', endless, { ...control, stop: { reason: 'x', at: 5000 } }, 5000 + 500 + 2000],
    ['is one poll after `stop --now`', endless, { ...control, stop: { reason: 'x', at: 5000, now: true } }, 5000 + 500],
    ['is the planned end if the stop would end later', plan, { ...control, stop: { reason: 'x', at: 90_000 } }, 31_000],
  ] as const)('the end of the run %s', ([, of, by, expected]) => {
    expect(endOf(of, by)).toBe(expected)
  })
})

describe('a slice', () => {
  const unclaimed = slice({ claimed: false })
  const early = { at: 9_000 }
  const circumstances: Circumstances = {
    nowMs: 10_500,
    startAt: 10_000,
    dueAt: 10_000,
    failure: undefined,
    silent: false,
    endsAt: 100_000,
    noticeMs: 7_000,
    limited: false,
  }
  const failure = { at: 10_400 }
  const tooLate = 'the load ends too soon to start another worker'
  test.for([
    ['that is unclaimed is not launched again until 10 s after the start', unclaimed, { nowMs: 19_999 }, 'wait'],
    ['that is still unclaimed 10 s after the start is launched again', unclaimed, { nowMs: 20_000 }, 'relaunch'],
    ['is launched again when its invocation failed before the claim', unclaimed, { failure: { at: null } }, 'relaunch'],
    ['that was given up is not given up again', slice({ lost: 'gone' }), { failure }, 'wait'],
    ['that is claimed is not relaunched', slice(), { nowMs: 99_999 }, 'wait'],
    ['is launched again when its worker died between the claim and the start', slice(), { failure: early }, 'relaunch'],
    ['is launched again when its worker died during the load', slice(), { failure }, 'relaunch'],
    [
      'is launched again when its worker died after it had reported',
      slice({ reported: true }),
      { failure },
      'relaunch',
    ],
    ['is launched again when it is silent', slice({ reported: true }), { silent: true }, 'relaunch'],
    ['that is silent too late for a replacement is not given up', slice(), { silent: true, endsAt: 22_499 }, 'wait'],
    ['that is unclaimed does not count as silent', unclaimed, { silent: true }, 'wait'],
    [
      'that has reported everything is not relaunched, however its worker ended',
      slice({ whole: true }),
      { failure },
      'wait',
    ],
    [
      'is launched again if 5 s of the load are left after the notice of the replacement',
      slice(),
      { failure, endsAt: 22_500 },
      'relaunch',
    ],
    ['is given up if less than 5 s are left', slice(), { failure, endsAt: 22_499 }, tooLate],
    [
      'is launched again in the last seconds if it had not begun',
      slice(),
      { failure: early, endsAt: 12_000 },
      'relaunch',
    ],
    ['is given up when the load is over', unclaimed, { failure, endsAt: 10_500 }, tooLate],
    ['is launched again in a run without an end', slice(), { failure, endsAt: null }, 'relaunch'],
    [
      'is given up when it had begun and its users leave after a number of iterations',
      slice({ reported: true }),
      { failure, limited: true },
      'it is unknown how many iterations the users of the worker had done',
    ],
    [
      'is launched again when it had not begun and its users leave after a number of iterations',
      slice(),
      { failure: early, limited: true },
      'relaunch',
    ],
    ['is launched a third time', slice({ attempt: 1, replacedAt: [10_000] }), { failure }, 'relaunch'],
    [
      'is given up when the third attempt within 10 minutes is lost',
      slice({ attempt: 2, replacedAt: [9_000, 10_000] }),
      { failure },
      '3 attempts were lost within 10 minutes',
    ],
    [
      'is launched again when one of three losses was more than 10 minutes ago',
      slice({ attempt: 2, replacedAt: [10_000, 500_000] }),
      { failure, nowMs: 610_000, endsAt: null },
      'relaunch',
    ],
  ] as const)('a slice %s', ([, one, more, expected]) => {
    const decided = fateOf(one, { ...circumstances, ...more })
    expect(decided.fate === 'give up' ? decided.why : decided.fate).toBe(expected)
  })

  const ledger = (attempt: number, final: boolean): AttemptLedger => {
    const state = newShardState('r1', 0)
    const contents = [{ window: 0, content: intervalOf({ second: 0 }) }]
    for (const message of messagesOf(contents, 0, attempt)) mergeMessage(state, { ...message, final })
    return state.attempts.get(`0-${attempt}`) as AttemptLedger
  }
  const second = slice({ attempt: 1, replaces: true })
  test.for([
    ['is complete after the last message of its worker', slice(), [ledger(0, true)], true],
    ['is not complete when only a replaced worker has reported', second, [ledger(0, true)], false],
    ['does not wait for messages of a replaced worker', second, [ledger(0, false), ledger(1, true)], true],
  ] as const)('a slice %s', ([, one, ledgers, expected]) => {
    for (const claimed of [true, false]) {
      expect(isSliceWhole({ ...one, claimed }, ledgers, (attempt) => attempt < one.attempt)).toBe(expected)
    }
  })
})

describe('the notice of a replacement', () => {
  test('a replaced worker notices its replacement within 5 s plus one poll of the control file, or within 30 s if the store fails', () => {
    expect(noticeOf({ controlPollMs: 2_000 }, Infinity)).toBe(7_000)
    expect(noticeOf({ controlPollMs: 2_000 }, 30_000)).toBe(7_000)
    expect(noticeOf({ controlPollMs: 2_000 }, 29_999)).toBe(30_000)
  })
})

describe('a run', () => {
  const progress: Progress = {
    watched: [slice()],
    nowMs: 50_000,
    lastNewsAt: 49_000,
    endsAt: 60_000,
    timing,
    flushMs: 1000,
  }
  const whole = slice({ whole: true })
  const lost = slice({ lost: 'gone' })
  test.for([
    ['continues while a slice is expected', {}, false],
    ['is over as soon as all slices are complete', { watched: [whole, whole] }, true],
    ['is not over while messages of a lost worker may arrive', { watched: [whole, lost] }, false],
    ['is over when lost workers send no more messages', { watched: [whole, lost], lastNewsAt: 40_000 }, true],
    ['continues during the grace period', { nowMs: 64_999 }, false],
    ['is over after the grace period', { nowMs: 65_000 }, true],
    ['has a longer grace period while messages arrive', { nowMs: 65_000, lastNewsAt: 62_000 }, false],
    ['without an end continues', { nowMs: 1e12, endsAt: null }, false],
  ] as const)('a run %s', ([, more, expected]) => {
    expect(isOver({ ...progress, ...more })).toBe(expected)
  })
})

describe('the next worker of a slice', () => {
  const handOver = { intervalMs: 10_000, aheadMs: 3_000, waitMs: 0 }
  const fleet = fleetAt(planOf({ handOver }))
  const control = { v: 1, startAt: 100_000, leaseUntil: 0, stop: null } as const
  const due = (one: SliceWatch, nowMs: number, stop: { reason: string; at: number } | null = null): boolean =>
    isNextDue(one, { fleet, control: { ...control, stop }, nowMs, aheadMs: 3_000 })
  const [first] = fleet.slices
  const turnMs = first?.handOverMs ?? 0

  test('the next worker of a slice is invoked `aheadMs` before its turn if the current worker runs', () => {
    const readyAt = control.startAt + turnMs - 3_000
    expect([due(slice(), readyAt - 1), due(slice(), readyAt)]).toEqual([false, true])
    const not = [{ lost: 'gone' }, { whole: true }, { claimed: false }, { launched: false }]
    expect(not.map((more) => due(slice(more), readyAt))).toEqual([false, false, false, false])
    expect(due(slice(), readyAt, { reason: 'x', at: 0 })).toBe(false)
  })
})

describe('a slice with hand-overs', () => {
  const ledger = (attempt: number, more: Partial<AttemptLedger> = {}): AttemptLedger =>
    ({ attempt, received: { next: 3, missing: [] }, finalSequence: 2, ...more }) as AttemptLedger
  const handed = ledger(0, { handedOver: true })
  const never = (): boolean => false
  test.for([
    ['is not complete while the next worker has not reported', slice({ attempt: 1 }), [handed], never, false],
    ['is not complete before the next worker was invoked', slice(), [handed], never, false],
    ['is complete with the last worker', slice({ attempt: 1 }), [handed, ledger(1)], never, true],
    [
      'is not complete while a message is missing',
      slice({ attempt: 1 }),
      [ledger(0, { finalSequence: 5 }), ledger(1)],
      never,
      false,
    ],
    [
      'does not wait for a worker that died',
      slice({ attempt: 1 }),
      [ledger(0, { finalSequence: null }), ledger(1)],
      (k: number) => k === 0,
      true,
    ],
    [
      'is complete without the next worker when the run was stopped',
      slice({ attempt: 1, abandoned: true }),
      [handed],
      never,
      true,
    ],
    [
      'waits for a next worker that has started, even if the users have finished',
      slice({ attempt: 1 }),
      [ledger(0)],
      never,
      false,
    ],
  ] as const)('a slice with hand-overs %s', ([, one, ledgers, failed, expected]) => {
    expect(isSliceWhole(one, ledgers, failed)).toBe(expected)
  })
})
