import { expect, test } from 'vitest'
import { fleetAt } from '../../../../../core/fleet/fleet.ts'
import { profileOf } from '../../../../../core/plan/load/load.ts'
import { hold, ramp } from '../../../../../core/authoring/load-stages.ts'
import { slicesOf } from '../../../../../core/plan/plan.ts'
import { Schedule } from '../../../../../functions/worker/engine/executors/schedule.ts'
import { type HandOverPart, emptyPart } from '../../../../../functions/worker/engine/handover/carried-user.ts'
import { planOf } from '../../../../fixtures/run.ts'

const users = 100

const onTime = { nowMs: 60_000, fromMs: 60_000, untilMs: 660_000 }

/** Returns the users that begin in a turn of a slice, and how many of them are late. The plan starts all users within `rampS` seconds. */
function beginningsOf(rampS: number, part: Partial<HandOverPart>, { nowMs, fromMs, untilMs } = onTime) {
  const profile = profileOf([ramp(users, `${rampS}s`), hold('1h')])
  const plan = planOf({ profile, users, slices: slicesOf(users, 1) })
  let late = 0
  const engine = {
    setup: { plan, slice: 0, attempt: 3, sent: new SharedArrayBuffer(4) },
    fleet: fleetAt(plan),
    clock: { nowMs: () => nowMs },
    recorder: { countUsers: (_: 'late', count: number) => void (late += count) },
  }
  const turn = { fromMs, untilMs, inherited: { ...emptyPart(), ...part, last: true } }
  const begins = new Schedule(engine, turn, 0).events.filter((event) => event.begins)
  return { begins, late }
}

test('the next worker starts the users that a late worker did not start, over at least 5 s and not faster than the load rises', () => {
  // Users 0 to 59 have left, so 40 users are due.
  const left = Array.from({ length: 60 }, (_, user) => user)
  const quick = beginningsOf(1, { left })
  expect(quick.begins.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, k) => 60 + k))
  expect(quick.begins.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 40 }, (_, k) => 60_000 + k * 125))
  const slow = beginningsOf(50, { left })
  expect(slow.begins.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 40 }, (_, k) => 60_000 + k * 500))
  // These users are not counted as late, because the worker that was late has already counted them.
  expect([quick.late, slow.late]).toEqual([0, 0])
})

test('a user that begins a new life after a hand-over gets a life number that no other worker has used', () => {
  const { begins } = beginningsOf(1, {
    anew: [7],
    left: Array.from({ length: users }, (_, k) => k).filter((k) => k !== 7),
  })
  expect(begins).toMatchObject([{ index: 7, atMs: 60_000, anew: 3_000_000 }])
})

test('if a worker takes over late, each user that begins late during the turn of this worker is counted exactly once', () => {
  // The load rises by two users per second. User k is planned to start 0.5 s × k after the start of the run.
  const late = (nowMs: number, fromMs: number, untilMs: number): number =>
    beginningsOf(50, {}, { nowMs, fromMs, untilMs }).late
  expect(late(30_250, 10_250, 20_250)).toBe(20)
  expect(late(30_250, 20_250, 40_250)).toBe(18)
  expect(late(20_250, 20_250, 40_250)).toBe(0)
})
