import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { levelAt, profileOf, usersAt } from '../../../core/plan/load/load.ts'
import { ramp } from '../../../core/authoring/load-stages.ts'
import {
  assignClasses,
  hasLoad,
  controlReadEveryMs,
  slicesOf,
  usersPerWorkerCap,
  workersFor,
} from '../../../core/plan/plan.ts'

import { planOf } from '../../fixtures/run.ts'

const fleets = { users: fc.integer({ min: 1, max: 5_000 }), workers: fc.integer({ min: 1, max: 97 }) }

/** Returns how many of the first `alive` users of the run belong to the slice. */
function aliveIn({ first, stride, count }: { first: number; stride: number; count: number }, alive: number): number {
  return Math.min(count, Math.max(0, Math.ceil((alive - first) / stride)))
}

describe('slices', () => {
  it('the slices contain every user exactly once', () => {
    fc.assert(
      fc.property(fleets.users, fleets.workers, (users, workers) => {
        const owned = slicesOf(users, workers).flatMap(({ first, stride, count }) =>
          Array.from({ length: count }, (_, k) => first + k * stride),
        )
        expect(owned.toSorted((a, b) => a - b)).toEqual(Array.from({ length: users }, (_, index) => index))
      }),
    )
  })

  it('during a ramp, the user counts of any two slices differ by at most one, and all slices together have the planned number of users', () => {
    fc.assert(
      fc.property(fleets.users, fleets.workers, fc.double({ min: 0, max: 1, noNaN: true }), (users, workers, share) => {
        const alive = usersAt(profileOf([ramp(users, '100s'), ramp(users, '1s')]), share * 100_000)
        const shares = slicesOf(users, workers).map((slice) => aliveIn(slice, alive))
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
        expect(shares.reduce((sum, one) => sum + one, 0)).toBe(alive)
      }),
    )
  })

  it('a slice does not lose a user while the load rises', () => {
    fc.assert(
      fc.property(fleets.users, fleets.workers, fc.nat(4_999), (users, workers, alive) => {
        for (const slice of slicesOf(users, workers)) {
          const gained = aliveIn(slice, alive + 1) - aliveIn(slice, alive)
          expect(gained === 0 || gained === 1).toBe(true)
        }
      }),
    )
  })
})

describe('workers', () => {
  it('a run has the requested number of workers, or more workers if its users need them, but never more workers than users', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fleets.workers, (users, asked) => {
        const workers = workersFor(users, asked)
        expect(Math.ceil(users / workers)).toBeLessThanOrEqual(usersPerWorkerCap)
        expect(workers).toBeLessThanOrEqual(users)
        expect(workers).toBe(Math.min(users, Math.max(asked, Math.ceil(users / usersPerWorkerCap))))
      }),
    )
  })
})

describe('classes', () => {
  const weights = fc
    .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
    .filter((list) => list.some((one) => one > 0))

  it('of 10 users, a class with weight 9 gets 9 users and a class with weight 1 gets 1 user', () => {
    const assigned = assignClasses(
      [
        { weight: 9, count: null },
        { weight: 1, count: null },
      ],
      10,
    )
    expect([0, 1].map((index) => assigned.filter((one) => one === index).length)).toEqual([9, 1])
  })

  it('of the first n users, each class has the share that its weight gives it, plus or minus at most one user', () => {
    fc.assert(
      fc.property(weights, (list) => {
        const total = list.reduce((sum, weight) => sum + weight, 0)
        const counts = list.map(() => 0)
        const assigned = assignClasses(
          list.map((weight) => ({ weight, count: null })),
          200,
        )
        assigned.forEach((index, user) => {
          counts[index] = (counts[index] ?? 0) + 1
          list.forEach((weight, k) => {
            expect(Math.abs((counts[k] ?? 0) - ((user + 1) * weight) / total)).toBeLessThanOrEqual(1)
          })
        })
      }),
      { numRuns: 40 },
    )
  })

  it('a class with a fixed count has exactly that many users, regardless of the weights of other classes', () => {
    fc.assert(
      fc.property(weights, fc.nat(30), fc.integer({ min: 30, max: 300 }), (list, count, users) => {
        const classes = [...list.map((weight) => ({ weight, count: null })), { weight: 5, count }]
        expect(assignClasses(classes, users).filter((index) => index === list.length)).toHaveLength(count)
      }),
    )
  })

  it('the class of a user does not depend on the number of users', () => {
    fc.assert(
      fc.property(weights, fc.nat(200), (list, users) => {
        const classes = list.map((weight) => ({ weight, count: null }))
        expect(assignClasses(classes, users)).toEqual(assignClasses(classes, 200).subarray(0, users))
      }),
    )
  })
})

describe('a load', () => {
  it('a profile whose level is always 0 has no load', () => {
    expect(hasLoad({ points: [{ atMs: 0, level: 0 }], endMs: 1_000 })).toBe(false)
    expect(hasLoad(profileOf([ramp(1, '1s')]))).toBe(true)
    expect(levelAt(profileOf([]), 0)).toBe(0)
  })
})

it('before the start of a run, the control file is read at least twice per startNoticeMs, and after the start, it is read at the planned interval', () => {
  const timing = { ...planOf().timing, controlPollMs: 500 }
  expect(controlReadEveryMs({ ...timing, startNoticeMs: 300 }, false)).toBe(150)
  expect(controlReadEveryMs({ ...timing, startNoticeMs: 300 }, true)).toBe(500)
  expect(controlReadEveryMs({ ...timing, startNoticeMs: 5000 }, false)).toBe(500)
  expect(controlReadEveryMs({ ...timing, startNoticeMs: 0 }, false)).toBe(50)
})
