import { describe, expect, test } from 'vitest'
import {
  type Progress,
  type SliceWatch,
  earlierStart,
  endOf,
  isNextDue,
  isOver,
  isSliceWhole,
  fateOf,
} from '../../../functions/coordinator/decisions.ts'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import type { AttemptLedger } from '../../../core/shard/shard.ts'
import { planOf } from '../../fixtures/run.ts'

const { timing } = planOf()
const slice = (more: Partial<SliceWatch> = {}): SliceWatch => ({
  slice: 0,
  attempt: 0,
  launched: true,
  claimed: true,
  reported: false,
  whole: false,
  lost: null,
  replaces: false,
  abandoned: false,
  ...more,
})

describe('the start', () => {
  test.for([
    ['is brought forward to the notice when all have claimed', 10_000, [slice(), slice()], 2000],
    ['stays while one has not', 10_000, [slice(), slice({ claimed: false })], null],
    ['stays when it is nearer than the notice', 1900, [slice()], null],
    ['stays when it has passed', 500, [slice()], null],
  ] as const)('%s', ([, startAt, watched, expected]) => {
    expect(earlierStart(startAt, 1000, watched, timing)).toBe(expected)
  })
})

describe('the end', () => {
  const control = { v: 1, startAt: 1000, leaseUntil: 0, stop: null } as const
  const plan = planOf()
  const endless = planOf({ profile: { points: [{ atMs: 0, level: 1 }], endMs: null } })
  test.for([
    ['is the end of the profile and the drain', plan, control, 1000 + 20_000 + 10_000],
    ['is not known without an end', endless, control, null],
    ['follows a stop', endless, { ...control, stop: { reason: 'x', at: 5000 } }, 5000 + 500 + 2000],
    ['follows a stop at once', endless, { ...control, stop: { reason: 'x', at: 5000, now: true } }, 5000 + 500],
    ['is the earlier of both', plan, { ...control, stop: { reason: 'x', at: 90_000 } }, 31_000],
  ] as const)('%s', ([, of, by, expected]) => {
    expect(endOf(of, by)).toBe(expected)
  })
})

describe('a slice', () => {
  const unclaimed = slice({ claimed: false })
  const early = { at: 9_000 }
  test.for([
    ['that nobody has claimed is waited for until 10 s after the start', unclaimed, 19_999, undefined, 'wait'],
    ['that nobody has claimed is then launched again', unclaimed, 20_000, undefined, 'relaunch'],
    ['is launched again at once when its invocation failed before the claim', unclaimed, 0, { at: null }, 'relaunch'],
    [
      'is given up when the second attempt is not claimed',
      { ...unclaimed, attempt: 1, replaces: true },
      20_000,
      undefined,
      'give up',
    ],
    ['is not given up twice', { ...unclaimed, attempt: 1, replaces: true, lost: 'gone' }, 20_000, undefined, 'wait'],
    ['that is claimed is left alone', slice(), 99_999, undefined, 'wait'],
    ['is launched again when its worker died between the claim and the start', slice(), 9_500, early, 'relaunch'],
    ['is launched again also when that is known only later', slice(), 60_000, early, 'relaunch'],
    ['is given up when that happens a second time', slice({ attempt: 1, replaces: true }), 9_500, early, 'give up'],
    ['is given up when its worker died after the start', slice(), 10_500, { at: 10_000 }, 'give up'],
    ['is given up when nobody knows when its worker died', slice(), 10_500, { at: null }, 'give up'],
    ['is given up when its worker had sent something', slice({ reported: true }), 10_500, early, 'give up'],
    ['that is whole is left alone, however its worker ended', slice({ whole: true }), 10_500, early, 'wait'],
  ] as const)('%s', ([, one, nowMs, failure, expected]) => {
    expect(fateOf(one, { nowMs, startAt: 10_000, dueAt: 10_000, failure })).toBe(expected)
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
    ['goes on while a slice is expected', {}, false],
    ['is over as soon as all slices are whole', { watched: [whole, whole] }, true],
    ['is not over while what a lost worker sent may still arrive', { watched: [whole, lost] }, false],
    ['is over when nothing more came of the lost ones', { watched: [whole, lost], lastNewsAt: 40_000 }, true],
    ['is given its grace after the end', { nowMs: 64_999 }, false],
    ['is over after the grace', { nowMs: 65_000 }, true],
    ['is given more grace while there is news', { nowMs: 65_000, lastNewsAt: 62_000 }, false],
    ['without an end goes on', { nowMs: 1e12, endsAt: null }, false],
  ] as const)('%s', ([, more, expected]) => {
    expect(isOver({ ...progress, ...more })).toBe(expected)
  })
})

describe('the worker after the one that runs a slice', () => {
  const handOver = { intervalMs: 10_000, aheadMs: 3_000, waitMs: 0 }
  const fleet = fleetAt(planOf({ handOver }))
  const control = { v: 1, startAt: 100_000, leaseUntil: 0, stop: null } as const
  const due = (one: SliceWatch, nowMs: number, stop: { reason: string; at: number } | null = null): boolean =>
    isNextDue(one, { fleet, control: { ...control, stop }, nowMs, aheadMs: 3_000 })
  const [first] = fleet.slices
  const turnMs = first?.handOverMs ?? 0

  test('is invoked as long before its turn as planned, where the present one runs', () => {
    const readyAt = control.startAt + turnMs - 3_000
    expect([due(slice(), readyAt - 1), due(slice(), readyAt)]).toEqual([false, true])
    const not = [{ lost: 'gone' }, { whole: true }, { claimed: false }, { launched: false }]
    expect(not.map((more) => due(slice(more), readyAt))).toEqual([false, false, false, false])
    expect(due(slice(), readyAt, { reason: 'x', at: 0 })).toBe(false)
  })
})

describe('a slice whose workers hand over', () => {
  const ledger = (attempt: number, more: Partial<AttemptLedger> = {}): AttemptLedger =>
    ({ attempt, received: { next: 3, missing: [] }, finalSequence: 2, ...more }) as AttemptLedger
  const handed = ledger(0, { handedOver: true })
  const never = (): boolean => false
  test.for([
    ['is not whole while the next worker has not reported', slice({ attempt: 1 }), [handed], never, false],
    ['is not whole before the next worker was invoked', slice(), [handed], never, false],
    ['is whole with the last worker', slice({ attempt: 1 }), [handed, ledger(1)], never, true],
    [
      'is not whole while a message is missing',
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
      'is whole without the next worker where the run was stopped',
      slice({ attempt: 1, abandoned: true }),
      [handed],
      never,
      true,
    ],
    [
      'waits for a next worker that has come, although the users have finished',
      slice({ attempt: 1 }),
      [ledger(0)],
      never,
      false,
    ],
  ] as const)('%s', ([, one, ledgers, failed, expected]) => {
    expect(isSliceWhole(one, ledgers, failed)).toBe(expected)
  })
})
