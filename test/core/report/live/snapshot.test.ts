import { expect, test } from 'vitest'
import { liveSnapshot } from '../../../../core/report/live/snapshot.ts'
import { profileOf } from '../../../../core/plan/load/load.ts'
import { type Stage, hold, ramp } from '../../../../core/authoring/load-stages.ts'
import { type RunPlan, slicesOf } from '../../../../core/plan/plan.ts'
import { mergeMessage } from '../../../../core/shard/shard-merge.ts'
import { type ShardState, newShardState } from '../../../../core/shard/shard.ts'
import { generatorSoFar } from '../../../../core/verdict/generator/so-far.ts'
import { noGeneratorCounts } from '../../../../core/window/generator-counts.ts'
import { type JudgedSecond, type Window, emptySecondCell, emptyWorkerCell } from '../../../../core/window/window.ts'
import type { Control } from '../../../../core/fleet/control.ts'
import { messageOf, windowOf } from '../../../fixtures/windows.ts'

const startAt = 1_000_000
const control: Control = { v: 1, startAt, leaseUntil: startAt * 2, stop: null }

function planOf(stages: Stage[] = [ramp(10, '10s'), hold('50s')]): RunPlan {
  const none = { beforeRun: false, afterRun: false, onRequest: false }
  const timing = { startLeadMs: 0, startNoticeMs: 0, controlPollMs: 500, leaseMs: 0, drainMs: 0, stopMs: 0, graceMs: 0 }
  return {
    schemaVersion: 1,
    run: 'r1',
    name: 'n',
    scenario: 's.ts',
    host: 'http://127.0.0.1',
    seed: '1',
    bundle: 'b',
    build: 'b1',
    backend: 'local',
    region: 'local',
    createdAt: 0,
    model: 'users',
    profile: profileOf(stages),
    users: 10,
    freshUser: false,
    classes: [],
    slices: slicesOf(10, 2),
    slicesPerShard: 1,
    windowMs: 5000,
    flushMs: 1000,
    timing,
    iterations: null,
    thresholds: [],
    connections: 'per-user',
    vars: {},
    failOnError: false,
    hooks: none,
    words: [],
  }
}

/** Returns the counts of one worker in one second. Ten requests to /a took 20 ms each. One request to /b took 200 ms and failed. */
function secondOf(second: number, users: number): Window {
  const window = windowOf(
    '/a',
    Array.from({ length: 10 }, () => 20),
  )
  const failed = windowOf('/b', [200]).requests.get('GET /b')
  if (failed) window.requests.set('GET /b', { ...failed, failures: 1 })
  window.seconds.set(second, { ...emptySecondCell(), users, draining: 1, requests: 11, failures: 1 })
  return window
}

/** Returns the states of two shards with one worker each. Each worker has reported the first `seconds` seconds. */
function shardsAfter(seconds: number, change: (window: Window, second: number) => void = () => {}): ShardState[] {
  return [0, 1].map((slice) => {
    const state = newShardState('r1', slice)
    for (let second = 0; second < seconds; second++) {
      const content = secondOf(second, 5)
      change(content, second)
      const sentAt = startAt + (second + 1) * 1000
      mergeMessage(state, messageOf({ slice, sequence: second, window: Math.floor(second / 5), sentAt, content }))
    }
    return state
  })
}

test('the snapshot of a run before its start has no users and no requests', () => {
  const snapshot = liveSnapshot({ plan: planOf(), control, shards: [], nowMs: startAt - 2000 })
  expect(snapshot).toEqual({
    elapsedS: -2,
    durationS: 60,
    phase: 'starting',
    pause: 'none',
    plannedUsers: 0,
    users: 0,
    draining: 0,
    workersPlanned: 2,
    workersAlive: 0,
    workersAwaited: 2,
    requests: 0,
    failures: 0,
    rps: 0,
    failuresPerS: 0,
    latencyMs: { p50: null, p95: null, p99: null },
    generator: { isMeasured: false, findings: [] },
    top: [],
  })
})

test('counts cover the whole run, and rates cover the last ten seconds that all workers have reported', () => {
  const snapshot = liveSnapshot({ plan: planOf(), control, shards: shardsAfter(14), nowMs: startAt + 14_300 })
  expect(snapshot).toMatchObject({
    elapsedS: 14.3,
    phase: 'running',
    plannedUsers: 10,
    users: 10,
    draining: 2,
    workersAlive: 2,
    requests: 308,
    failures: 28,
    rps: 22,
    failuresPerS: 2,
  })
  expect(snapshot.latencyMs.p50).toBeCloseTo(20, 0)
  expect(snapshot.latencyMs.p99).toBeCloseTo(200, 0)
  expect(snapshot.top.map(({ name, rps, failuresPerS }) => [name, Math.round(rps), failuresPerS])).toEqual([
    ['/a', 20, 0],
    ['/b', 2, 2],
  ])
  expect(snapshot.top[1]?.p95).toBeCloseTo(200, 0)
})

test('a second that only one worker has reported does not lower the rate', () => {
  const shards = shardsAfter(8)
  const [ahead] = shards
  const message = messageOf({ sequence: 8, window: 1, sentAt: startAt + 9000, content: secondOf(8, 5) })
  if (ahead) mergeMessage(ahead, message)
  expect(liveSnapshot({ plan: planOf(), control, shards, nowMs: startAt + 9100 }).rps).toBe(22)
})

test('a second in a sealed window does not count as a second without requests', () => {
  const shards = shardsAfter(14)
  for (const { open } of shards) open.delete(0)
  shards[1]?.open.delete(1)
  expect(liveSnapshot({ plan: planOf(), control, shards, nowMs: startAt + 14_100 }).rps).toBe(22)
})

test('a worker does not count as alive after its final message, or after three windows without a message', () => {
  const shards = shardsAfter(3)
  const [first] = shards
  if (first) mergeMessage(first, messageOf({ sequence: 3, sentAt: startAt + 4000, final: true }))
  const at = (nowMs: number) => liveSnapshot({ plan: planOf(), control, shards, nowMs })
  expect(at(startAt + 4100)).toMatchObject({ workersAlive: 1, users: 5 })
  expect(at(startAt + 18_000)).toMatchObject({ workersAlive: 0, users: 0, requests: 66 })
})

test('after a stop or after its planned end, a run has the state `ending` and 0 planned users', () => {
  const stop = { reason: 'Ctrl-C', at: startAt + 500 }
  const plan = { ...planOf(), timing: { ...planOf().timing, drainMs: 10_000, stopMs: 2000 } }
  const input = { plan, control, shards: [], nowMs: startAt + 1000 }
  expect(liveSnapshot({ ...input, control: { ...control, stop } })).toMatchObject({ phase: 'ending', plannedUsers: 0 })
  expect(liveSnapshot({ ...input, nowMs: startAt + 60_000 })).toMatchObject({ phase: 'ending', plannedUsers: 0 })
  const endless: RunPlan = { ...input.plan, profile: { points: [{ atMs: 0, level: 3 }], endMs: null } }
  expect(liveSnapshot({ ...input, plan: endless })).toMatchObject({
    phase: 'running',
    durationS: null,
    plannedUsers: 3,
  })
})

test('after the drain time, burst waits for the last messages of all workers, and then makes the report', () => {
  const shards = shardsAfter(3)
  const timing = { ...planOf().timing, drainMs: 5000, stopMs: 2000 }
  const plan = { ...planOf(), timing }
  const at = (nowMs: number, over: Control = control) => liveSnapshot({ plan, control: over, shards, nowMs })
  expect(at(startAt + 64_900)).toMatchObject({ phase: 'ending', workersAwaited: 2 })
  expect(at(startAt + 65_000)).toMatchObject({ phase: 'waiting', workersAwaited: 2 })
  const stopped = { ...control, stop: { reason: 'Ctrl-C', at: startAt + 10_000 } }
  expect(at(startAt + 12_400, stopped).phase).toBe('ending')
  expect(at(startAt + 12_500, stopped).phase).toBe('waiting')
  const end = (state: ShardState | undefined, slice: number): void => {
    if (state) mergeMessage(state, messageOf({ slice, sequence: 3, sentAt: startAt + 4000, final: true }))
  }
  end(shards[0], 0)
  expect(at(startAt + 65_000)).toMatchObject({ phase: 'waiting', workersAwaited: 1 })
  end(shards[1], 1)
  expect(at(startAt + 65_000)).toMatchObject({ phase: 'reporting', workersAwaited: 0 })
})

test('the report of a run is made as soon as the shards are closed, even if messages are missing', () => {
  const shards = shardsAfter(3).map((shard) => ({ ...shard, closed: true }))
  expect(liveSnapshot({ plan: planOf(), control, shards, nowMs: startAt + 70_000 }).phase).toBe('reporting')
})

test('during a run, the generator is judged by the rule for finished runs, but a finding from few requests is provisional', () => {
  const generator = (of: Partial<JudgedSecond>, from = 0) => {
    const shards = shardsAfter(14, (window, second) => {
      const judged = new Map([[second, { requests: 50, late: 0, uncertain: 0, ...(second >= from && of) }]])
      const cell = { ...emptyWorkerCell(0, 0), requests: 50, judged }
      cell.lag.recordMs(1)
      window.workers.set('0-0', cell)
    })
    // Removes the windows from the states of the shards, as if all windows were sealed.
    for (const { open } of shards) open.clear()
    return liveSnapshot({ plan: planOf(), control, shards, nowMs: startAt + 14_100 }).generator
  }
  expect(generator({})).toEqual({ isMeasured: true, findings: [] })
  // 14 late requests are exactly 1 % of the 1,400 judged requests, so there is no finding.
  expect(generator({ late: 7 }, 13)).toEqual({ isMeasured: true, findings: [] })
  expect(generator({ late: 1 })).toMatchObject({
    findings: [{ kind: 'bound', isSure: true, words: 'generator-bound: 2 % of requests were sent late' }],
  })
  expect(generator({ uncertain: 1 })).toMatchObject({
    findings: [
      { kind: 'inaccurate', isSure: true, words: 'the latencies may be inaccurate: 2 % of the latencies are affected' },
    ],
  })
  expect(generator({ uncertain: 1, late: 1 }).findings.map(({ kind }) => kind)).toEqual(['bound', 'inaccurate'])
})

test('a finding from fewer than ten requests is worded as provisional', () => {
  const counts = { ...noGeneratorCounts(), judged: 40, lags: 40, sent: 40, userUs: 1e9 }
  const closed = { isClosed: true, unpaced: false }
  const words = (of: Partial<typeof counts>, load = closed) =>
    generatorSoFar({ ...counts, ...of }, load).findings.map(
      (one) => `${one.isSure ? 'sure' : 'provisional'}: ${one.words}`,
    )
  expect(words({ late: 1 })).toEqual(['provisional: so far 1 of 40 requests was sent late'])
  expect(words({ late: 9, uncertain: 2 })).toEqual([
    'provisional: so far 9 of 40 requests were sent late',
    'provisional: so far 2 of 40 latencies may be inaccurate',
  ])
  expect(words({ late: 10 })).toEqual(['sure: generator-bound: 25 % of requests were sent late'])
  const lost = { userUs: 1e6, lostUs: 400_000 }
  const share = 'the load is 60 % of what the same users would have done without lag'
  expect(words(lost)).toEqual([`provisional: so far ${share}`])
  expect(words({ ...lost, judged: 300 })).toEqual([`sure: generator-bound: ${share}`])
  expect(words(lost, { isClosed: false, unpaced: false })).toEqual([])
  expect(words({ failed: 2 })).toEqual(["provisional: so far 2 of 40 requests failed on burst's own side"])
  expect(words({ arrivalsDue: 100, arrivalsLate: 2 })).toEqual([
    'provisional: so far burst was late for 2 of 100 arrivals',
  ])
})
