import { expect, test } from 'vitest'
import { measuredValue } from '../../../core/thresholds/measured-value.ts'

test.each([
  // In the next rows, the rounded value differs from the limit.
  ['p95 < 400ms', 612.34, 'ms', '612 ms'],
  ['errors < 1%', 4.05, '%', '4.05 %'],
  // In the next row, the measured value equals the limit.
  ['p95 < 400ms', 400, 'ms', '400 ms'],
  // In the next rows, the rounded value would equal the limit, but the measured value is above or below the limit.
  ['p95 < 400ms', 400.3, 'ms', '400.3 ms'],
  ['p95 < 400ms', 399.96, 'ms', '399.96 ms'],
  ['p99 < 1s', 1000.4, 'ms', '1.0004 s'],
  ['GET /: p99 < 1s', 999.9, 'ms', '0.9999 s'],
  ['max <= 2m', 120_000.25, 'ms', '120.0003 s'],
  ['errors < 1%', 1.0004, '%', '1.0004 %'],
  ['errors <= 0%', 0.000_01, '%', '<0.01 %'],
  ['errors < 99.95%', 99.96, '%', '99.96 %'],
  ['rps > 100', 99.98, '/s', '99.98/s'],
  ['rps >= 1000', 999.9996, '/s', '999.9996/s'],
  ['rps > 0.3', 0.1 + 0.2, '/s', '0.30000000000000004/s'],
  // This string is not a threshold, so the value is rounded as usual.
  ['edited', 400.3, 'ms', '400 ms'],
])('with the limit %s, the measured value %d %s is shown as %s', (expression, value, unit, text) => {
  expect(measuredValue({ expression, value, unit })).toBe(text)
})
