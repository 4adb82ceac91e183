import { assert, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'
import { respeltThreshold } from '../../../core/thresholds/respelt-threshold.ts'
import { parseWrittenThreshold } from '../../../core/thresholds/written-threshold.ts'

const order = '; the order is intent, name, rule'

test.for<[string, string]>([
  ['p99 < 1s: POST /cart', `write 'POST /cart: p99 < 1s'${order}`],
  ['p99: POST /cart < 1s', `write 'POST /cart: p99 < 1s'${order}`],
  ['p99(POST /cart) < 1s', `write 'POST /cart: p99 < 1s'${order}`],
  ['p99 < 1s for POST /cart', `write 'POST /cart: p99 < 1s'${order}`],
  ['POST /cart p99 < 1s', `write 'POST /cart: p99 < 1s'${order}`],
  ['p99 < 1s: tag:search: intent', `write 'intent: tag:search: p99 < 1s'${order}`],
  ['intent p99 < 1s', `write 'intent: p99 < 1s'${order}`],
  ['1s > p99', "write 'p99 < 1s'"],
  ['POST /cart: 400ms >= p95', `write 'POST /cart: p95 <= 400ms'${order}`],
  [': p95 < 1s', "write 'p95 < 1s'"],
  ['P95 =< 400MS', "write 'p95 <= 400ms'"],
  ['p95 ≥ 2 seconds', "write 'p95 >= 2s'"],
  ['95th percentile < 1s', "write 'p95 < 1s'"],
  ['median < 1sec', "write 'p50 < 1s'"],
  ['Error rate < 1 percent', "write 'errors < 1%'"],
  ['rps > 100 req/s', "write 'rps > 100'"],
  ['response time p95 < 1s', "write 'p95 < 1s'"],
  ['p95 < 400ms && errors < 1%', 'write a threshold for each rule: a threshold has one rule'],
  ['errors < 1% over 30s', "only a rule of abortOn has a span: abortOn: [{ threshold: 'errors < 10%', over: '30s' }]"],
  [
    'p95 = 400ms',
    "write it like 'p95 < 400ms', 'errors < 1%', 'rps > 100', 'POST /cart: p99 < 1s' or 'intent: tag:search: p95 < 1s'",
  ],
])('the threshold %s is refused, and the hint shows the right order and spelling', ([expression, hint]) => {
  expect(() => parseWrittenThreshold(expression)).toThrow(
    expect.objectContaining({ exitCode: 104, message: expect.stringContaining(`threshold '${expression}'`), hint }),
  )
})

test('a correction is not suggested for a threshold that is already spelt as burst requires', () => {
  const prefixes = constantFrom('', 'intent: ', 'POST /p95: ', 'tag:search: ', 'intent: tag:a: b: ', 'GET /a/intent: ')
  const rules = constantFrom('p95 < 400ms', 'p99.9 <= 1h30m', 'avg > 1.5s', 'max >= 2m', 'min < 1s')
  assert(
    property(prefixes, rules, (prefix, rule) => {
      parseWrittenThreshold(prefix + rule)
      expect(respeltThreshold(prefix + rule)).toBe(undefined)
    }),
  )
  expect(['errors < 1%', 'rps > 100', 'check:has a price: errors < 1%'].map(respeltThreshold)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('a respelt threshold is a valid threshold', () => {
  const parts = constantFrom(
    'intent',
    'tag:a',
    'tags: b',
    'POST /x',
    'p99',
    'Errors',
    '<',
    '>=',
    '1s',
    '5 %',
    ':',
    'over',
  )
  assert(
    property(parts, parts, parts, parts, parts, (...given) => {
      const spelling = respeltThreshold(given.join(' ')) ?? 'p95 < 1s'
      expect(parseWrittenThreshold(spelling).expression).toBe(spelling)
    }),
    { numRuns: 5000 },
  )
})
