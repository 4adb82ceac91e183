import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Census, Presence } from '../../../../../functions/worker/engine/counting/presence.ts'
import { LeftLives } from '../../../../../functions/worker/engine/executors/left-lives.ts'
import { Recorder } from '../../../../../functions/worker/engine/counting/recorder.ts'

let presence: Presence
let recorder: Recorder
let nowMs: number
let census: Census
let failing: number

beforeEach(() => {
  nowMs = 900
  census = { users: 0, draining: 0, leftAt: () => 0 }
  recorder = new Recorder({ slice: 0, attempt: 0, windowMs: 1e9 })
  failing = 0
  const context = {
    clock: { nowMs: () => nowMs },
    recorder,
    startMs: 1000,
    failing: {
      get present() {
        return failing
      },
    },
  }
  presence = new Presence(context, () => census)
})
afterEach(() => presence.close())

/** Changes the number of users at a given time, as an executor does. */
function at(ms: number, change: Partial<Census>, dueMs?: number): void {
  nowMs = 1000 + ms
  presence.settle()
  census = { ...census, ...change }
  if (dueMs !== undefined) presence.begun(1000 + dueMs)
}

const seconds = (): [number, number, number, number][] =>
  [...recorder.cuts.now().window.seconds]
    .toSorted(([a], [b]) => a - b)
    .map(([second, cell]) => [second, cell.users, cell.userUs / 1000, cell.leftUs / 1000])

test('user time is counted to the millisecond, and is split between the seconds in which it passes', () => {
  at(250, { users: 2 })
  at(750, { users: 3 })
  at(1500, { users: 1, draining: 2 })
  at(2250, { users: 0 })
  expect(seconds()).toEqual([
    [0, 0, 1750, 0],
    [1, 0, 2000, 0],
    [2, 0, 250, 0],
  ])
  expect(recorder.cuts.now().worker).toMatchObject({
    userUs: 4_000_000,
    activeFromMs: 250,
    activeToMs: 2250,
    finishedMs: null,
  })
})

test('users whose onStart has failed are present, but their time does not count as user time until onStart has succeeded', () => {
  at(0, { users: 3 })
  at(400, {})
  failing = 2
  at(1100, {})
  failing = 1
  at(1500, { users: 2 })
  failing = 0
  at(2000, { users: 0 })
  expect(seconds()).toEqual([
    [0, 0, 3 * 400 + 600, 0],
    [1, 0, 100 + 2 * 400 + 2 * 500, 0],
  ])
  expect(recorder.cuts.now().worker).toMatchObject({ userUs: 3_700_000, activeFromMs: 0, activeToMs: 2000 })
})

test('the time of a user that begins up to 100 ms late counts as user time from the planned start of the user', () => {
  nowMs = 1000
  presence.sample()
  at(30, { users: 1 }, 0)
  at(60, { users: 2 }, 0)
  at(560, {})
  nowMs = 2000
  presence.sample()
  at(1080, { users: 3 }, 990)
  at(1490, { users: 4 }, 990)
  at(1500, { users: 5 }, 999)
  at(1501, { users: 6 }, 1000)
  at(1600, { users: 0 })
  expect(seconds()).toEqual([
    [0, 2, 2010, 0],
    [1, 4, 3 * 490 + 4 * 10 + 5 + 6 * 99, 0],
  ])
  expect(recorder.cuts.now().worker.activeFromMs).toBe(0)
})

test('the time for which a worker is frozen does not count as user time', () => {
  at(0, { users: 10 })
  nowMs = 1000
  presence.sample()
  at(900, {})
  at(20_900, {})
  presence.sample()
  at(21_000, { users: 0 })
  const counted = seconds()
  expect(counted[0]).toEqual([0, 10, 9000, 0])
  expect(counted.slice(1, 20).every(([, users, userMs]) => users === 0 && userMs === 0)).toBe(true)
  expect(counted[20]).toEqual([20, 10, 1000, 0])
})

test('users that left by themselves are counted separately, and the time when the last user left is recorded', () => {
  at(0, { users: 2 })
  at(500, { users: 1, leftAt: () => 1 })
  at(1000, { users: 0, leftAt: () => 2 })
  nowMs = 2500
  presence.finished()
  expect(seconds()).toEqual([
    [0, 0, 1500, 500],
    [1, 0, 0, 1000],
  ])
  expect(recorder.cuts.now().worker).toMatchObject({ finishedMs: 1500, activeToMs: 1000 })
})

test('while the run is paused, no users are counted, whether they are present or have left by themselves', () => {
  const pauses = [{ fromMs: 2000, back: { atMs: 4000, overMs: 1000, users: 2 } }]
  const left = new LeftLives({ presence, fleet: { pauses } })
  for (const key of ['0-0', '1-0']) left.add(key)
  at(0, { leftAt: left.sizeAt })
  for (let ms = 250; ms <= 6000; ms += 250) at(ms + (ms === 2000 ? 30 : 0), {})
  expect(seconds().map(([second, , , leftMs]) => [second, leftMs])).toEqual([
    [0, 2000],
    [1, 2000],
    [4, 1000 + 500],
    [5, 2000],
  ])
})

test('a worker that starts late counts its users from the second in which it starts', () => {
  nowMs = 1000 + 3500
  presence.arm()
  at(3500, { users: 4 })
  presence.sample()
  nowMs = 1000 + 4200
  presence.sample()
  expect(seconds().map(([second, users]) => [second, users])).toEqual([
    [3, 4],
    [4, 4],
  ])
})

test('a worker that takes over users counts these users from the first full second after the takeover', () => {
  nowMs = 1000 + 1800
  presence.arm(5500)
  at(5500, { users: 4 })
  for (const ms of [5900, 6100, 7200]) {
    nowMs = 1000 + ms
    presence.sample()
  }
  expect(seconds().map(([second, users]) => [second, users])).toEqual([
    [6, 4],
    [7, 4],
  ])
})

test('no users are counted before the start', () => {
  at(-50, { users: 5 })
  presence.sample()
  at(-10, {})
  expect(seconds()).toEqual([])
  expect(recorder.cuts.now().worker).toMatchObject({ userUs: 0, activeFromMs: null })
})
