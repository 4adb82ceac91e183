import { expect, test } from 'vitest'
import { Distribution } from '../../../core/window/histograms/distribution.ts'
import { mergedCell, rowOf, spreadOf } from '../../../core/verdict/summary.ts'
import { cellOf } from '../../fixtures/run.ts'

test('the statistics of an empty distribution are null and not zero', () => {
  const nothing = {
    min: null,
    mean: null,
    p50: null,
    p75: null,
    p90: null,
    p95: null,
    p99: null,
    p999: null,
    max: null,
  }
  expect(spreadOf(new Distribution())).toEqual(nothing)
})

test('minimum, maximum and mean are exact; percentiles are exact to three digits', () => {
  const lengths = new Distribution()
  for (let ms = 1; ms <= 1000; ms++) lengths.recordMs(ms)
  const spread = spreadOf(lengths)
  expect(spread).toMatchObject({ min: 1, max: 1000, mean: 500.5 })
  expect(Math.abs((spread.p50 as number) - 500)).toBeLessThan(0.5)
  expect(Math.abs((spread.p99 as number) - 990)).toBeLessThan(1)
  expect(Math.abs((spread.p999 as number) - 999)).toBeLessThan(1)
})

test('percentiles of several names come from their merged histograms, never from the percentiles of each name', () => {
  const fast = cellOf(
    'GET',
    '/fast',
    Array.from({ length: 99 }, () => 10),
  )
  const slow = cellOf('GET', '/slow', [1000])
  const row = rowOf(mergedCell([fast, slow]), 10)
  expect(row).toMatchObject({ requests: 100, failures: 0, rps: 10, latencyMs: { p50: 10.007, p99: 10.007, max: 1000 } })
  expect(fast.requests).toBe(99)
  expect(row.histogram).toMatch(/^HISTFAAA/)
})

test('in a row without requests, fractions and rates are zero and not NaN', () => {
  expect(rowOf(mergedCell([]), 0)).toMatchObject({ requests: 0, rps: 0, failureShare: 0, histogram: '', statuses: {} })
})
