import { expect, test } from 'vitest'
import { type Measured, judge } from '../../../core/verdict/judgement.ts'
import { parseThreshold } from '../../../core/verdict/thresholds.ts'
import { cellOf, requestsOf } from '../../fixtures/run.ts'

const measured: Measured = {
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
])('%s measures %d', ([expression, value, passed]) => {
  expect(judged(expression)).toMatchObject({ value, passed, note: null })
})

test('a request that was never made fails the threshold, and the nearest names are given first', () => {
  expect(judged('POST /crt: p99 < 1s')).toEqual({
    expression: 'POST /crt: p99 < 1s',
    value: null,
    unit: 'ms',
    passed: false,
    note: "no request is called 'POST /crt'; there were POST /cart, GET /cart, GET /",
  })
})

test.for([
  ['tag:writes: p99 < 1s', "no request has the tag 'writes'; there were write, read"],
  ['check:has title: errors < 1%', "no check is called 'has title'; there were has a title"],
])('%s says what there was', ([expression, note]) => {
  expect(judged(expression as string)).toMatchObject({ passed: false, note })
})

test('when nothing at all was made, no threshold passes', () => {
  const nothing: Measured = { requests: new Map(), checks: new Map(), loadSeconds: 0 }
  expect(judged('errors < 1%', nothing)).toMatchObject({ passed: false, note: 'no request was made' })
  expect(judged('rps >= 0', nothing)).toMatchObject({ passed: false })
  expect(judged('GET /: p50 < 1s', nothing).note).toBe("no request is called 'GET /'; there was none at all")
  expect(judged('check:x: errors < 1%', nothing).note).toBe("no check is called 'x'; there was none at all")
})

test('requests that never got a connection have no latency to keep to', () => {
  const refused = { ...cellOf('GET', '/', []), requests: 5, failures: 5 }
  const only = { ...measured, requests: requestsOf(refused) }
  expect(judged('p95 < 1s', only)).toMatchObject({
    passed: false,
    value: null,
    note: 'no request got far enough to be timed',
  })
  expect(judged('errors < 1%', only)).toMatchObject({ passed: false, value: 100 })
})
