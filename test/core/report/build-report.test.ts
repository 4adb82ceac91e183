import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { profileOf } from '../../../core/plan/load/load.ts'
import { arrivals, ramp } from '../../../core/authoring/load-stages.ts'
import { type RunPlan, slicesOf } from '../../../core/plan/plan.ts'
import type { Stop } from '../../../core/fleet/control.ts'
import { type ErrorCell, type Window, otherNames } from '../../../core/window/window.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import { cellOf, intervalOf, planOf, startAt } from '../../fixtures/run.ts'
import { going, reportOf, steady, workerOf } from '../../fixtures/reports/reported.ts'

test('the counts of a run agree: totals, rows, seconds and windows have the same sums', () => {
  const report = reportOf([...steady(0), ...steady(1)])
  expect(report.verdict).toEqual({
    result: 'unjudged',
    reasons: ['400 requests, 10 % failed, p95 200 ms; no thresholds were set'],
    exitCode: 0,
    stoppedBy: null,
  })
  expect(report.totals).toMatchObject({
    requests: 400,
    failures: 40,
    rps: 20,
    statuses: { 200: 360, 500: 40 },
    failureShare: 0.1,
  })
  expect(report.requests.map(({ method, name, requests }) => [method, name, requests])).toEqual([
    ['GET', '/', 320],
    ['POST', '/cart', 80],
  ])
  expect(report.seconds).toHaveLength(20)
  expect(report.seconds[7]).toEqual({
    at: 7,
    plannedUsers: 10,
    users: 10,
    draining: 0,
    requests: 20,
    failures: 2,
    dropped: 0,
    late: 0,
  })
  expect(report.windows.map(({ at, seconds, requests }) => [at, seconds, requests[0]?.requests])).toEqual(
    Array.from({ length: 20 }, (_, at) => [at, 1, 20]),
  )
  expect(report.users).toMatchObject({ byClass: { Shopper: 10 }, started: 10, unharmed: 10 })
  expect(report.workers).toHaveLength(2)
  expect(report.workers[1]).toMatchObject({
    slice: 1,
    region: 'local',
    attempts: 1,
    requests: 200,
    users: 5,
    lagMs: { max: 0.6 },
  })
  expect(report.completeness).toMatchObject({ complete: true, slicesReported: 2, lost: [] })
  expect(report.generator.result).toBe('healthy')
  expect(report.run).toMatchObject({
    startedAt: startAt,
    endedAt: startAt + 20_000,
    workers: 2,
    plan: { durationMs: 20_000 },
  })
})

test('the report lists planned users for each second until the planned end, even if the workers ended earlier', () => {
  const report = reportOf(steady(0).slice(0, 8))
  expect(report.seconds).toHaveLength(20)
  expect(report.seconds[19]).toMatchObject({ plannedUsers: 10, users: 0 })
  expect(report.verdict).toMatchObject({ exitCode: 98, result: 'inconclusive' })
  expect(report.load).toEqual({ plannedUserSeconds: 200, deliveredUserSeconds: 40, deliveredShare: 0.2 })
})

test('after a stop, the report shows 0 planned users, and the last window has only the seconds that the workers reported', () => {
  const control = { ...going, stop: { reason: 'Ctrl-C', at: startAt + 7000 } }
  const report = reportOf([...steady(0).slice(0, 9), ...steady(1).slice(0, 9)], { control })
  expect(report.seconds.map(({ plannedUsers }) => plannedUsers)).toEqual([10, 10, 10, 10, 10, 10, 10, 0, 0])
  expect(report.windows.at(-1)).toMatchObject({ at: 8, seconds: 1 })
  expect(report.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
  expect(report.events).toEqual([{ at: 7, text: 'a stop was requested: Ctrl-C' }])
})

test('if burst itself stops a run, the verdict gives the reason only once', () => {
  const message = 'the run was stopped because its plan.json had been deleted'
  const control = { ...going, stop: { reason: message, at: startAt + 7000 } }
  const failure = { reason: 'runFailed', message } as const
  const report = reportOf([...steady(0).slice(0, 9), ...steady(1).slice(0, 9)], { control, failure })
  expect(report.verdict).toMatchObject({ exitCode: 97, stoppedBy: null })
  expect(report.verdict.reasons[0]).toContain(message)
  expect(report.events).toEqual([{ at: 7, text: 'burst stopped the run' }])
})

test('the report and the verdict contain the result of each threshold', () => {
  const thresholds = ['p95 < 400ms', 'POST /cart: errors < 10%'].map((expression) => ({ expression, at: null }))
  const report = reportOf([...steady(0), ...steady(1)], { plan: planOf({ thresholds }) })
  expect(report.thresholds.map(({ expression, passed }) => [expression, passed])).toEqual([
    ['p95 < 400ms', true],
    ['POST /cart: errors < 10%', false],
  ])
  expect(report.verdict).toMatchObject({
    exitCode: 99,
    result: 'failed',
    reasons: ["threshold 'POST /cart: errors < 10%' failed: it was 50 %, beyond the limit from the start"],
  })
})

test('arrivals that no worker started count as lost, and dropped arrivals are counted by cause', () => {
  const plan = planOf({ model: 'arrivals', profile: profileOf([arrivals(10, '20s')]) })
  const messages = steady(0, (window) => {
    window.arrivals = { started: 8, droppedPool: 1, droppedGenerator: 0 }
  })
  const report = reportOf(messages, { plan })
  expect(report.arrivals).toEqual({ offered: 200, started: 160, dropped: { pool: 20, generator: 0, lost: 20 } })
  expect(report.seconds[3]?.plannedUsers).toBe(0)
  expect(reportOf(messages).arrivals).toBeNull()
})

test('each second has the number of dropped arrivals and the number of requests that were sent late', () => {
  const plan = planOf({ model: 'arrivals', profile: profileOf([arrivals(10, '20s')]) })
  const trouble = (window: Window, second: number): void => {
    if (second < 12 || second > 13) return
    Object.assign(window.seconds.get(second) ?? {}, { dropped: second - 10 })
    for (const worker of window.workers.values()) worker.judged.set(second, { requests: 10, late: 3, uncertain: 1 })
  }
  const { seconds } = reportOf([...steady(0, trouble), ...steady(1, trouble)], { plan })
  expect(seconds.flatMap(({ at, dropped, late }) => (dropped + late > 0 ? [[at, dropped, late]] : []))).toEqual([
    [12, 4, 6],
    [13, 6, 6],
  ])
})

test('users that have finished their iterations no longer count as planned', () => {
  const plan = planOf({ iterations: 3 })
  const report = reportOf(steady(0).slice(0, 6), { plan })
  expect(report.seconds.map(({ plannedUsers }) => plannedUsers)).toEqual([5, 5, 5, 5, 5, 5])
})

test('failures, exceptions, checks, steps and notices are listed by frequency, the most frequent first', () => {
  const messages = steady(0, (window, second) => {
    const error = {
      method: 'GET',
      name: '/',
      kind: 'status',
      firstAt: second,
      lastAt: second,
      exemplars: [],
      seconds: new Map(),
    } satisfies Partial<ErrorCell>
    window.errors.set('a', { ...error, message: 'HTTP 500', count: 1 })
    window.errors.set('b', { ...error, message: 'HTTP 503', count: 2 })
    window.exceptions.set('boom', { message: 'boom', stack: 'at x', count: 1 })
    window.checks.set('z', { passed: 1, failed: 0 }).set('a', { passed: 0, failed: 1 })
    window.notices.set('Math.random is not seeded at module level', 1)
    window.users.harmed = second === 3 ? 2 : 0
  })
  const report = reportOf(messages)
  expect(report.errors).toMatchObject([
    { message: 'HTTP 503', count: 40, firstAt: 0, lastAt: 19 },
    { message: 'HTTP 500', count: 20 },
  ])
  expect(report.exceptions).toEqual([{ message: 'boom', stack: 'at x', count: 20 }])
  expect(report.checks.map(({ name }) => name)).toEqual(['a', 'z'])
  expect(report.events).toContainEqual({ at: null, text: 'Math.random is not seeded at module level (20 times)' })
  expect(report.users).toMatchObject({ started: 5, unharmed: 3 })
})

test('names beyond the maximum number of names are counted in the last row, and the report says so', () => {
  const others = (window: Window): void => {
    window.requests.set(otherNames, cellOf('', otherNames, [1, 2, 3]))
  }
  const report = reportOf(steady(0, others))
  expect(report.requests.at(-1)).toMatchObject({ name: otherNames, requests: 60 })
  expect(report.events.map(({ text }) => text)).toContain(
    '60 requests under more than 500 names were counted in one row; set a name or use a route template',
  )
})

test('events are listed in chronological order, and events without a time come last', () => {
  const events = [
    { at: startAt + 3000, text: 'worker 1 was lost' },
    { at: startAt - 1500, text: 'all workers are ready' },
  ]
  const failed = [{ slice: 1, attempt: 1, error: 'out of memory' }]
  expect(reportOf(steady(0), { events, failed, late: 1 }).events).toEqual([
    { at: -1.5, text: 'all workers are ready' },
    { at: 3, text: 'worker 1 was lost' },
    { at: null, text: '1 message arrived after the report was closed, and was not counted' },
  ])
})

test('a run that failed before it began also has a report', () => {
  const failure = { reason: 'scenarioThrew', message: 'beforeRun threw: no token' } as const
  const report = reportOf([], { control: null, failure })
  expect(report.verdict).toEqual({ result: 'failed', reasons: [failure.message], exitCode: 107, stoppedBy: null })
  expect(report).toMatchObject({
    seconds: [],
    windows: [],
    requests: [],
    totals: { requests: 0, latencyMs: { p50: null } },
  })
  expect(report.run).toMatchObject({ startedAt: startAt, endedAt: startAt })
})

test('a run fails when the workers of all slices have given up', () => {
  const gaveUp = [...steady(0), ...steady(1)]
  for (const message of gaveUp) if (message.final) message.failure = 'no control'
  expect(reportOf(gaveUp).verdict).toMatchObject({ exitCode: 97, result: 'failed' })
})

const name = fc.constantFrom('/', '/cart', '/login')
const cell = fc.tuple(name, fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { minLength: 1, maxLength: 5 }))
interface Step {
  slice: number
  second: number
  users: number
  cells: [string, number[]][]
}
const step: fc.Arbitrary<Step> = fc.record({
  slice: fc.nat(4),
  second: fc.nat(59),
  users: fc.nat(9),
  cells: fc.array(cell, { maxLength: 3 }),
})
const script = fc.array(step, { minLength: 1, maxLength: 30 })

function messagesFrom(intervals: Step[]): WindowMessage[] {
  return Array.from({ length: 5 }, (_, slice) => {
    const own = intervals.filter((one) => one.slice === slice)
    return workerOf(
      slice,
      own.map(({ second, users, cells }) => {
        const unique = new Map(cells.map(([path, ms]) => [path, cellOf('GET', path, ms)]))
        return intervalOf({ slice, second, users, cells: [...unique.values()], lag: [second / 10] })
      }),
    )
  }).flat()
}

test('the report is the same if messages arrive in another order or more than once', () => {
  const plan: RunPlan = planOf({ profile: profileOf([ramp(10, '60s')]), slices: slicesOf(10, 5) })
  const orders = script.chain((intervals) => {
    const messages = messagesFrom(intervals)
    const twice = [...messages, ...messages]
    return fc.tuple(fc.constant(messages), fc.shuffledSubarray(twice, { minLength: twice.length }))
  })
  fc.assert(
    fc.property(orders, ([inOrder, shuffled]) => {
      const expected = reportOf(inOrder, { plan })
      const report = reportOf(shuffled, { plan })
      expect(report.completeness.duplicatesDropped).toBe(inOrder.length)
      expect({ ...report, completeness: { ...report.completeness, duplicatesDropped: 0 } }).toEqual(expected)
    }),
    { numRuns: 50 },
  )
})

test('a report lists a change of the load only if it took effect before the run was stopped', () => {
  const epochs = [5000, 15_000].map((fromMs) => ({ fromMs, profile: profileOf([ramp(30, 0)]), slices: [] }))
  const changes = (stop: Stop | null): number[] =>
    reportOf([...steady(0), ...steady(1)], { control: { ...going, epochs, stop } })
      .events.filter(({ text }) => text.startsWith('the load changes'))
      .map(({ at }) => at ?? Number.NaN)
  expect(changes(null)).toEqual([5, 15])
  expect(changes({ at: startAt + 10_000, reason: 'burst stop' })).toEqual([5])
})
