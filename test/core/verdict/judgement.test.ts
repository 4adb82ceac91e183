import { expect, test } from 'vitest'
import { type Measured, judge } from '../../../core/verdict/judgement.ts'
import { parseThreshold } from '../../../core/thresholds/threshold.ts'
import { Distribution } from '../../../core/window/histograms/distribution.ts'
import type { ErrorCell, Window } from '../../../core/window/window.ts'
import { cellOf, requestsOf } from '../../fixtures/run.ts'

function lengthsOf(...ms: number[]): Distribution {
  const lengths = new Distribution()
  for (const one of ms) lengths.recordMs(one)
  return lengths
}

const unsent: Pick<Measured, 'metrics' | 'steps' | 'errors'> = {
  metrics: new Map([
    [
      'WS price feed',
      { method: 'WS', name: 'price feed', count: 4, failures: 1, bytes: 0, duration: lengthsOf(1, 2, 3, 4) },
    ],
  ]),
  steps: new Map([
    ['checkout', { count: 2, failed: 1, duration: lengthsOf(100, 300) }],
    ['GET /', { count: 1, failed: 0, duration: lengthsOf(9000) }],
  ]),
  errors: new Map(),
}

const measured: Measured = {
  ...unsent,
  requests: requestsOf(
    { ...cellOf('GET', '/', [10, 20, 30, 40]), tags: ['read'] },
    { ...cellOf('POST', '/cart', [100, 200, 300, 400], 2), tags: ['write'] },
    { ...cellOf('GET', '/cart', [50]), tags: ['read'] },
  ),
  checks: new Map([['has a title', { passed: 3, failed: 1 }]]),
  loadSeconds: 3,
}

const judged = (expression: string, from = measured) => judge(parseThreshold(expression), from)

test.for<[string, number, boolean]>([
  ['max < 401ms', 400, true],
  ['max < 400ms', 400, false],
  ['max <= 400ms', 400, true],
  ['min >= 10ms', 10, true],
  ['min > 10ms', 10, false],
  ['GET /: avg < 30ms', 25, true],
  ['POST /cart: errors < 1%', 50, false],
  ['errors < 30%', 200 / 9, true],
  ['rps > 2.9', 3, true],
  ['/cart: rps > 2', 5 / 3, false],
  ['tag:read: max < 1s', 50, true],
  ['intent: GET /cart: max < 51ms', 51, false],
  ['check:has a title: errors < 25%', 25, false],
  ['WS price feed: max < 4ms', 4, false],
  ['price feed: errors < 30%', 25, true],
  ['price feed: rps > 1', 4 / 3, true],
  ['checkout: avg < 1s', 200, true],
  ['checkout: errors < 10%', 50, false],
])('the threshold %s measures %d', ([expression, value, passed]) => {
  expect(judged(expression)).toMatchObject({ value, passed, note: null })
})

test.for<[string, passed: boolean, sameIfShorter: boolean]>([
  ['max < 401ms', true, true],
  ['max > 300ms', true, false],
  ['max > 400ms', false, true],
  ['max < 400ms', false, false],
  ['avg < 1ms', false, false],
  ['rps > 2.9', true, true],
  ['rps > 4', false, false],
  ['rps < 4', true, false],
  ['rps < 2', false, true],
  ['errors < 30%', true, true],
  // 2 of 9 requests failed, and both failures may be timeouts that burst caused.
  ['errors < 1%', false, false],
  ['check:has a title: errors < 1%', false, false],
  // If the 2 longest of the 9 latencies are in fact the shortest, p60 is 40 ms, the fourth of the measured latencies, and p80 is 100 ms, the sixth.
  ['p60 < 39ms', false, true],
  ['p60 < 199ms', true, true],
  ['p80 < 199ms', false, false],
  ['p60 > 50ms', true, false],
  ['p60 > 30ms', true, true],
  ['WS price feed: max < 4.1ms', true, false],
  ['WS price feed: errors < 30%', true, true],
  ['tag:write: errors < 1%', false, false],
  ['intent: p60 < 39ms', false, false],
  ['p20 < 1ms', false, false],
  ['checkout: p50 < 1ms', false, false],
  ['POST /crt: p99 < 1s', false, false],
])(
  'if 2 of 9 latencies may be too long, the threshold %s has these results: passed is %s, certain is %s',
  ([expression, passed, same]) => {
    expect(judged(expression, { ...measured, uncertain: 2 })).toMatchObject({ passed, sameIfShorter: same })
  },
)

test.for<[string, number]>([
  ['GET  home : p50 < 1s', 7],
  ['check:is home : errors < 100%', 50],
  ['tag: first : p50 < 1s', 7],
  ['in the middle : p50 < 1s', 5],
  ['SQL select : p50 < 1s', 6],
  ['GET half\ud800: p50 < 1s', 8],
  [`GET ${'x'.repeat(310)}: p50 < 1s`, 9],
  [`${'x'.repeat(310)}: p50 < 1s`, 9],
])(
  'the threshold %s applies to a name that has blanks around it, a lone surrogate in it, or more than 300 characters',
  ([expression, value]) => {
    const blanks: Measured = {
      requests: requestsOf(
        { ...cellOf('GET', ' home ', [7]), tags: [' first'] },
        cellOf('GET', 'half\ufffd', [8]),
        cellOf('GET', `${'x'.repeat(300)}…`, [9]),
      ),
      checks: new Map([['is home\t', { passed: 1, failed: 1 }]]),
      steps: new Map([[' in the middle\n', { count: 1, failed: 0, duration: lengthsOf(5) }]]),
      metrics: new Map([
        ['SQL select ', { method: 'SQL', name: 'select ', count: 1, failures: 0, bytes: 0, duration: lengthsOf(6) }],
        ['GET  home ', { method: 'GET', name: ' home ', count: 1, failures: 0, bytes: 0, duration: lengthsOf(99) }],
      ]),
      errors: new Map(),
      loadSeconds: 1,
    }
    expect(judged(expression, blanks)).toMatchObject({ value, passed: true, note: null })
  },
)

test('a threshold on a request that was never sent fails, and its note lists the most similar names first', () => {
  expect(judged('POST /crt: p99 < 1s')).toEqual({
    expression: 'POST /crt: p99 < 1s',
    value: null,
    unit: 'ms',
    passed: false,
    note: "no request, recorded sample or step is called 'POST /crt'; existing names: POST /cart, GET /cart, GET /, GET /, checkout and 1 more",
    certain: false,
    sameIfShorter: false,
  })
})

test.for([
  ['tag:writes: p99 < 1s', "no request has the tag 'writes'; existing names: write, read"],
  ['check:has title: errors < 1%', "no check is called 'has title'; existing names: has a title"],
])('the threshold %s fails, and its note lists the available names', ([expression, note]) => {
  expect(judged(expression as string)).toMatchObject({ passed: false, note })
})

test('in a run without requests, no threshold passes', () => {
  const none = () => new Map()
  const nothing = { requests: none(), checks: none(), steps: none(), metrics: none(), errors: none(), loadSeconds: 0 }
  expect(judged('errors < 1%', nothing)).toMatchObject({ passed: false, note: 'no request was made' })
  expect(judged('rps >= 0', nothing)).toMatchObject({ passed: false })
  expect(judged('GET /: p50 < 1s', nothing).note).toBe(
    "no request, recorded sample or step is called 'GET /'; the run had none",
  )
  expect(judged('check:x: errors < 1%', nothing).note).toBe("no check is called 'x'; the run had none")
})

test('a threshold on latency has no value if no request got a connection', () => {
  const refused = { ...cellOf('GET', '/', []), requests: 5, failures: 5 }
  const only = { ...measured, requests: requestsOf(refused) }
  expect(judged('p95 < 1s', only)).toMatchObject({
    passed: false,
    value: null,
    note: 'no request has a measured time',
  })
  expect(judged('errors < 1%', only)).toMatchObject({ passed: false, value: 100 })
})

test('in a run without requests, a threshold is judged by the recorded samples, or by the steps if there are no recorded samples', () => {
  const recorded = { ...measured, requests: requestsOf() }
  expect(judged('errors < 30%', recorded)).toMatchObject({ value: 25, passed: true })
  expect(judged('max < 1s', { ...recorded, metrics: new Map() })).toMatchObject({ value: 9000, passed: false })
  expect(judged('intent: price feed: p95 < 1s')).toMatchObject({ passed: false, value: null })
})

test('the failure of an error threshold is certain only if the threshold also fails without the failures that burst caused', () => {
  const errorsOf = (count: number, kind: ErrorCell['kind'] = 'generator'): Window['errors'] =>
    new Map([
      [
        'x',
        {
          method: 'POST',
          name: '/cart',
          kind,
          message: 'x',
          count,
          firstAt: 0,
          lastAt: 0,
          exemplars: [],
          seconds: new Map(),
        },
      ],
    ])
  const certain = (expression: string, errors: Window['errors']): boolean =>
    judged(expression, { ...measured, errors }).certain
  expect(certain('POST /cart: errors < 1%', errorsOf(0))).toBe(true)
  expect(certain('errors < 1%', errorsOf(1))).toBe(true)
  expect(certain('errors < 1%', errorsOf(2))).toBe(false)
  expect(certain('errors < 1%', errorsOf(2, 'status'))).toBe(true)
  expect(certain('max < 10ms', errorsOf(0))).toBe(false)
  expect(certain('errors < 90%', errorsOf(0))).toBe(false)
})
