import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BurstError } from '../../../../core/errors.ts'
import { arrivalsBefore, levelAt, peakLevel } from '../../../../core/plan/load/load.ts'
import { arrivals, hold, ramp, rampArrivals } from '../../../../core/authoring/load-stages.ts'
import { planRun } from '../../../../core/plan/plan-run.ts'
import type { RunOptions } from '../../../../core/plan/options.ts'
import { described, facts, journey, noOptions, plan, refusal, staged } from '../../../fixtures/planning.ts'

const stages = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('ramp' as const),
      to: fc.integer({ min: 0, max: 500 }),
      ms: fc.integer({ min: 0, max: 90_000 }),
    }),
    fc.record({ kind: fc.constant('hold' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  ),
  { minLength: 1, maxLength: 8 },
)
const loads = stages.filter(
  (list) => list.some((stage) => stage.kind === 'ramp' && stage.to > 0) && list.some((stage) => stage.ms > 0),
)

describe('the load from the command line and the file', () => {
  it('without an option, the file determines the load', () => {
    expect(plan(journey)).toMatchObject({ model: 'users', users: 200, profile: { endMs: 35_000 } })
  })

  it('when neither the file nor the command line has a load, the load is one user without an end', () => {
    expect(plan(described())).toMatchObject({ users: 1, profile: { points: [{ atMs: 0, level: 1 }], endMs: null } })
  })

  it('-u sets the peak of the load and does not change the times of the stages', () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 1_000_000 }), (list, users) => {
        const before = plan(staged(...list)).profile
        const after = plan(staged(...list), { users, usersPerWorker: 1_000_000 })
        expect(peakLevel(after.profile)).toBe(users)
        expect(after.users).toBe(users)
        expect(after.profile.points.map((point) => point.atMs)).toEqual(before.points.map((point) => point.atMs))
        expect(after.profile.endMs).toBe(before.endMs)
      }),
    )
  })

  it('-t sets the end of the run and does not change earlier stages', () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 600_000 }), fc.nat(1000), (list, runTimeMs, share) => {
        const before = plan(staged(...list)).profile
        const load = { description: staged(...list), options: { ...noOptions, runTimeMs }, facts }
        const after = unlessEmpty(() => planRun(load).profile)
        if (!after) return
        expect(after.endMs).toBe(runTimeMs)
        expect(after.points.every((point) => point.atMs <= runTimeMs)).toBe(true)
        const untouched = Math.min(runTimeMs, before.points.at(-2)?.atMs ?? 0)
        const atMs = Math.floor((untouched * share) / 1001)
        expect(levelAt(after, atMs)).toBeCloseTo(levelAt(before, atMs), 6)
      }),
    )
  })

  it('when -u is given and -t is shorter than the load, the number of users still reaches the value of -u', () => {
    const { profile } = plan(journey, { users: 50, runTimeMs: 5_000 })
    expect(profile).toEqual({
      points: [
        { atMs: 0, level: 0 },
        { atMs: 5_000, level: 50 },
      ],
      endMs: 5_000,
    })
  })

  it('when -t is longer than the load, the last level continues', () => {
    const { profile } = plan(staged(ramp(10, '10s')), { runTimeMs: 60_000 })
    expect([levelAt(profile, 5_000), levelAt(profile, 10_000), levelAt(profile, 59_999)]).toEqual([5, 10, 10])
  })

  it('when -t is longer than the load, a final ramp to 0 takes longer', () => {
    const { profile } = plan(journey, { runTimeMs: 60_000 })
    expect([levelAt(profile, 30_000), levelAt(profile, 45_000), profile.endMs]).toEqual([200, 100, 60_000])
  })

  it('when -t is longer than the load, the level before a final drop to 0 continues until the end', () => {
    const { profile } = plan(staged(ramp(10, '0s'), hold('5s'), ramp(0, '0s')), { runTimeMs: 60_000 })
    expect(levelAt(profile, 59_999)).toBe(10)
  })

  it('-r replaces the stages of the file with a ramp (at the given rate) and a hold, and does not change the total duration', () => {
    expect(plan(journey, { spawnRate: 50 }).profile).toEqual({
      points: [
        { atMs: 0, level: 0 },
        { atMs: 4_000, level: 200 },
      ],
      endMs: 35_000,
    })
  })

  it('when -r is too slow for -t, the run ends before the ramp reaches its peak', () => {
    expect(plan(journey, { users: 100, spawnRate: 1, runTimeMs: 30_000 })).toMatchObject({
      users: 30,
      profile: { endMs: 30_000, points: [{ level: 0 }, { atMs: 30_000, level: 30 }] },
    })
  })

  it('between two samples of a shape function the load changes linearly, and the run ends when the function ends', () => {
    const { profile, users } = plan(described({ load: { kind: 'samples', users: [0, 2, 4, 4, 4, 1], ended: true } }))
    expect([users, profile.endMs, levelAt(profile, 1_500), levelAt(profile, 3_000), levelAt(profile, 5_900)]).toEqual([
      4, 6_000, 3, 4, 1,
    ])
    expect(profile.points).toHaveLength(4)
  })

  it('a load without an end is refused on AWS, but not on this machine', () => {
    expect(refusal(described(), {}, { backend: 'aws' }).message).toBe('the run has no end')
    expect(plan(described(), { runTimeMs: 1_000 }, { backend: 'aws' }).profile.endMs).toBe(1_000)
  })

  it('a load that is 0 from its start to its end is refused', () => {
    expect(refusal(staged(hold('10s'))).message).toBe('the load has 0 users from its start to its end (10 s)')
    expect(refusal(staged(hold('10s'), ramp(5, '10s')), { runTimeMs: 5_000, users: 3 }).message).toMatch(
      /^the load has 0 users/,
    )
    expect(refusal(described({ load: { kind: 'samples', users: [], ended: true } })).message).toMatch(
      /^the load has 0 users/,
    )
  })
})

describe('arrivals', () => {
  const open = staged(rampArrivals(0, 50, '10s'), arrivals(50, '20s'))

  it('the user pool has ten times as many users as there are arrivals per second, but at least 100, and at most as many as one machine can have', () => {
    expect(plan(open)).toMatchObject({ model: 'arrivals', users: 500, profile: { endMs: 30_000 } })
    expect(plan(staged(arrivals(2, '1s'))).users).toBe(100)
    expect(plan(staged(arrivals(2_000, '1s'))).users).toBe(1_600)
  })

  it('arrivals on AWS get as many workers as their pool needs, unless --workers or maxUsers sets a different number', () => {
    const onAws = (load: ReturnType<typeof described>, options: Partial<RunOptions> = {}): [number, number] => {
      const { users, slices } = plan(load, options, { backend: 'aws' })
      return [users, slices.length]
    }
    expect(onAws(staged(arrivals(2_000, '10s')))).toEqual([20_000, 25])
    expect(onAws(staged(arrivals(2_000, '10s')), { usersPerWorker: 400 })).toEqual([20_000, 50])
    expect(onAws(staged(arrivals(2_000, '10s')), { workers: 3 })).toEqual([2_400, 3])
    expect(onAws(staged(arrivals(2_000, '10s', { maxUsers: 1_000 })))).toEqual([1_000, 2])
    expect(onAws(staged(arrivals(2, '10s')))).toEqual([100, 1])
  })

  it('when -t is longer than the load, the last rate of the arrivals is kept', () => {
    const offered = (load: ReturnType<typeof described>, options: Partial<RunOptions>): number => {
      const { profile } = plan(load, options)
      return arrivalsBefore(profile, profile.endMs ?? 0)
    }
    expect(offered(staged(arrivals(5, '2s')), { runTimeMs: 4_000 })).toBe(20)
    expect(offered(staged(rampArrivals(0, 10, '2s')), { runTimeMs: 4_000 })).toBe(30)
    expect(offered(described(), { rate: 5, runTimeMs: 3_000 })).toBe(15)
    expect(offered(staged(arrivals(5, '2s')), { runTimeMs: 4_000, rate: 10 })).toBe(40)
    expect(offered(staged(arrivals(5, '4s')), { runTimeMs: 2_000 })).toBe(10)
  })

  it('the options maxUsers and freshUser of the scenario file apply to the arrivals of the plan', () => {
    const given = staged(arrivals(5, '1s', { maxUsers: 7, freshUser: true }))
    expect(plan(given)).toMatchObject({ users: 7, freshUser: true })
  })

  it('--rate rescales the arrivals and does not change the times of their stages', () => {
    const { profile } = plan(open, { rate: 10 })
    expect([peakLevel(profile), levelAt(profile, 5_000), profile.endMs]).toEqual([10, 5, 30_000])
  })

  it('--rate plans arrivals when the file has no load', () => {
    expect(plan(described(), { rate: 20, runTimeMs: 5_000 })).toMatchObject({ model: 'arrivals', users: 200 })
  })

  it.each([
    [{ users: 5 }, '-u is for users, but this scenario has arrivals'],
    [{ spawnRate: 5 }, '-r is for users, but this scenario has arrivals'],
    [{ iterations: 5 }, '--iterations is for users, but this scenario has arrivals'],
  ])('arrivals with the options %j are refused', (options, message) => {
    expect(refusal(open, options).message).toBe(message)
  })

  it('arrivals cannot be combined with stages of users', () => {
    expect(refusal(staged(arrivals(1, '1s'), hold('1s'))).message).toBe('load mixes arrivals with ramp or hold')
    expect(refusal(journey, { rate: 5 }).message).toBe('--rate is for arrivals, but this scenario has users')
  })
})

/** Returns the result of `make`. Returns undefined if the planner refuses a load that is always 0 before its new end. */
function unlessEmpty<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof BurstError && error.message.includes('the load has 0 ')) return undefined
    throw error
  }
}
