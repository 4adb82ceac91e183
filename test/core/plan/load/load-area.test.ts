import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hold, ramp } from '../../../../core/authoring/load-stages.ts'
import { areaUnder, isLoaded, levelAt, profileOf } from '../../../../core/plan/load/load.ts'

describe('the area under a load', () => {
  it('the area under a load is in user-seconds, and includes the time from the last point of the load to its end', () => {
    // 10 s × 50 users on average, 5 s × 100 users, 10 s × 50 users on average.
    const profile = profileOf([ramp(100, '10s'), hold('5s'), ramp(0, '10s')])
    expect(areaUnder(profile)).toBe(1_500)
    expect(areaUnder({ points: [{ atMs: 0, level: 4 }], endMs: 2_500 })).toBe(10)
  })

  it('the area of a load without an end is infinite, except if its last level is 0', () => {
    expect(areaUnder({ points: [{ atMs: 0, level: 1 }], endMs: null })).toBe(Infinity)
    expect(areaUnder({ points: [{ atMs: 0, level: 0 }], endMs: null })).toBe(0)
    expect(areaUnder({ points: [], endMs: 1_000 })).toBe(0)
  })

  it('the area under a load equals the sum of the levels at the middle of each millisecond', () => {
    const short = fc.array(
      fc.record({ kind: fc.constant('ramp' as const), to: fc.nat(40), ms: fc.constantFrom(0, 1, 50, 400) }),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(short, (stages) => {
        const profile = profileOf(stages)
        let sum = 0
        for (let ms = 0; ms < (profile.endMs ?? 0); ms++) sum += levelAt(profile, ms + 0.5) / 1000
        expect(areaUnder(profile)).toBeCloseTo(sum, 6)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the check that a load is above 0 during a whole period', () => {
  const profile = profileOf([
    ramp(10, '1s'),
    hold('1s'),
    ramp(0, '1s'),
    ramp(10, '1s'),
    ramp(0, '0s'),
    hold('1s'),
    ramp(5, '0s'),
    hold('1s'),
  ])

  it.each([
    [0, 3_000, true],
    [500, 2_500, true],
    [0, 3_001, false],
    [2_999, 3_001, false],
    [3_000, 4_000, true],
    [3_000, 4_001, false],
    [4_000, 5_000, false],
    [4_500, 5_500, false],
    [5_000, 6_000, true],
    [5_000, 6_001, false],
  ])('the check that a load is above 0 from %i ms to %i ms returns %s', (fromMs, untilMs, expected) => {
    expect(isLoaded(profile, fromMs, untilMs)).toBe(expected)
  })

  it('a load without an end stays at its last level', () => {
    expect(isLoaded({ points: [{ atMs: 0, level: 3 }], endMs: null }, 0, 1e9)).toBe(true)
    expect(
      isLoaded(
        {
          points: [
            { atMs: 0, level: 3 },
            { atMs: 9, level: 0 },
          ],
          endMs: null,
        },
        0,
        10,
      ),
    ).toBe(false)
  })
})
