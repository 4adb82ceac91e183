import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BurstError } from '../../../../core/errors.ts'
import {
  type Profile,
  arrivalAt,
  arrivalsBefore,
  levelAt,
  livesOf,
  peakLevel,
  profileOf,
  steepestRise,
  usersAt,
} from '../../../../core/plan/load/load.ts'
import { type Stage, arrivals, hold, ramp, rampArrivals } from '../../../../core/authoring/load-stages.ts'

const piece: fc.Arbitrary<Stage> = fc.oneof(
  fc.record({
    kind: fc.constant('ramp' as const),
    to: fc.integer({ min: 0, max: 40 }),
    ms: fc.constantFrom(0, 1, 500, 1000, 7_000, 30_000),
  }),
  fc.record({ kind: fc.constant('hold' as const), ms: fc.constantFrom(1, 1000, 12_345) }),
)
const profiles = fc
  .record({ stages: fc.array(piece, { minLength: 1, maxLength: 6 }), open: fc.boolean() })
  .map(({ stages, open }): Profile => (open ? { points: profileOf(stages).points, endMs: null } : profileOf(stages)))

const arriving = fc
  .array(
    fc.record({
      kind: fc.constant('arrivals' as const),
      from: fc.integer({ min: 0, max: 30 }),
      to: fc.integer({ min: 0, max: 30 }),
      ms: fc.constantFrom(1, 700, 1000, 9_000),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((stages) => profileOf(stages))

/** Returns true if the user runs at this time. */
function alive(profile: Profile, index: number, atMs: number): boolean {
  return livesOf(profile, index).some(({ fromMs, untilMs }) => fromMs <= atMs && (untilMs === null || atMs < untilMs))
}

describe('the number of users at a given time', () => {
  it('the number of users follows the stages', () => {
    const profile = profileOf([ramp(100, '10s'), hold('5s'), ramp(0, '10s')])
    const seconds = [-1, 0, 1, 5, 10, 14, 15, 20, 24.99, 25, 99]
    expect(seconds.map((s) => usersAt(profile, s * 1000))).toEqual([0, 0, 10, 50, 100, 100, 100, 50, 1, 0, 0])
  })

  it('at a ramp of length 0, the number of users jumps to its new value', () => {
    const profile = profileOf([ramp(5, '0s'), hold('2s'), ramp(9, '0s'), hold('1s')])
    expect([0, 1999, 2000, 2999, 3000].map((at) => usersAt(profile, at))).toEqual([5, 5, 9, 9, 0])
  })

  it('the number of users is never less than 0 or more than the peak', () => {
    fc.assert(
      fc.property(profiles, fc.integer({ min: -1000, max: 300_000 }), (profile, atMs) => {
        const level = levelAt(profile, atMs)
        expect(level).toBeGreaterThanOrEqual(0)
        expect(level).toBeLessThanOrEqual(peakLevel(profile))
      }),
    )
  })

  it('the planned number of users equals the number of users that have started and have not stopped', () => {
    fc.assert(
      fc.property(profiles, fc.integer({ min: 0, max: 200_000 }), (profile, atMs) => {
        // If the level differs from the index of a user by less than the rounding error, rounding decides whether this user runs. The test skips
        // such a time, unless the level is constant around this time.
        fc.pre(Math.abs(levelAt(profile, atMs) - Math.round(levelAt(profile, atMs))) > 1e-6 || onLevel(profile, atMs))
        const living = Array.from({ length: 41 }, (_, index) => alive(profile, index, atMs)).filter(Boolean).length
        expect(living).toBe(usersAt(profile, atMs))
      }),
    )
  })
})

/** Returns true if the level is constant around a moment, so that no user starts or stops. */
function onLevel(profile: Profile, atMs: number): boolean {
  return (
    levelAt(profile, atMs - 0.5) === levelAt(profile, atMs) && levelAt(profile, atMs + 0.5) === levelAt(profile, atMs)
  )
}

describe('the spans of a user', () => {
  it('a span of a user begins when the level of the load rises above the index of the user, and ends when the level falls to this index', () => {
    const profile = profileOf([ramp(10, '10s'), hold('5s'), ramp(0, '10s')])
    expect(livesOf(profile, 0)).toEqual([{ fromMs: 0, untilMs: 25_000 }])
    expect(livesOf(profile, 4)).toEqual([{ fromMs: 4_000, untilMs: 21_000 }])
    expect(livesOf(profile, 10)).toEqual([])
  })

  it('a user has several spans when the load falls below its index and rises again', () => {
    const profile = profileOf([ramp(2, '0s'), hold('1s'), ramp(1, '0s'), hold('1s'), ramp(2, '0s'), hold('1s')])
    expect(livesOf(profile, 0)).toEqual([{ fromMs: 0, untilMs: 3_000 }])
    expect(livesOf(profile, 1)).toEqual([
      { fromMs: 0, untilMs: 1_000 },
      { fromMs: 2_000, untilMs: 3_000 },
    ])
  })

  it('a span of a user continues if the level falls to the index of the user and immediately rises again', () => {
    const profile = profileOf([ramp(5, '0s'), ramp(3, '2s'), ramp(5, '2s')])
    expect(livesOf(profile, 3)).toEqual([{ fromMs: 0, untilMs: 4_000 }])
  })

  it('if the load has no end, a span of a user lasts until the run is stopped', () => {
    expect(livesOf({ points: [{ atMs: 0, level: 1 }], endMs: null }, 0)).toEqual([{ fromMs: 0, untilMs: null }])
  })

  it('the spans of a user do not overlap or touch, and lie within the run', () => {
    fc.assert(
      fc.property(profiles, fc.nat(40), (profile, index) => {
        let free = -1
        for (const { fromMs, untilMs } of livesOf(profile, index)) {
          expect(fromMs).toBeGreaterThan(free)
          free = untilMs ?? Infinity
          expect(free).toBeGreaterThan(fromMs)
        }
        expect(free).toBeLessThanOrEqual(profile.endMs ?? Infinity)
      }),
    )
  })

  it('during a ramp-up, each user has one span, and users start in index order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 100_000 }), (users, ms) => {
        const profile = profileOf([{ kind: 'ramp', to: users, ms }, hold('1s')])
        const starts = Array.from({ length: users }, (_, index) => livesOf(profile, index))
        expect(starts.every((lives) => lives.length === 1)).toBe(true)
        const times = starts.map((lives) => lives[0]?.fromMs ?? Number.NaN)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        expect(times[0]).toBe(0)
      }),
      { numRuns: 30 },
    )
  })
})

describe('arrivals', () => {
  it('at a constant rate, time is divided into equal steps, with an arrival in the middle of each step', () => {
    const profile = profileOf([arrivals(4, '1s')])
    expect([0, 1, 2, 3, 4].map((j) => arrivalAt(profile, j))).toEqual([125, 375, 625, 875, undefined])
  })

  it('an arrival can fall exactly on the boundary of two stages', () => {
    const profile = profileOf([arrivals(1, '500ms'), rampArrivals(0, 5, '10s')])
    expect(arrivalAt(profile, 0)).toBe(500)
  })

  it('the number of arrivals is the area under the rate, rounded', () => {
    fc.assert(
      fc.property(arriving, (profile) => {
        const area = areaOf(profile)
        fc.pre(Math.abs((area % 1) - 0.5) > 1e-6)
        expect(arrivalsBefore(profile, profile.endMs ?? 0)).toBe(Math.round(area))
      }),
    )
  })

  it('arrivals are in chronological order, and all arrivals are between the start and the end of the run', () => {
    fc.assert(
      fc.property(arriving, (profile) => {
        let last = 0
        for (let j = 0, at = arrivalAt(profile, 0); at !== undefined; at = arrivalAt(profile, ++j)) {
          expect(at).toBeGreaterThan(last - 1e-9)
          last = at
        }
        expect(last).toBeLessThanOrEqual((profile.endMs ?? 0) + 1e-6)
      }),
    )
  })

  it('the times of arrivals agree with the number of arrivals before a given time', () => {
    fc.assert(
      fc.property(arriving, fc.nat(60), (profile, j) => {
        const at = arrivalAt(profile, j)
        if (at === undefined) return
        expect(arrivalsBefore(profile, at - 0.001)).toBeLessThanOrEqual(j)
        expect(arrivalsBefore(profile, at + 0.001)).toBeGreaterThanOrEqual(j + 1)
      }),
    )
  })

  it('the last rate is kept from the last point of the profile to the end of the run', () => {
    const held: Profile = { ...profileOf([rampArrivals(0, 10, '2s')]), endMs: 4_000 }
    expect(arrivalsBefore(held, 4_000)).toBe(30)
    expect(arrivalAt(held, 29)).toBeCloseTo(3_950)
    expect(arrivalAt(held, 30)).toBeUndefined()
  })

  it('the number of arrivals is the rounded area under the rate, even if the run ends after the last stage', () => {
    fc.assert(
      fc.property(arriving, fc.nat(5_000), (file, longerMs) => {
        const endMs = (file.endMs ?? 0) + longerMs
        const profile = { ...file, endMs }
        const area = areaOf(profile) + ((file.points.at(-1)?.level ?? 0) * longerMs) / 1000
        fc.pre(Math.abs((area % 1) - 0.5) > 1e-6)
        expect(arrivalsBefore(profile, endMs)).toBe(Math.round(area))
        expect(arrivalAt(profile, Math.round(area))).toBeUndefined()
        expect(arrivalAt(profile, Math.round(area) - 1) ?? 0).toBeLessThanOrEqual(endMs)
      }),
    )
  })

  it('arrivals continue forever if the run has no end', () => {
    const profile: Profile = { points: [{ atMs: 0, level: 2 }], endMs: null }
    expect([arrivalAt(profile, 0), arrivalAt(profile, 199)]).toEqual([250, 99_750])
    expect(arrivalsBefore(profile, 100_000)).toBe(200)
  })
})

function areaOf({ points }: Profile): number {
  return points.slice(1).reduce((area, b, k) => {
    const a = points[k] as typeof b
    return area + (((a.level + b.level) / 2) * (b.atMs - a.atMs)) / 1000
  }, 0)
}

describe('stages', () => {
  it.each([
    [() => ramp(-1, '1s'), 'ramp() was given -1'],
    [() => ramp(Number.NaN, '1s'), 'ramp() was given NaN'],
    [() => rampArrivals(1, Number.POSITIVE_INFINITY, '1s'), 'arrivals() was given Infinity'],
    [() => ramp('10' as never, '1s'), 'ramp() was given "10"'],
    [
      () => arrivals(5, '1s', { max_users: 5 } as never),
      "the last argument of arrivals() has an unknown option 'max_users'",
    ],
    [() => arrivals(5, '1s', { maxUsers: 0.5 }), 'maxUsers of arrivals() is 0.5'],
    [() => arrivals(5, '1s', { freshUser: 'yes' } as never), 'freshUser of arrivals() is "yes"'],
    [() => arrivals(5, '1s', 100 as never), 'the last argument of arrivals() is 100'],
    [() => hold('5 s'), 'the duration of hold() is "5 s", which is not a duration'],
  ])('a stage with an invalid level, duration or option is refused (%#)', (make, message) => {
    expect(make).toThrow(BurstError)
    expect(make).toThrow(message)
  })

  it('the steepest rise of a load is in users per second', () => {
    expect(steepestRise(profileOf([ramp(10, '5s'), ramp(60, '10s'), ramp(0, '1s')]))).toBe(5)
    expect(steepestRise(profileOf([ramp(10, '0s'), hold('1s')]))).toBe(Infinity)
  })
})
