import { expect, test } from 'vitest'
import { generatorFindings } from '../../../../core/verdict/generator/doubts.ts'
import { GeneratorWatch } from '../../../../core/verdict/generator/watch.ts'
import type { ErrorCell, JudgedSecond, WorkerCell } from '../../../../core/window/window.ts'
import { judged, workerOf } from '../../../fixtures/generator-run.ts'

test.for<[string, JudgedSecond, 'healthy' | 'bound' | 'inaccurate']>([
  ['none late', { requests: 80, late: 0, uncertain: 0 }, 'healthy'],
  ['1 % late', { requests: 1000, late: 10, uncertain: 0 }, 'healthy'],
  ['1 % inaccurate', { requests: 1000, late: 0, uncertain: 10 }, 'healthy'],
  ['more than 1 % late', { requests: 1000, late: 11, uncertain: 0 }, 'bound'],
  ['more than 1 % inaccurate', { requests: 1000, late: 10, uncertain: 11 }, 'inaccurate'],
  ['more than 1 % of both', { requests: 1000, late: 11, uncertain: 11 }, 'bound'],
  ['two late requests out of a few, which are too few to judge', { requests: 20, late: 2, uncertain: 0 }, 'healthy'],
  ['three late requests out of a few', { requests: 20, late: 3, uncertain: 0 }, 'bound'],
  ['three inaccurate latencies out of a few', { requests: 20, late: 2, uncertain: 3 }, 'inaccurate'],
])('the expected findings about the generator are reported for %s', ([, second, expected]) => {
  const verdict = judged([workerOf({ seconds: { 1: second } })])
  expect(verdict.result).toBe(expected)
  const { bound, inaccurate } = generatorFindings(verdict)
  expect(bound === null).toBe(expected !== 'bound')
  expect(inaccurate === null).toBe(second.uncertain < 3 || second.uncertain <= 0.01 * second.requests)
})

test('if a run is generator-bound and its latencies are inaccurate, the report describes both problems and gives one remedy', () => {
  const verdict = judged([workerOf({ lagMs: 60, errorMs: 4, seconds: { 40: { late: 50, uncertain: 20 } } })])
  expect(generatorFindings(verdict)).toEqual({ bound: verdict.reasons[0], inaccurate: verdict.reasons[1] })
  expect(verdict.reasons.map((reason) => reason.slice(0, 30))).toEqual([
    'generator-bound: 50 % of requests w'.slice(0, 30),
    'the latencies may be inaccurate: 20'.slice(0, 30),
    'use fewer users per worker or more workers'.slice(0, 30),
    'latencies are accurate to within 4 ms (p99)'.slice(0, 30),
  ])
})

test('during a run, the generator has no result yet, and a finding from few requests is provisional', () => {
  const soFar = (second: Partial<JudgedSecond>) =>
    judged([workerOf({ seconds: { 1: second } })], { soFar: true, userMs: null })
  expect(soFar({ late: 1, uncertain: 1 })).toMatchObject({ result: 'healthy' })
  expect(soFar({ late: 2, uncertain: 9 })).toMatchObject({
    result: 'unknown',
    reasons: [
      expect.stringMatching(
        /^so far 2 of 100 requests were sent late; so far 9 of 100 latencies may be inaccurate; too few requests for a finding\. latencies/,
      ),
    ],
  })
  expect(soFar({ late: 10 })).toMatchObject({ result: 'bound' })
  expect(soFar({ late: 2, uncertain: 10 })).toMatchObject({ result: 'inaccurate' })
})

test('a generator without lag is reported as healthy, with the measured values', () => {
  const verdict = judged([workerOf({ lagMs: 0.8, errorMs: 0.25, seconds: { 1: {}, 2: {} } })])
  expect(verdict).toMatchObject({
    result: 'healthy',
    boundShare: 0,
    judgedRequests: 200,
    reasons: [
      'healthy: latencies are accurate to within 0.25 ms (p99); users acted 0.8 ms late (p50), 0.8 ms (p99); ' +
        'the load was >99.9 % of what the same users would have done without lag',
    ],
  })
  expect(verdict.loadShare).toBeCloseTo(1 - 80 / 1_000_000, 9)
  expect(verdict.lagMs).toEqual({ p50: 0.8, p99: 0.8, max: 0.8 })
  expect(verdict.timingErrorMs).toEqual({ p50: 0.25, p99: 0.25, max: 0.25 })
})

test('a run with at most 1 % late or inaccurately measured requests passes, and the report names the workers and times of these requests', () => {
  const seconds = { 3: {}, 4: { late: 2, uncertain: 3 }, 5: {}, 6: {} }
  const verdict = judged([workerOf({ seconds }), workerOf({ slice: 1, seconds: { 3: {}, 4: {}, 5: {}, 6: {} } })])
  expect(verdict).toMatchObject({ result: 'healthy', lateShare: 2 / 800, uncertainShare: 3 / 800 })
  expect(verdict.reasons[0]).toContain('0.25 % of requests were sent late, from 00:04 on worker 0')
  expect(verdict.reasons[0]).toContain('0.38 % of latencies may be inaccurate, from 00:04 on worker 0')
})

test('if more than 1 % of the requests are late, the run is generator-bound, and the report describes the late requests and gives a remedy', () => {
  const verdict = judged([
    workerOf({ seconds: { 1: {}, 42: { late: 30 } } }),
    workerOf({ slice: 7, lagMs: 60, seconds: { 1: {}, 40: { late: 50 } } }),
  ])
  expect(verdict).toMatchObject({ result: 'bound', boundShare: 0.2, lateShare: 0.2, uncertainShare: 0 })
  expect(verdict.reasons.slice(0, 2)).toEqual([
    'generator-bound: 20 % of requests were sent late by more than 5 ms and by more than 10 % of the median latency, up to 60 ms (p99), ' +
      'on workers 7, 0, the first from 00:40 on',
    "use fewer users per worker or more workers, or do less work in the scenario's own code",
  ])
  expect(verdict.reasons[2]).toMatch(/^latencies are accurate to within 0\.2 ms/)
})

test('inaccurate latencies alone do not make a run generator-bound, and the report gives their percentage and greatest error', () => {
  const verdict = judged([workerOf({ errorMs: 4, seconds: { 5: { uncertain: 9 } } })])
  expect(verdict).toMatchObject({ result: 'inaccurate', lateShare: 0, uncertainShare: 0.09 })
  expect(verdict.reasons[0]).toBe(
    'the latencies may be inaccurate: 9 % of the latencies may be too long by more than 1 ms and by more than 5 % of the median, up to 4 ms (p99), from 00:05 on worker 0',
  )
})

test.for<[string, number, number | null, string]>([
  [
    'more than 2 % of the load was lost to lag',
    20,
    60_000,
    'generator-bound: the load was 96.7 % of what the same users',
  ],
  ['less than 2 % of the load was lost to lag', 20, 200_000, 'healthy'],
  ['a mean lag of up to 5 ms is tolerated', 5, 10_000, 'healthy'],
  ['arrivals do not wait for users', 20, null, 'healthy'],
])('burst judges how much of the load was lost to lag: %s', ([, lagMs, userMs, words]) => {
  const { reasons } = judged([workerOf({ lagMs, seconds: { 1: {} } })], { userMs })
  expect(reasons[0]).toMatch(new RegExp(`^${words}`))
})

test('for users without a wait, only a mean lag above 1 ms reduces the load share', () => {
  const load = (lagMs: number) => judged([workerOf({ lagMs, seconds: { 1: {} } })], { userMs: 10_000, unpaced: true })
  expect(load(1).reasons[0]).toMatch(/^healthy: .*the load was 99 % of/)
  expect(load(4).reasons[0]).toMatch(/^generator-bound: the load was 96 % of what the same users/)
})

test('if users still begin their next iterations on time, their lag does not reduce the load share', () => {
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

test('errors of the generator itself are named, and make the run generator-bound if they exceed 1 %', () => {
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
      expect.stringMatching(/^latencies are accurate to within/),
    ],
  })
})

test('the result for the generator is `unknown` and not `healthy` if the run has no measurements', () => {
  expect(judged([])).toMatchObject({ result: 'unknown', reasons: ['unknown: no request was measured'] })
})

test('if a worker stood still for a second or more, the report says by how much latencies may be too long, even if only one latency is affected', () => {
  const frozen = workerOf({ errorMs: 0.2, seconds: { 1: {} } })
  frozen.timingError.recordMs(20_087)
  const { result, reasons } = judged([frozen])
  expect([result, reasons[1]]).toEqual([
    'healthy',
    'some latencies may be too long by up to 20.1 s, because a worker did not read responses during this time',
  ])
  expect(judged([workerOf({ errorMs: 999, seconds: { 1: {} } })]).reasons).toHaveLength(1)
})

test('the report names the workers with blocked event loops or wrong clocks', () => {
  const { reasons } = judged([
    { ...workerOf({ slice: 2 }), blocked: true },
    { ...workerOf({ slice: 1 }), blocked: true, clockOffsetMs: -812.4 },
  ])
  expect(reasons.slice(1)).toEqual([
    "the scenario's own code blocked the event loop of workers 1, 2 for several seconds",
    'the clock of worker 1 is off by up to 812 ms',
  ])
})

test('a run is generator-bound if burst started more than 1 % of its arrivals too late, even if its requests were on time', () => {
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
