import { expect, test } from 'vitest'
import { GeneratorWatch, isBound, judgeGenerator } from '../../../core/verdict/generator.ts'
import { type ErrorCell, type JudgedSecond, type WorkerCell, emptyWorkerCell } from '../../../core/window/window.ts'

interface Shape {
  slice?: number
  requests?: number
  lagMs?: number
  /** Whether the users of the worker are on time for their next slots. */
  keepsUp?: boolean
  errorMs?: number
  /** For each second, how many of 100 requests were late, and how many latencies were uncertain. */
  seconds?: Record<number, Partial<JudgedSecond>>
}

const usual: Required<Shape> = { slice: 0, requests: 100, lagMs: 1, keepsUp: false, errorMs: 0.2, seconds: {} }

function workerOf(shape: Shape = {}): WorkerCell {
  const { slice, requests, lagMs, keepsUp, errorMs, seconds } = { ...usual, ...shape }
  const cell = Object.assign(emptyWorkerCell(slice, 0), { requests })
  for (let k = 0; k < requests; k++) {
    cell.lag.recordMs(lagMs)
    cell.lostUs += keepsUp ? 0 : lagMs * 1000
    cell.timingError.recordMs(errorMs)
  }
  for (const [second, some] of Object.entries(seconds)) {
    cell.judged.set(Number(second), { requests: 100, late: 0, uncertain: 0, ...some })
  }
  return cell
}

function judged(
  workers: WorkerCell[],
  {
    errors = [],
    userMs = 1_000_000,
    unpaced = false,
    arrivals = null,
    machine,
  }: {
    errors?: ErrorCell[]
    userMs?: number | null
    unpaced?: boolean
    arrivals?: { offered: number; late: number } | null
    machine?: { cores: number; workers: number }
  } = {},
) {
  const watch = new GeneratorWatch()
  watch.see(workers)
  const bySlice = new Map(workers.map((cell) => [`${cell.slice}-0`, cell]))
  return judgeGenerator({ watch, workers: bySlice, errors, userMs, unpaced, arrivals, machine })
}

test.for<[string, JudgedSecond, boolean]>([
  ['none late', { requests: 80, late: 0, uncertain: 0 }, false],
  ['1 % late', { requests: 1000, late: 10, uncertain: 0 }, false],
  ['more than 1 % late', { requests: 1000, late: 11, uncertain: 0 }, true],
  ['more than 1 % uncertain', { requests: 1000, late: 0, uncertain: 11 }, true],
  ['two late requests of a few, which say little', { requests: 20, late: 2, uncertain: 0 }, false],
  ['three late requests of a few', { requests: 20, late: 3, uncertain: 0 }, true],
])('whether the generator is bound: %s', ([, seen, expected]) => {
  expect(isBound(seen)).toBe(expected)
})

test('a healthy generator is reported as healthy, with the figures', () => {
  const verdict = judged([workerOf({ lagMs: 0.8, errorMs: 0.25, seconds: { 1: {}, 2: {} } })])
  expect(verdict).toMatchObject({
    result: 'healthy',
    boundShare: 0,
    judgedRequests: 200,
    reasons: [
      'healthy: latencies are right within 0.25 ms (p99); users acted 0.8 ms late (p50), 0.8 ms (p99); ' +
        'the load was >99.9 % of what they would have done without lag',
    ],
  })
  expect(verdict.loadShare).toBeCloseTo(1 - 80 / 1_000_000, 9)
  expect(verdict.lagMs).toEqual({ p50: 0.8, p99: 0.8, max: 0.8 })
  expect(verdict.timingErrorMs).toEqual({ p50: 0.25, p99: 0.25, max: 0.25 })
})

test('up to 1 % of late and uncertain requests is tolerated and reported with the worker and the time', () => {
  const seconds = { 3: {}, 4: { late: 2, uncertain: 3 }, 5: {}, 6: {} }
  const verdict = judged([workerOf({ seconds }), workerOf({ slice: 1, seconds: { 3: {}, 4: {}, 5: {}, 6: {} } })])
  expect(verdict).toMatchObject({ result: 'healthy', lateShare: 2 / 800, uncertainShare: 3 / 800 })
  expect(verdict.reasons[0]).toContain('0.25 % of requests were sent late, from 00:04 on worker 0')
  expect(verdict.reasons[0]).toContain('0.38 % of latencies are less certain, from 00:04 on worker 0')
})

test('more than 1 % of late requests makes the run generator-bound, and the reasons give the share, delay, time, workers and remedy', () => {
  const verdict = judged([
    workerOf({ seconds: { 1: {}, 42: { late: 30 } } }),
    workerOf({ slice: 7, lagMs: 60, seconds: { 1: {}, 40: { late: 50 } } }),
  ])
  expect(verdict).toMatchObject({ result: 'bound', boundShare: 0.2, lateShare: 0.2, uncertainShare: 0 })
  expect(verdict.reasons.slice(0, 2)).toEqual([
    'generator-bound: 20 % of requests were sent late by more than 5 ms and 10 % of the median latency, up to 60 ms (p99), ' +
      'from 00:40 on workers 7, 0',
    "use fewer users per worker or more workers, or do less work in the scenario's own code",
  ])
  expect(verdict.reasons[2]).toMatch(/^latencies are right within 0\.2 ms/)
})

test('more than 1 % of uncertain latencies makes the run generator-bound, even if all requests were on time', () => {
  const verdict = judged([workerOf({ errorMs: 4, seconds: { 5: { uncertain: 9 } } })])
  expect(verdict).toMatchObject({ result: 'bound', lateShare: 0, uncertainShare: 0.09 })
  expect(verdict.reasons[0]).toBe(
    'generator-bound: 9 % of latencies may be too long by more than 1 ms and 5 % of the median, up to 4 ms (p99), from 00:05 on worker 0',
  )
})

test.for<[string, number, number | null, string]>([
  [
    'more than 2 % of the load was lost to lag',
    20,
    60_000,
    'generator-bound: the load was 96.7 % of what the same users',
  ],
  ['less than 2 % was lost', 20, 200_000, 'healthy'],
  ['a mean lag of up to 5 ms is tolerated', 5, 10_000, 'healthy'],
  ['arrivals do not wait for users', 20, null, 'healthy'],
])('the load is judged: %s', ([, lagMs, userMs, words]) => {
  const { reasons } = judged([workerOf({ lagMs, seconds: { 1: {} } })], { userMs })
  expect(reasons[0]).toMatch(new RegExp(`^${words}`))
})

test('for users without a wait, only a mean lag above 1 ms reduces the load share', () => {
  const load = (lagMs: number) => judged([workerOf({ lagMs, seconds: { 1: {} } })], { userMs: 10_000, unpaced: true })
  expect(load(1).reasons[0]).toMatch(/^healthy: .*the load was 99 % of/)
  expect(load(4).reasons[0]).toMatch(/^generator-bound: the load was 96 % of what the same users/)
})

test('the lag of users that are on time for their next slots does not reduce the load share', () => {
  const worker = workerOf({ lagMs: 20, keepsUp: true, seconds: { 1: {} } })
  expect(judged([worker], { userMs: 20_000 })).toMatchObject({ result: 'healthy', loadShare: 1 })
})

test('a run is not generator-bound if all requests end in the first second of their worker', () => {
  expect(judged([workerOf({ lagMs: 20 })], { userMs: 5_000 })).toMatchObject({ result: 'healthy', judgedRequests: 0 })
})

test('the judgement does not depend on the order of the workers', () => {
  const workers = [0, 1, 2].map((slice) => workerOf({ slice, seconds: { [slice]: { late: 10 + slice } } }))
  const seen = (order: WorkerCell[]) => {
    const watch = new GeneratorWatch()
    watch.see(order)
    return { total: watch.total, late: watch.late }
  }
  expect(seen(workers.toReversed())).toEqual(seen(workers))
})

const emfile: ErrorCell = {
  method: 'GET',
  name: '/',
  kind: 'generator',
  message: 'EMFILE: too many open files',
  count: 20,
  firstAt: 0,
  lastAt: 0,
  exemplars: [],
  seconds: new Map(),
}

test('errors on the side of the generator are named, and above 1 % they make the run generator-bound', () => {
  const some = { ...workerOf({ requests: 1000 }), generatorErrors: 5 }
  expect(judged([some], { errors: [emfile] })).toMatchObject({
    result: 'healthy',
    reasons: [
      expect.stringMatching(/^healthy/),
      "5 requests (0.5 %) failed on the generator's own side: EMFILE: too many open files",
    ],
  })
  const many = { ...some, generatorErrors: 20 }
  expect(judged([many], { errors: [emfile] })).toMatchObject({
    result: 'bound',
    reasons: [
      expect.stringMatching(/^generator-bound: 20 requests \(2 %\).*EMFILE/),
      expect.stringMatching(/^use fewer users per worker/),
      expect.stringMatching(/^latencies are right within/),
    ],
  })
})

test('the generator of a run without measurements is unknown, not healthy', () => {
  expect(judged([])).toMatchObject({ result: 'unknown', reasons: ['unknown: no request was measured'] })
})

test('blocked event loops and wrong clocks are reported with their workers', () => {
  const { reasons } = judged([
    { ...workerOf({ slice: 2 }), blocked: true },
    { ...workerOf({ slice: 1 }), blocked: true, clockOffsetMs: -812.4 },
  ])
  expect(reasons.slice(1)).toEqual([
    "the scenario's own code blocked the event loop of workers 1, 2 for whole intervals",
    'the clock of worker 1 is off by up to 812 ms',
  ])
})

test('a generator that was too late for more than 1 % of the arrivals was the bottleneck, whatever its requests show', () => {
  const workers = [workerOf({ lagMs: 0.8, errorMs: 0.25, seconds: { 1: {} } })]
  const dropped = (late: number) => judged(workers, { userMs: null, arrivals: { offered: 20_000, late } })
  expect(dropped(200).result).toBe('healthy')
  expect(dropped(931)).toMatchObject({
    result: 'bound',
    reasons: expect.arrayContaining([
      'generator-bound: 931 arrivals (4.66 %) were not started because burst was late',
    ]) as unknown,
  })
})

test.each([
  [1, 4, 0.9, 'this machine has 4 cores, and the run had 1 worker: use --workers 4, or do less'],
  [4, 4, 0.9, 'this machine has 4 cores, and the run had 4 workers: use fewer users or a machine with more cores'],
  [1, 1, 0.9, 'this machine has 1 core, and the run had 1 worker: use fewer users or a machine with more cores'],
  [8, 4, 0.9, 'this machine has 4 cores, and the run had 8 workers: use fewer users or a machine with more cores'],
  [1, 4, 0.12, 'the workers were busy for 12 % of the time in which they were late, so other processes used the CPU'],
])(
  'what to do about %d local workers on %d cores with a loop busy for %d of the time',
  (workers, cores, used, words) => {
    const late = { ...workerOf({ seconds: { 1: { late: 50 } } }), loopUtilization: used }
    expect(judged([late], { machine: { cores, workers } }).reasons[1]).toContain(words)
  },
)

test('what to do depends on how busy the loop was while requests were late, not on the busiest window of the run', () => {
  const windowOf = (loopUtilization: number, late: number): WorkerCell => ({
    ...workerOf({ seconds: { 1: { late } } }),
    loopUtilization,
  })
  const remedy = (windows: WorkerCell[]): string | undefined => {
    const watch = new GeneratorWatch()
    watch.see(windows)
    const busiest = { ...workerOf(), loopUtilization: Math.max(...windows.map((cell) => cell.loopUtilization)) }
    const run = { watch: watch.copy(), workers: new Map([['0-0', busiest]]), errors: [], userMs: 1_000_000 }
    return judgeGenerator({ ...run, arrivals: null, machine: { cores: 4, workers: 1 } }).reasons[1]
  }
  expect(remedy([windowOf(0.95, 0), windowOf(0.1, 40), windowOf(0.2, 40)])).toMatch(/^the workers were busy for 15 %/)
  expect(remedy([windowOf(0.1, 0), windowOf(0.9, 40), windowOf(0.1, 1)])).toMatch(/^this machine has 4 cores/)
})
