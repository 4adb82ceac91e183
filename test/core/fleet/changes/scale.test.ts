import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Epoch } from '../../../../core/fleet/changes/epoch.ts'
import { epochFor, epochInWords } from '../../../../core/fleet/changes/scale.ts'
import { fleetAt } from '../../../../core/fleet/fleet.ts'
import { levelAt, usersAt } from '../../../../core/plan/load/load.ts'
import { type RunPlan, slicesOf } from '../../../../core/plan/plan.ts'
import type { Control } from '../../../../core/fleet/control.ts'
import { planOf } from '../../../fixtures/run.ts'

const control: Control = { v: 1, startAt: 0, leaseUntil: 0, stop: null }
const held = (users: number, more: Partial<RunPlan> = {}): RunPlan =>
  planOf({
    users,
    profile: {
      points: [
        { atMs: 0, level: 0 },
        { atMs: 0, level: users },
      ],
      endMs: 600_000,
    },
    slices: slicesOf(users, 2),
    ...more,
  })
const to = (level: number, overMs = 0) => ({ model: 'users' as const, level, change: { overMs } })

test('a change of the load takes effect at the start of a window, at least 3 × controlPollMs after the request for the change', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(
        fc.record({
          level: fc.integer({ min: 0, max: 400 }),
          overMs: fc.integer({ min: 0, max: 60_000 }),
          waitMs: fc.integer({ min: 0, max: 60_000 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      (users, changes) => {
        const plan = held(users, { slices: slicesOf(users, 1) })
        const epochs: Epoch[] = []
        let nowMs = 0
        for (const { level, overMs, waitMs } of changes) {
          nowMs += waitMs
          const before = fleetAt(plan, { epochs })
          const epoch = epochFor(plan, { ...control, epochs }, to(level, overMs), nowMs)
          epochs.push(epoch)
          const after = fleetAt(plan, { epochs })
          expect(epoch.fromMs % plan.windowMs).toBe(0)
          expect(epoch.fromMs).toBeGreaterThanOrEqual(nowMs + 3 * plan.timing.controlPollMs)
          for (const atMs of [0, epoch.fromMs / 2, epoch.fromMs - 1]) {
            expect(levelAt(after.profile, atMs)).toBeCloseTo(levelAt(before.profile, atMs), 6)
          }
          expect(usersAt(after.profile, epoch.fromMs + overMs + 1)).toBe(level)
          expect(after.profile.endMs).toBe(600_000)
          // Each user of the load has exactly one slice, and the earlier slices have not changed.
          expect(after.users).toBe(Math.max(before.users, level))
          expect(after.slices.slice(0, before.slices.length)).toEqual(before.slices)
          const owners = after.slices.flatMap(({ first, stride, count }) =>
            Array.from({ length: count }, (_, k) => first + k * stride),
          )
          expect(owners.toSorted((a, b) => a - b)).toEqual(Array.from({ length: after.users }, (_, index) => index))
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a worker for added users has as many users as a planned worker, but one machine gets at most one added worker per core', () => {
  const epoch = (plan: RunPlan, users: number) => epochFor(plan, control, to(users), 10_000)
  expect(epoch(held(1000), 2000).slices.map(({ count }) => count)).toEqual([500, 500])
  expect(epoch(held(4), 104).slices.map(({ count }) => count)).toEqual([100])
  expect(epoch(held(1000, { cores: 1 }), 2000).slices.map(({ count }) => count)).toEqual([1000])
  expect(epoch(held(1000), 1000).slices).toEqual([])
})

test('the spawn rate of a change determines how long the change takes', () => {
  const epoch = epochFor(held(10), control, { model: 'users', level: 40, change: { perSecond: 3 } }, 20_000)
  const fleet = fleetAt(held(10), { epochs: [epoch] })
  expect(usersAt(fleet.profile, epoch.fromMs + 5_000)).toBe(25)
  expect(epochInWords(held(10), epoch)).toBe('from 10 to 40 users over 10 s')
})

describe('a change of the load', () => {
  const full = Array.from({ length: 200 }, (_, k): Epoch => {
    return { fromMs: (k + 1) * 5_000, profile: { points: [], endMs: 600_000 }, slices: [] }
  })
  const stopping: Control = { ...control, stop: { reason: 'x', at: 1 } }
  test.each([
    [
      'when the run ends before the change takes effect',
      /ends in 3 s/,
      () => epochFor(held(2), control, to(4), 597_000),
    ],
    ['when the run is stopping', /is stopping/, () => epochFor(held(2), stopping, to(4), 0)],
    [
      'when the load is for the other load model',
      /the load of this run is a number of users, not a rate/,
      () => epochFor(held(2), control, { ...to(4), model: 'arrivals' }, 0),
    ],
    [
      'when the run has already had 200 changes',
      /200 times/,
      () => epochFor(held(2), { ...control, epochs: full }, to(4), 0),
    ],
  ])('a change of the load is refused %s', (_, message, change) => {
    expect(change).toThrow(message)
  })
})
