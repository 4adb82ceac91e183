import { expect, test } from 'vitest'
import { k6Hint } from '../../../core/thresholds/k6-threshold.ts'
import { holds, parseThreshold } from '../../../core/thresholds/threshold.ts'
import { parseWrittenThreshold } from '../../../core/thresholds/written-threshold.ts'

test.for<[string, Record<string, unknown>]>([
  ['p95 < 400ms', { scope: { kind: 'all' }, measure: { kind: 'percentile', percentile: 95 }, limit: 400, unit: 'ms' }],
  ['p99.9<1s', { measure: { kind: 'percentile', percentile: 99.9 }, limit: 1000 }],
  ['p100 <= 1.5s', { measure: { kind: 'percentile', percentile: 100 }, operator: '<=', limit: 1500 }],
  ['avg < 1m', { measure: { kind: 'avg' }, limit: 60_000 }],
  [' max < 2 s ', { measure: { kind: 'max' }, limit: 2000 }],
  ['min >= 1ms', { measure: { kind: 'min' }, operator: '>=' }],
  ['errors < 1%', { measure: { kind: 'errors' }, limit: 1, unit: '%' }],
  ['errors < 0.5 %', { limit: 0.5 }],
  ['rps > 100', { measure: { kind: 'rps' }, operator: '>', limit: 100, unit: '/s' }],
  ['rps > 100/s', { limit: 100 }],
  ['POST /cart: p99 < 1s', { scope: { kind: 'request', name: 'POST /cart' }, fromIntent: false }],
  ['GET /a:b/:id: p99 < 1s', { scope: { kind: 'request', name: 'GET /a:b/:id' } }],
  ['checkout: errors < 1%', { scope: { kind: 'request', name: 'checkout' } }],
  ['tag:search: p95 < 1s', { scope: { kind: 'tag', tag: 'search' } }],
  ['check:has a: colon: errors < 1%', { scope: { kind: 'check', check: 'has a: colon' } }],
  ['intent: p99 < 1s', { scope: { kind: 'all' }, fromIntent: true }],
  ['intent: POST /cart: p99 < 1s', { scope: { kind: 'request', name: 'POST /cart' }, fromIntent: true }],
  ['intent: tag:search: avg < 1s', { scope: { kind: 'tag', tag: 'search' }, fromIntent: true }],
  ['intent/x: p99 < 1s', { scope: { kind: 'request', name: 'intent/x' }, fromIntent: false }],
])('the threshold %s is parsed', ([expression, expected]) => {
  expect(parseThreshold(expression)).toMatchObject({ expression, ...expected })
})

test.for<[string, RegExp]>([
  ['', /is not understood/],
  ['p95 > 400', /compares with 400 instead of a duration/],
  ['p95 = 400ms', /is not understood/],
  ['p0 < 1s', /a percentile is above 0 and at most 100/],
  ['p101 < 1s', /a percentile is above 0 and at most 100/],
  ['p95 < 1x', /instead of a duration/],
  ['p95 < -1s', /instead of a duration/],
  ['errors < 1', /instead of a share such as '1%'/],
  ['errors < 10ms', /instead of a share/],
  ['rps > 5%', /instead of a number/],
  ['median < 1s', /is not understood/],
  [': p95 < 1s', /begins with a colon/],
  ['tag:: p95 < 1s', /names no tag/],
  ['check:: errors < 1%', /names no check/],
  ['check:title: p95 < 1s', /judges a check/],
  ['intent: errors < 1%', /but only a time can be measured from intent/],
  ['p95 < 1s.5', /not a duration|instead of a duration/],
  [`${'x'.repeat(2000)}: p95 < 1s`, /is not understood/],
])('the threshold %s is refused, and the error message gives the reason', ([expression, message]) => {
  expect(() => parseThreshold(expression)).toThrow(
    expect.objectContaining({ exitCode: 104, message: expect.stringMatching(message) }),
  )
})

test.for<[string, string]>([
  ['http_req_duration: p(95)<500', "'p95 < 500ms'"],
  ['http_req_duration:p(99.9) <= 1500', "'p99.9 <= 1500ms'"],
  ['p(95)<500', "'p95 < 500ms'"],
  ['avg<200', "'avg < 200ms'"],
  ['http_req_duration: med < 200', "'p50 < 200ms'"],
  ['http_req_duration{name:GET /cart}: p(95)<500', "'GET /cart: p95 < 500ms'"],
  ['http_req_duration{kind:search}: max<500', "'tag:search: max < 500ms'"],
  ['http_req_failed: rate<0.01', "'errors < 1%'"],
  ['rate<0.001', "'errors < 0.1%'"],
  ['http_reqs: rate>100', "'rps > 100'"],
  ['checks: rate>0.95', "'check:NAME: errors < 5%'"],
  ['checks{check:has price}: rate>=0.9', "'check:has price: errors <= 10%'"],
  ['http_req_waiting: p(95)<500', 'burst has no threshold for http_req_waiting'],
  ['iteration_duration: p(95)<500', 'burst has no threshold for iteration_duration'],
  ['http_reqs: count>1000', 'burst has no threshold for a count'],
  ['http_req_duration: p95 < 500ms', "'p95 < 500ms'"],
  ['http_req_duration: p(95) < 1.5s', "'p95 < 1.5s'"],
  ['http_req_duration: p95<500', "'p95 < 500ms'"],
  ['http_req_duration{name:POST /cart}: p99.9 <= 1s', "'POST /cart: p99.9 <= 1s'"],
  ['http_req_duration{kind:search}: avg < 200ms', "'tag:search: avg < 200ms'"],
  ['p(95) < 500ms', "'p95 < 500ms'"],
  ['http_req_failed: errors < 1%', "'errors < 1%'"],
  ['http_req_failed: rate < 1%', "'errors < 1%'"],
  ['http_req_failed{name:GET /}: errors < 0.02', "'GET /: errors < 2%'"],
  ['http_reqs: rps > 100', "'rps > 100'"],
  ['http_reqs: rate > 100/s', "'rps > 100'"],
  ['http_req_waiting: p95 < 500ms', 'burst has no threshold for http_req_waiting'],
  ['http_req_duration: quick < 5', "write it like 'p95 < 400ms'"],
])('the k6 threshold %s is refused, and the error shows how to write it for burst', ([expression, spelling]) => {
  expect(() => parseWrittenThreshold(expression)).toThrow(
    expect.objectContaining({ exitCode: 104, hint: expect.stringContaining(spelling) }),
  )
})

test('the suggestion for a threshold of k6 is a valid threshold', () => {
  const ofK6 = [
    'http_req_duration{a:b}: p(99.9)<=1500',
    'med<2',
    'rate<0.001',
    'checks: rate>0.95',
    'http_reqs: rate>10',
    'http_req_duration: p95 < 1.5s',
    'http_req_failed{a:b}: errors < 1%',
  ]
  const written = ofK6.map((one) => /write '(.*)'$/.exec(k6Hint(one) ?? '')?.[1] ?? '')
  expect(written.map((one) => parseWrittenThreshold(one).expression)).toEqual(written)
})

test.for([
  ['<', [true, false, false]],
  ['<=', [true, true, false]],
  ['>', [false, false, true]],
  ['>=', [false, true, true]],
] as const)('a threshold with %s judges values below, at and above its limit correctly', ([operator, expected]) => {
  expect([99, 100, 101].map((value) => holds({ operator, limit: 100 }, value))).toEqual(expected)
})
