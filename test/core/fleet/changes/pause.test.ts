import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withEpoch } from '../../../../core/fleet/changes/epoch.ts'
import { fleetAt } from '../../../../core/fleet/fleet.ts'
import { type Pause, dueAfterPauses, pauseAt, pausedMs, withPause } from '../../../../core/fleet/changes/pause.ts'
import { pauseFrom, pauseInWords, pauseUntil } from '../../../../core/fleet/changes/pausing.ts'
import { type Profile, arrivalAt, arrivalsBefore, levelAt, usersAt } from '../../../../core/plan/load/load.ts'
import { planOf } from '../../../fixtures/run.ts'

const running = { v: 1, startAt: 0, leaseUntil: 1e12, stop: null } as const
const hundred: Profile = {
  points: [
    { atMs: 0, level: 0 },
    { atMs: 10_000, level: 100 },
    { atMs: 600_000, level: 100 },
  ],
  endMs: 600_000,
}

const profiles = fc
  .array(fc.record({ ms: fc.integer({ min: 0, max: 60_000 }), level: fc.integer({ min: 0, max: 50 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((steps): Profile => {
    let atMs = 0
    const points = steps.map(({ ms, level }) => ({ atMs: (atMs += ms), level }))
    return { points: [{ atMs: 0, level: 0 }, ...points], endMs: atMs + 1_000 }
  })
const pauses = fc
  .array(
    fc.record({
      after: fc.integer({ min: 1, max: 40 }),
      lasts: fc.integer({ min: 1, max: 30 }),
      overMs: fc.integer({ min: 0, max: 20_000 }),
      users: fc.integer({ min: 0, max: 60 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((steps): Pause[] => {
    let s = 0
    return steps.map(({ after, lasts, overMs, users }) => {
      const fromMs = (s += after) * 1000
      return { fromMs, back: { atMs: (s += lasts) * 1000, overMs, users } }
    })
  })
const lastOpen = fc.boolean()

function risesTo(level: number): Profile {
  return {
    points: [
      { atMs: 0, level: 0 },
      { atMs: 1_001, level },
    ],
    endMs: 2_001,
  }
}

test('the running users are the users of the load without pauses, except the users that a pause delays', () => {
  fc.assert(
    fc.property(profiles, pauses, lastOpen, fc.integer({ min: 0, max: 400_000 }), (load, all, open, at) => {
      const held = open ? [...all.slice(0, -1), { ...(all.at(-1) as Pause), back: null }] : all
      const profile = held.reduce((before, pause) => withPause(before, pause), load)
      // The tested time has a fraction of a millisecond, because several events can fall on the same whole millisecond.
      const atMs = at + 0.317
      for (let index = 0; index < 60; index++) {
        const level = levelAt(load, atMs)
        const backMs = dueAfterPauses(held, index, atMs)
        // When the load equals the index of a user, the result depends on rounding, so the test skips this user.
        if (Math.abs(level - index) < 1e-6 || Math.abs(levelAt(profile, atMs) - index) < 1e-6) continue
        expect(levelAt(profile, atMs) > index).toBe(level > index && backMs === atMs)
      }
    }),
    { examples: [[risesTo(2), [{ fromMs: 1_000, back: { atMs: 2_000, overMs: 1, users: 0 } }], false, 2_000]] },
  )
})

test('the load is 0 during a pause, but the load before the pause and the end of the load are unchanged', () => {
  const profile = withPause(hundred, { fromMs: 60_000, back: { atMs: 120_000, overMs: 5_000, users: 100 } })
  const at = [59_999, 60_000, 119_999, 120_000, 122_500, 125_000, 599_999].map((ms) => levelAt(profile, ms))
  expect(at).toEqual([100, 0, 0, 0, 50, 100, 100])
  expect(profile.endMs).toBe(600_000)
  const open = withPause(hundred, { fromMs: 60_000, back: null })
  expect([usersAt(open, 59_999), usersAt(open, 60_000), usersAt(open, 599_999)]).toEqual([100, 0, 0])
})

test('arrivals due before a pause keep their times, and later arrivals are delayed by the length of the pause', () => {
  const load: Profile = { points: [{ atMs: 0, level: 10 }], endMs: 60_000 }
  const paused = withPause(load, { fromMs: 20_000, back: { atMs: 32_000, overMs: 0, users: 0 } })
  expect(arrivalsBefore(paused, 60_000)).toBe(480)
  for (const j of [0, 7, 199, 200, 201, 479]) {
    expect(arrivalAt(paused, j)).toBeCloseTo((arrivalAt(load, j) as number) + (j < 200 ? 0 : 12_000), 6)
  }
})

test('a change of the load during a pause takes effect when the run continues', () => {
  const pause = { fromMs: 60_000, back: { atMs: 120_000, overMs: 5_000, users: 20 } }
  const epoch = { fromMs: 90_000, profile: { points: [{ atMs: 90_000, level: 20 }], endMs: 600_000 }, slices: [] }
  const fleet = fleetAt(planOf({ profile: hundred }), { epochs: [epoch], pauses: [pause] })
  expect([usersAt(fleet.profile, 100_000), usersAt(fleet.profile, 125_000)]).toEqual([0, 20])
  expect(fleet.unpaused).toEqual(withEpoch(hundred, epoch))
  expect(fleet.changed).toBe(true)
})

describe('pausing and continuing a run', () => {
  const plan = planOf({ profile: hundred, timing: { ...planOf().timing, controlPollMs: 2_000 } })
  const search = { start: 10, max: 1000, whole: true, stepMs: 60_000, settleMs: 15_000, precision: 0.05, until: [] }
  const pausedAt = (fromMs: number, back: Pause['back'] = null) => ({ ...running, pauses: [{ fromMs, back }] })

  test('a pause begins at a whole second, after every worker has read the request for the pause', () => {
    expect(pauseFrom(plan, running, 20_300)).toEqual({ fromMs: 28_000, back: null })
    expect(pauseFrom(plan, running, -5_000)).toEqual({ fromMs: 7_000, back: null })
    const words = pauseInWords(plan, { fromMs: 28_000, back: null })
    expect(words).toBe('pauses at 00:28; its users keep their state; the run still ends at 10:00')
  })

  test('after a pause, users come back at the steepest rate of the load, and their return lasts at least 5 s', () => {
    const slow = pauseUntil(plan, pausedAt(60_000), 100_000)
    expect(slow.back).toEqual({ atMs: 107_000, overMs: 10_000, users: 100 })
    expect(pauseInWords(plan, slow)).toBe(
      'continues at 01:47: 100 users come back over 10 s; the run still ends at 10:00',
    )
    const jump = planOf({ ...plan, profile: { points: [{ atMs: 0, level: 100 }], endMs: null } })
    expect(pauseUntil(jump, pausedAt(60_000), 100_000).back).toEqual({ atMs: 107_000, overMs: 5_000, users: 100 })
    const rising = planOf({
      ...plan,
      profile: {
        points: [
          { atMs: 0, level: 0 },
          { atMs: 500_000, level: 5_000 },
        ],
        endMs: null,
      },
    })
    // The load rises as fast as the users come back, so all users are back only at the peak of the load.
    const { back } = pauseUntil(rising, pausedAt(5_000), 5_000)
    expect(back).toMatchObject({ atMs: 12_000, users: 5_000, overMs: 500_000 })
  })

  test('after a pause, arrivals have their full rate immediately', () => {
    const open = planOf({ ...plan, model: 'arrivals' })
    expect(pauseUntil(open, pausedAt(60_000), 100_000).back).toEqual({ atMs: 107_000, overMs: 0, users: 0 })
  })

  test('each pause lasts at least 1 s, and at least 1 s lies between the end of a pause and the next pause', () => {
    const back = { atMs: 70_000, overMs: 5_000, users: 100 }
    expect(pauseFrom(plan, pausedAt(60_000, back), 62_500)).toEqual({ fromMs: 71_000, back: null })
    expect(pauseUntil(plan, pausedAt(60_000), 50_000).back?.atMs).toBe(61_000)
  })

  test.each([
    [
      'a pause of a run that searches for its highest load',
      () => pauseFrom({ ...plan, search }, running, 1),
      'the run searches for its highest load, so it cannot be paused: a pause would distort the result of a step',
    ],
    [
      'a pause of a paused run',
      () => pauseFrom(plan, pausedAt(60_000), 70_000),
      'the run is already paused from 01:00 on',
    ],
    [
      'a pause of a run that stops',
      () => pauseFrom(plan, { ...running, stop: { reason: 'x', at: 1 } }, 1),
      `run ${plan.run} is stopping`,
    ],
    [
      'a pause at the end of a run',
      () => pauseFrom(plan, running, 595_000),
      'the run ends in 5 s, before a pause would take effect',
    ],
    [
      'the continuation of a run that is not paused',
      () => pauseUntil(plan, running, 1),
      `run ${plan.run} is not paused`,
    ],
    [
      'the continuation of a run at its end',
      () => pauseUntil(plan, pausedAt(60_000), 595_000),
      'the run ends in 5 s, before the users would come back',
    ],
  ])('burst refuses a request for %s', (_, asking, message) => {
    expect(asking).toThrow(expect.objectContaining({ exitCode: 104, message }) as Error)
  })
})

test('only the part of a pause that lies inside a span counts as paused time; a pause contains its start but not its end', () => {
  const all: Pause[] = [
    { fromMs: 10_000, back: { atMs: 20_000, overMs: 5_000, users: 1 } },
    { fromMs: 50_000, back: null },
  ]
  expect([pausedMs(all, 0, 15_000), pausedMs(all, 0, 40_000), pausedMs(all, 12_000, 60_000)]).toEqual([
    5_000, 10_000, 18_000,
  ])
  expect([9_999, 10_000, 19_999, 20_000, 50_000].map((atMs) => pauseAt(all, atMs)?.fromMs)).toEqual([
    undefined,
    10_000,
    10_000,
    undefined,
    50_000,
  ])
})
