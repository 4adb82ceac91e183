import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Profile, profileOf, usersAt } from '../../../../core/plan/load/load.ts'
import { hold, ramp } from '../../../../core/authoring/load-stages.ts'
import { slicesOf } from '../../../../core/plan/plan.ts'
import type { UserTime } from '../../../../core/verdict/completeness/delivery.ts'
import { type UserTimeInput, userTimeOf } from '../../../../core/verdict/completeness/user-time.ts'
import { type WorkerCell, emptyWorkerCell } from '../../../../core/window/window.ts'

/** A run of 10 users for 20 s on two workers. */
const steady = profileOf([ramp(10, '0s'), hold('20s')])

interface Given {
  profile?: Profile
  /** Returns the number of users that all workers together have in a second. */
  users: (second: number) => number
  left?: (second: number) => number
  workers?: readonly Partial<WorkerCell>[]
  lastMs?: number
}

function timeOf({ profile = steady, users, left = () => 0, workers = [], lastMs = 60_000 }: Given): UserTime {
  const peak = Math.max(...profile.points.map(({ level }) => level))
  const seconds: UserTimeInput['seconds'] = new Map(
    Array.from({ length: 60 }, (_, at) => [at, { userUs: users(at) * 1e6, leftUs: left(at) * 1e6, hungUs: 0 }]),
  )
  const cells = workers.map((cell, slice) => ({ ...emptyWorkerCell(slice, 0), ...cell }))
  return userTimeOf({ slices: slicesOf(peak, 2), profile, lastMs, seconds, workers: cells })
}

test('the delivered share is 1 when users follow the plan', () => {
  const workers = [{ userUs: 100e6 }, { userUs: 100e6 }]
  expect(timeOf({ users: (second) => (second < 20 ? 10 : 0), workers })).toEqual({
    plannedS: 200,
    deliveredS: 200,
    short: [],
  })
})

test('if a worker joins late or freezes, only the user-seconds that its users did not deliver are missing, and the report names the worker', () => {
  const late = timeOf({
    users: (at) => (at < 8 ? 5 : at < 20 ? 10 : 0),
    workers: [{ userUs: 100e6 }, { userUs: 60e6 }],
  })
  expect(late).toEqual({ plannedS: 200, deliveredS: 160, short: [1] })
  const frozen = timeOf({
    users: (at) => (at === 7 ? 5.25 : at < 20 ? 10 : 0),
    workers: [{ userUs: 95.25e6 }, { userUs: 100e6 }],
  })
  expect(frozen).toEqual({ plannedS: 200, deliveredS: 195.25, short: [0] })
})

test('extra users in one second do not make up for missing users in another second', () => {
  expect(timeOf({ users: (at) => (at < 10 ? 5 : 15) }).deliveredS).toBe(150)
})

test('users that stopped by themselves do not count as missing, whether or not their worker still runs', () => {
  const users = (at: number): number => (at < 6 ? 10 : at < 12 ? 5 : 0)
  const left = (at: number): number => (at >= 6 && at < 12 ? 5 : 0)
  const workers = [
    { finishedMs: 12_000, userUs: 60e6 },
    { finishedMs: 12_000, userUs: 60e6 },
  ]
  expect(timeOf({ users, left, workers })).toMatchObject({ plannedS: 200, deliveredS: 200, short: [] })
  expect(timeOf({ users, left, workers: [workers[0] ?? {}, { userUs: 60e6 }] })).toMatchObject({
    deliveredS: 160,
    short: [1],
  })
})

test('planned user-seconds are counted until the stop of the run, or until the last reported time if the run has no planned end', () => {
  const endless = { ...steady, endMs: null }
  expect(timeOf({ profile: endless, users: () => 10, lastMs: 7500 })).toMatchObject({ plannedS: 75, deliveredS: 75 })
  expect(timeOf({ profile: { ...steady, endMs: 7300 }, users: () => 10 })).toMatchObject({
    plannedS: 73,
    deliveredS: 73,
  })
  expect(timeOf({ profile: { ...steady, endMs: 0 }, users: () => 0 })).toMatchObject({ plannedS: 0, deliveredS: 0 })
})

const stage = fc.oneof(
  fc.tuple(fc.nat(30), fc.nat(9000)).map(([users, ms]) => ramp(users, ms / 1000)),
  fc.nat(9000).map((ms) => hold(ms / 1000)),
)

test('the planned user-seconds are the integral of planned users over time, for any profile', () => {
  fc.assert(
    fc.property(fc.array(stage, { minLength: 1, maxLength: 5 }), (stages) => {
      const profile = profileOf(stages)
      const endMs = profile.endMs ?? 0
      const stepMs = 1
      let area = 0
      for (let at = stepMs / 2; at < endMs; at += stepMs) area += usersAt(profile, at) * stepMs
      const { plannedS } = timeOf({ profile, users: () => 0 })
      // Each user that starts or stops adds an error of at most one step to the sum.
      expect(Math.abs(plannedS - area / 1000)).toBeLessThanOrEqual((30 * 5 * stepMs) / 1000)
    }),
    { numRuns: 30 },
  )
})
