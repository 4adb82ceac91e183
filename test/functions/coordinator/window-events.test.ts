import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WindowClosed } from '../../../core/authoring/run-event.ts'
import type { Report } from '../../../core/report/report.ts'
import { runWindowHook } from '../../../functions/hooks/run-hook.ts'
import type { WindowHookEvent, WorkerEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import type { StageName } from '../../../functions/ports.ts'
import { cellOf, planOf } from '../../fixtures/run.ts'
import { ended, listening } from '../../targets/server.ts'
import { type Manner, SmallCloud } from './small-cloud.ts'

/** The events that the scenario's endpoint has received. */
let received: WindowClosed[] = []
const endpoint = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    received.push(JSON.parse(Buffer.concat(parts).toString()) as WindowClosed)
    response.end()
  })
})
let origin: string
beforeAll(async () => (origin = await listening(endpoint)))
afterAll(async () => ended(endpoint))
beforeEach(() => (received = []))

const serving: Manner = {
  reports: true,
  serves: (second) => [cellOf('GET', '/', [5, 6, 7, 8 + second], 1), cellOf('POST', '/cart', [40])],
}

/** The time limit for `onEvent`, in milliseconds. The hook takes real time, and the machine may be busy. */
const busyLimitMs = 120_000

/** Returns a run of 10 users on two workers. Its `onEvent` sends each event to the endpoint, and then runs the code in `more`. */
async function cloudFor(
  endMs: number,
  more = '',
  onEvent = true,
  manner: (event: WorkerEvent) => Manner = () => serving,
): Promise<SmallCloud> {
  const code = `export default { [Symbol.for('burst.scenario')]: true, onEvent: async (event) => {
    await fetch('${origin}', { method: 'POST', body: JSON.stringify(event) })
    ${more}
  } }`
  const bundle = createHash('sha256').update(code).digest('hex')
  const hooks = { beforeRun: false, afterRun: false, onRequest: false, ...(onEvent && { onEvent: true as const }) }
  const profile = { points: [{ atMs: 0, level: 10 }], endMs }
  const cloud = new SmallCloud(planOf({ profile, bundle, hooks, vars: { tier: 'gold' } }), manner)
  await cloud.store.put(keys.bundle(bundle), code)
  const { invoke } = cloud
  cloud.invoke = async (stage: StageName, event: unknown) =>
    stage === 'hook'
      ? runWindowHook(cloud.environment(), cloud.plan, event as WindowHookEvent, busyLimitMs)
      : invoke(stage, event)
  return cloud
}

const spansOf = (events: readonly Pick<WindowClosed, 'fromS' | 'toS'>[]): [number, number][] =>
  events.map(({ fromS, toS }) => [fromS, toS])
const requestsIn = (events: readonly WindowClosed[]): number => events.reduce((sum, { requests }) => sum + requests, 0)
const textsOf = (report: Report | undefined): string[] => report?.events.map(({ text }) => text) ?? []

/**
 * Replaces the hook with a stage that begins immediately and answers after some simulated time. If `answer` returns undefined for an event, the stage
 * never begins for this event.
 */
function answering(
  cloud: SmallCloud,
  answer: (event: WindowHookEvent) => { afterMs: number; body?: object } | undefined,
) {
  const { invoke } = cloud
  const told: WindowHookEvent[] = []
  cloud.invoke = async (stage: StageName, given: unknown) => {
    if (stage !== 'hook') return invoke(stage, given)
    const event = given as WindowHookEvent
    told.push(event)
    const answered = answer(event)
    if (!answered) return
    const { afterMs, body } = answered
    await cloud.store.put(keys.windowHook('r1', event.number), '', { ifAbsent: true })
    const put = async () =>
      void (await cloud.store.put(keys.windowHook('r1', event.number), JSON.stringify(body ?? { to: event.to })))
    cloud.at(cloud.nowMs + afterMs, put)
  }
  return told
}

describe('the event windowClosed', () => {
  test('onEvent receives one windowClosed event for each window, and the counts of all events add up to the counts in the report', async () => {
    const cloud = await cloudFor(22_000)
    const report = await cloud.coordinate()
    expect(spansOf(received).slice(0, -1)).toEqual([
      [0, 5],
      [5, 10],
      [10, 15],
      [15, 20],
    ])
    expect(received.at(-1)).toMatchObject({ fromS: 20 })
    expect(received.at(-1)?.toS).toBeLessThan(25)
    expect(requestsIn(received)).toBe(report?.totals.requests)
    expect(received.reduce((sum, { failures }) => sum + failures, 0)).toBe(report?.totals.failures)
    const [first] = received
    expect(first).toMatchObject({
      type: 'windowClosed',
      run: 'r1',
      host: 'http://127.0.0.1:8080',
      vars: { tier: 'gold' },
      users: 10,
      rps: (first?.requests ?? 0) / 5,
      names: [
        { method: 'GET', name: '/' },
        { method: 'POST', name: '/cart', failures: 0, latencyMs: { p50: 40, p95: 40, p99: 40 } },
      ],
    })
    expect(report?.exceptions).toEqual([])
    expect(report?.verdict.exitCode).toBe(0)
  })

  test('the window of the last event ends when the load ends, even if the last counts are merged late or the run waits for a lost worker', async () => {
    const late = await cloudFor(22_000)
    late.reducerDown = [late.plan.createdAt + 18_000, late.plan.createdAt + 33_000]
    const lost = await cloudFor(22_000, '', true, ({ slice }) =>
      slice === 0 ? serving : { ...serving, failsAfterMs: 19_000 },
    )
    for (const cloud of [late, lost]) {
      received = []
      const report = await cloud.coordinate()
      expect(cloud.nowMs - (await cloud.control()).startAt).toBeGreaterThan(26_000)
      expect(requestsIn(received)).toBe(report?.totals.requests)
      expect(spansOf(received)).toEqual([
        [0, 5],
        [5, 10],
        [10, 15],
        [15, 20],
        [20, 22],
      ])
      const last = received.at(-1)
      expect(last?.rps).toBe((last?.requests ?? 0) / 2)
    }
  })

  test('a run of a scenario without onEvent has no events', async () => {
    const cloud = await cloudFor(12_000, '', false)
    const told = answering(cloud, () => ({ afterMs: 0 }))
    await cloud.coordinate()
    expect(told).toEqual([])
    expect(received).toEqual([])
  })

  test('an exception that onEvent throws is counted, and the report has an event that names the exception', async () => {
    const cloud = await cloudFor(
      22_000,
      `if (event.fromS > 0) throw new Error('it is ' + (event.fromS < 15 ? 'early' : 'late'))`,
    )
    const report = await cloud.coordinate()
    expect(received).toHaveLength(5)
    expect(report?.exceptions).toEqual([
      { message: 'onEvent threw: it is early', stack: '', count: 2 },
      { message: 'onEvent threw: it is late', stack: '', count: 2 },
    ])
    expect(textsOf(report)).toContain('onEvent threw: it is early, at the window that ended at 00:10')
    // When a person requests the report again, the finaliser's event does not contain the exceptions. The report must stay the same.
    const stored = await cloud.store.get(keys.output('r1', 'report.json'))
    await cloud.invoke('finalise', { run: 'r1', events: [], failed: [], failure: null })
    expect((await cloud.store.get(keys.output('r1', 'report.json')))?.body).toBe(stored?.body)
    expect(report?.verdict.exitCode).toBe(0)
  })

  test('a call of onEvent counts as failed if its process dies, sends an unreadable result or does not end', async () => {
    const cloud = await cloudFor(180_000)
    const told = answering(cloud, (event) => {
      const { number } = event
      const error = 'RequestId: 7a0f Error: Runtime exited with error: signal: killed'
      if (number === 1) cloud.failures.push({ stage: 'hook', event, error })
      if (number === 2) return { afterMs: 1000, body: { to: 'never' } }
      return { afterMs: number === 1 || number === 3 ? 1_000_000 : 100 }
    })
    const report = await cloud.coordinate()
    expect(report?.exceptions.map(({ message, count }) => [message.replace(/:.*is not/, ': … is not'), count])).toEqual(
      expect.arrayContaining([
        ['onEvent did not finish: it was killed (out of memory or killed from outside)', 1],
        ['onEvent began but never finished', 1],
      ]),
    )
    expect(report?.exceptions).toHaveLength(3)
    expect(told.length).toBeGreaterThan(4)
    expect(requestsIn(told.map(({ window }) => window as WindowClosed))).toBe(report?.totals.requests)
  })

  test('an event is sent again if its invocation does not arrive, or fails before it begins, so that the counts of every window are sent', async () => {
    const cloud = await cloudFor(180_000)
    const tries = new Map<number, number>()
    answering(cloud, (event) => {
      const { number } = event
      tries.set(number, (tries.get(number) ?? 0) + 1)
      if (number === 1 && tries.get(1) === 1) return undefined
      if (number === 2) cloud.failures.push({ stage: 'hook', event, error: 'its process was killed by SIGKILL' })
      if (number === 2 && tries.get(2) !== 3) return undefined
      if (number === 4) return undefined
      return { afterMs: 100 }
    })
    const report = await cloud.coordinate()
    expect([1, 2, 3, 4].map((number) => tries.get(number))).toEqual([2, 3, 1, 4])
    expect(report?.exceptions).toEqual([{ message: 'onEvent did not begin', stack: '', count: 1 }])
    expect(textsOf(report).join('\n')).not.toContain('missed')
    expect(report?.verdict.exitCode).toBe(0)
  })

  test('an invocation of onEvent that begins after the end of the run does not call onEvent', async () => {
    const cloud = await cloudFor(22_000)
    const told = answering(cloud, ({ number }) => (number === 0 ? { afterMs: 100 } : undefined))
    const report = await cloud.coordinate()
    expect(report?.exceptions).toHaveLength(1)
    const { number } = told.at(-1) as WindowHookEvent
    expect((await cloud.store.get(keys.windowHook('r1', number)))?.body).toMatch(/^claim /)
  })

  test('a slow onEvent does not delay the load, and the report gives the number of windows that onEvent never received', async () => {
    const quick = await cloudFor(120_000)
    answering(quick, () => ({ afterMs: 100 }))
    await quick.coordinate()
    const slow = await cloudFor(120_000)
    const told = answering(slow, () => ({ afterMs: 50_000 }))
    const report = await slow.coordinate()
    expect(slow.nowMs - quick.nowMs).toBeLessThanOrEqual(10_500)
    expect(report?.verdict.exitCode).toBe(0)
    const spans = spansOf(told.map(({ window }) => window))
    expect(spans).toEqual([
      [0, 5],
      [5, 10],
      [10, 15],
    ])
    expect(report?.exceptions.map(({ message }) => message)).toEqual([
      'onEvent had not ended 10 s after the end of the run',
    ])
    expect(textsOf(report).join('\n')).toMatch(/onEvent missed 2[12] windows: onEvent took too long/)
  })

  test('after a slow call of onEvent, the next event covers several windows, and no count is lost', async () => {
    const cloud = await cloudFor(120_000)
    const told = answering(cloud, ({ number }) => ({ afterMs: number === 0 ? 69_000 : 100 }))
    const report = await cloud.coordinate()
    const spans = spansOf(told.map(({ window }) => window))
    expect(spans.every(([from], k) => k === 0 || from === spans[k - 1]?.[1])).toBe(true)
    expect(spans.some(([from, to]) => to - from > 5)).toBe(true)
    expect(requestsIn(told.map(({ window }) => window as WindowClosed))).toBe(report?.totals.requests)
    expect(report?.exceptions).toEqual([])
  })

  test('each event is sent once when another coordinator continues the run', async () => {
    const cloud = await cloudFor(50_000)
    cloud.invocationMs = 90_000 + 22_000
    const report = await cloud.coordinate()
    expect(cloud.coordinators).toBeGreaterThan(1)
    expect(spansOf(received)[0]).toEqual([0, 5])
    expect(received.every(({ fromS }, k) => k === 0 || fromS === received[k - 1]?.toS)).toBe(true)
    expect(requestsIn(received)).toBe(report?.totals.requests)
  })

  test('each event is sent once when the coordinator is lost after it has sent an event', async () => {
    const cloud = await cloudFor(45_000)
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 33_000)).rejects.toThrow('lost')
    const before = received.length
    const report = await cloud.coordinate({ run: 'r1', after: 1, lost: true })
    expect(before).toBeGreaterThan(0)
    expect(received.every(({ fromS }, k) => k === 0 || fromS === received[k - 1]?.toS)).toBe(true)
    expect(requestsIn(received)).toBe(report?.totals.requests)
  })
})
