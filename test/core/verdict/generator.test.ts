import { expect, test } from 'vitest'
import { GeneratorWatch, judgeGenerator, lagsTooMuch } from '../../../core/verdict/generator.ts'
import { type ErrorCell, type WorkerCell, emptyWorkerCell } from '../../../core/window/window.ts'

interface Shape {
  slice?: number
  requests?: number
  lagMs?: number
  latencyMs?: number
}

function workerOf({ slice = 0, requests = 100, lagMs = 1, latencyMs = 20 }: Shape = {}): WorkerCell {
  const cell = Object.assign(emptyWorkerCell(slice, 0), { requests })
  for (let k = 0; k < requests; k++) {
    cell.lag.recordMs(lagMs)
    cell.latency.recordMs(latencyMs)
  }
  return cell
}

const slow = { lagMs: 50 }

function watchOf(...windows: Record<string, Shape>[]): GeneratorWatch {
  const watch = new GeneratorWatch()
  windows.forEach((workers, window) => {
    watch.see(window, new Map(Object.entries(workers).map(([key, shape]) => [key, workerOf(shape)])))
  })
  return watch
}

test.for<[string, Shape, boolean]>([
  ['little lag', { lagMs: 4.9 }, false],
  ['5 ms are always tolerated', { lagMs: 5, latencyMs: 1 }, false],
  ['more than 5 ms of a fast target', { lagMs: 6, latencyMs: 20 }, true],
  ['a tenth of a slow target', { lagMs: 60, latencyMs: 1000 }, false],
  ['more than a tenth of a slow target', { lagMs: 120, latencyMs: 1000 }, true],
  ['no request', { requests: 0 }, false],
])('a worker lags too much in a window: %s', ([, shape, expected]) => {
  expect(lagsTooMuch(workerOf(shape))).toBe(expected)
})

test('one lagging window is an accident, two in a row are generator-bound, and both count', () => {
  expect(watchOf({ a: {} }, { a: slow }, { a: {} }, { a: slow }, { a: {} }).boundRequests).toBe(0)
  expect(watchOf({ a: {} }, { a: slow }, { a: slow }, { a: {} })).toMatchObject({
    requests: 400,
    boundRequests: 200,
    boundFrom: 1,
  })
  expect(watchOf({ a: {} }, { a: slow }, { a: slow }, { a: slow })).toMatchObject({ boundRequests: 300, boundFrom: 1 })
})

test('the first window of an attempt never counts', () => {
  expect(watchOf({ a: slow }, { a: slow }, { a: {} }).boundRequests).toBe(0)
  expect(watchOf({ b: {} }, { a: slow, b: {} }, { a: slow, b: {} }, { b: {} }).boundRequests).toBe(0)
})

test('workers are judged one by one, and windows with a hole between them are not consecutive', () => {
  expect(watchOf({ a: {}, b: {} }, { a: slow, b: {} }, { a: {}, b: slow }).boundRequests).toBe(0)
  expect(watchOf({ a: {} }, { a: slow }, {}, { a: slow }).boundRequests).toBe(0)
})

function judged(watch: Partial<GeneratorWatch>, workers: WorkerCell[], errors: ErrorCell[] = []) {
  return judgeGenerator({
    watch: { requests: 0, boundRequests: 0, boundFrom: null, ...watch },
    workers: new Map(workers.map((cell) => [`${cell.slice}-0`, cell])),
    errors,
    windowMs: 5000,
  })
}

test('a healthy generator is said to be, with the figure', () => {
  const verdict = judged({ requests: 100 }, [workerOf({ lagMs: 0.8 })])
  expect(verdict).toMatchObject({
    result: 'healthy',
    boundShare: 0,
    reasons: ["healthy: p99 of the generator's lag is 0.8 ms"],
  })
  expect(verdict.lagMs).toEqual({ p50: 0.8, p99: 0.8, max: 0.8 })
})

test('up to 1 % of requests in bound windows is tolerated and said', () => {
  const verdict = judged({ requests: 1000, boundRequests: 10, boundFrom: 3 }, [workerOf()])
  expect(verdict.result).toBe('healthy')
  expect(verdict.reasons[0]).toContain('1 % of requests met more')
})

test('more than 1 % makes the run generator-bound, from the moment it began', () => {
  const verdict = judged({ requests: 1000, boundRequests: 31, boundFrom: 8 }, [workerOf()])
  expect(verdict).toMatchObject({
    result: 'bound',
    boundShare: 0.031,
    reasons: ['generator-bound from 00:40, 3.1 % of requests; use fewer users per worker'],
  })
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

test("the generator's own errors are named, and above 1 % they make the run generator-bound", () => {
  const some = { ...workerOf({ requests: 1000 }), generatorErrors: 5 }
  expect(judged({ requests: 1000 }, [some], [emfile])).toMatchObject({
    result: 'healthy',
    reasons: [
      expect.stringMatching(/^healthy/),
      "5 requests (0.5 %) failed on the generator's own side: EMFILE: too many open files",
    ],
  })
  const many = { ...some, generatorErrors: 20 }
  expect(judged({ requests: 1000 }, [many], [emfile])).toMatchObject({
    result: 'bound',
    reasons: [expect.stringMatching(/^generator-bound: 20 requests \(2 %\).*EMFILE/)],
  })
})

test('nothing measured is no clean bill of health', () => {
  expect(judged({}, [])).toMatchObject({ result: 'unknown', reasons: ['unknown: no request was measured'] })
})

test('blocked event loops and wrong clocks are said, with their workers', () => {
  const { reasons } = judged({ requests: 200 }, [
    { ...workerOf({ slice: 2 }), blocked: true },
    { ...workerOf({ slice: 1 }), blocked: true, clockOffsetMs: -812.4 },
  ])
  expect(reasons.slice(1)).toEqual([
    "the scenario's own code blocked the event loop of workers 1, 2 for whole intervals",
    'the clock of worker 1 is off by up to 812 ms',
  ])
})
