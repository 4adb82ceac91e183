import { expect, test } from 'vitest'
import { type FleetControl, fleetAt } from '../../../core/fleet/fleet.ts'
import type { AttemptLedger } from '../../../core/shard/shard.ts'
import { isWindowTold } from '../../../core/shard/told-windows.ts'
import { planOf } from '../../fixtures/run.ts'

const plan = planOf({ workers: 2, profile: { points: [{ atMs: 0, level: 10 }], endMs: 120_000 } })

const newLedger: Partial<AttemptLedger> = { failure: null, users: 0, draining: 0 }

/** Returns the ledger of an attempt that has reported all seconds up to `latestSecond`; `more` overrides fields. */
const ledger = (slice: number, latestSecond: number, more: Partial<AttemptLedger> = {}): AttemptLedger => ({
  ...(newLedger as AttemptLedger),
  slice,
  attempt: 0,
  received: { next: 5, missing: [] },
  finalSequence: null,
  latestSecond,
  ...more,
})
const ended = { finalSequence: 4 }

/** Returns true if all counts of window 2, from 10 s to 15 s, are merged. */
const told = (
  ledgers: AttemptLedger[],
  more: { control?: FleetControl; lost?: number[]; dead?: string[] } = {},
): boolean =>
  isWindowTold(2, {
    fleet: fleetAt({ ...plan, handOver: { intervalMs: 40_000, aheadMs: 5000, waitMs: 1000 } }, more.control),
    windowMs: 5000,
    ledgers: Map.groupBy(ledgers, ({ slice }) => slice),
    isLost: (slice) => more.lost?.includes(slice) ?? false,
    isOver: (slice, attempt) => more.dead?.includes(`${slice}-${attempt}`) ?? false,
  })

test('a window is fully reported when no message is missing and every worker has ended or has reported a later second', () => {
  expect(told([ledger(0, 16), ledger(1, 16)])).toBe(true)
  expect(told([ledger(0, 16), ledger(1, 15)])).toBe(false)
  expect(told([ledger(0, 16)])).toBe(false)
  expect(told([ledger(0, 16), ledger(1, 12, ended)])).toBe(true)
  expect(told([ledger(0, 16), ledger(1, 30, { received: { next: 6, missing: [3] } })])).toBe(false)
  expect(told([ledger(0, 16), ledger(1, 12, { ...ended, received: { next: 4, missing: [] } })])).toBe(false)
})

test('a window needs no messages from a lost worker if the next attempt begins after the window or has reported a later second', () => {
  expect(told([ledger(0, 16)], { lost: [1] })).toBe(true)
  const dead = ledger(1, 11)
  expect(told([ledger(0, 16), dead], { dead: ['1-0'] })).toBe(false)
  const floors = (sinceMs: number): FleetControl => ({ floors: [{ slice: 1, attempt: 1, sinceMs }] })
  // In the first case, attempt 1 runs the slice from 00:13, which is within the window. In the second case, attempt 1 begins at 00:15, after the
  // window.
  expect(told([ledger(0, 16), dead], { dead: ['1-0'], control: floors(13_000) })).toBe(false)
  expect(told([ledger(0, 16), dead], { dead: ['1-0'], control: floors(15_000) })).toBe(true)
  expect(told([ledger(0, 16), dead, ledger(1, 16, { attempt: 1 })], { dead: ['1-0'], control: floors(13_000) })).toBe(
    true,
  )
})

test('a window needs no messages from a worker after its hand-over, and no messages from a slice that begins after the window', () => {
  expect(told([ledger(0, 16), ledger(1, 12, { ...ended, handedOver: true })])).toBe(true)
  const epoch = (fromMs: number): FleetControl => ({
    epochs: [{ fromMs, profile: plan.profile, slices: [{ slice: 2, first: 10, stride: 1, count: 5 }] }],
  })
  expect(told([ledger(0, 16), ledger(1, 16)], { control: epoch(15_000) })).toBe(true)
  expect(told([ledger(0, 16), ledger(1, 16)], { control: epoch(10_000) })).toBe(false)
  expect(told([ledger(0, 16), ledger(1, 16), ledger(2, 17)], { control: epoch(10_000) })).toBe(true)
})
