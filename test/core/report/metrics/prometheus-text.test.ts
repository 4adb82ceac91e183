import { array, assert, double, property } from 'fast-check'
import { expect, test } from 'vitest'
import { boundsS, countsByBound } from '../../../../core/report/metrics/bucket-bounds.ts'
import { prometheusText } from '../../../../core/report/metrics/prometheus-text.ts'
import { Distribution } from '../../../../core/window/histograms/distribution.ts'

test('a label may contain any string: quotes, backslashes and line breaks are escaped, and invalid characters are replaced', () => {
  const samples = [{ labels: { name: 'a"b\\c\nd\ud800' }, value: 3 }]
  expect(prometheusText([{ name: 'm', help: 'one\ntwo', type: 'counter', samples }])).toBe(
    '# HELP m one\\ntwo\n# TYPE m counter\nm{name="a\\"b\\\\c\\nd\ufffd"} 3\n',
  )
})

test('every duration is counted in one bucket, and is at most 0.1 % longer than the upper bound of this bucket', () => {
  assert(
    property(array(double({ min: 0, max: 200_000, noNaN: true })), (durations) => {
      const lengths = new Distribution()
      for (const ms of durations) lengths.recordMs(ms)
      const counts = countsByBound(lengths)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(durations.length)
      let below = 0
      for (const [k, boundS] of boundsS.entries()) {
        below += counts[k] ?? 0
        expect(below).toBeGreaterThanOrEqual(durations.filter((ms) => ms <= boundS * 1000).length)
        expect(below).toBeLessThanOrEqual(durations.filter((ms) => ms <= boundS * 1001 + 0.001).length)
      }
    }),
  )
})

test('a histogram has cumulative buckets up to +Inf, its sum in seconds and its count', () => {
  const lengths = new Distribution()
  for (const ms of [4, 20, 70_000]) lengths.recordMs(ms)
  const text = prometheusText([
    { name: 'h', help: 'x', type: 'histogram', samples: [{ labels: { run: 'r' }, lengths }] },
  ])
  expect(text).toContain('# TYPE h histogram\nh_bucket{run="r",le="0.001"} 0\n')
  expect(text).toContain('h_bucket{run="r",le="0.005"} 1\n')
  expect(text).toContain(
    'h_bucket{run="r",le="60"} 2\nh_bucket{run="r",le="+Inf"} 3\nh_sum{run="r"} 70.024\nh_count{run="r"} 3\n',
  )
})
