import { expect, expectTypeOf, test } from 'vitest'
import { mergeWindow } from '../../../../../core/window/merge-windows.ts'
import { emptyWindow, otherNames } from '../../../../../core/window/window.ts'
import { type Counts, Recorder } from '../../../../../functions/worker/engine/counting/recorder.ts'
import type { ExecutorContext } from '../../../../../functions/worker/engine/executors/executor.ts'
import type { EngineContext } from '../../../../../functions/worker/engine/users/context.ts'

test('users and executors call methods of the recorder and cannot access the windows of the recorder', () => {
  expectTypeOf<EngineContext['recorder']>().toEqualTypeOf<Counts>()
  expectTypeOf<ExecutorContext['recorder']>().toEqualTypeOf<Counts>()
  expectTypeOf<Extract<keyof Counts, 'cuts' | 'cell' | 'window' | 'worker'>>().toBeNever()
})

test('a dropped arrival is counted in the second for which it was planned, and its cause is counted in the current window', () => {
  const recorder = new Recorder({ slice: 0, attempt: 0, windowMs: 1_000_000 })
  const counts: Counts = recorder
  counts.arrivalStarted()
  counts.arrivalDropped('droppedPool', 1_900)
  counts.arrivalDropped('droppedGenerator', 2_000)
  counts.countUsers('late', 3)
  counts.countUsers('begunAnew')
  const all = emptyWindow()
  for (const { window } of recorder.cuts.take(false)) mergeWindow(all, window)
  expect(all.arrivals).toEqual({ started: 1, droppedPool: 1, droppedGenerator: 1 })
  expect([...all.seconds].map(([at, { dropped }]) => [at, dropped])).toEqual([
    [1, 1],
    [2, 1],
  ])
  expect(all.users).toMatchObject({ late: 3, begunAnew: 1, carried: 0 })
})

test('a name that begins with the method is stored twice, but counts only once towards the 500 names of a worker', () => {
  const recorder = new Recorder({ slice: 0, attempt: 0, windowMs: 1_000_000 })
  const names = Array.from({ length: 501 }, (_, k) => recorder.row('GET', `GET /item-${k}`).name)
  expect(new Set(names.slice(0, 500)).size).toBe(500)
  expect(names.at(-1)).toBe(otherNames)
  expect(recorder.row('GET', 'GET /item-499').name).toBe('/item-499')
})

test.each([
  ['POST', 'POST /login', 'POST /login'],
  ['POST', '/login', 'POST /login'],
  ['POST', 'POST login', 'POST login'],
  ['POST', 'POST', 'POST POST'],
  ['POST', 'POSTAL code', 'POST POSTAL code'],
  ['GET', 'get started', 'GET get started'],
  ['GET', 'POST /login', 'GET POST /login'],
  ['WS', 'WS prices', 'WS prices'],
])('the method %s and the name %j are counted as %j, for requests and for recorded samples', (method, name, key) => {
  const recorder = new Recorder({ slice: 0, attempt: 0, windowMs: 1_000_000 })
  const row = recorder.row(method, name)
  expect(`${row.method} ${row.name}`).toBe(key)
  expect(recorder.row(method, name)).toBe(row)
  expect(recorder.row(row.method, row.name)).toBe(row)
  recorder.sample({ method, name, ms: 1, bytes: 0, error: false })
  const all = emptyWindow()
  for (const { window } of recorder.cuts.take(false)) mergeWindow(all, window)
  expect([...all.metrics.values()].map((cell) => [`${cell.method} ${cell.name}`, cell.count])).toEqual([[key, 1]])
})
