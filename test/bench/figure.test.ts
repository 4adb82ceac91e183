import { expect, test } from 'vitest'
import { figureOf } from '../../bench/measuring/figure.ts'
import { tableOf } from '../../bench/measuring/table.ts'

const figure = figureOf({ key: 'a.b', title: 'time per request', unit: 'µs', goal: '≤ 1.45' }, [30, 10, 40], {
  title: 'bare',
  values: [10, 10, 20],
})

test('each round has a ratio of the measured value to the baseline, and the reported ratio is the median of these ratios', () => {
  expect(figure.value).toEqual({ median: 30, least: 10, greatest: 40 })
  expect(figure.baseline?.value.median).toBe(10)
  // The median of the ratios is 2; the ratio of the medians would be 3.
  expect(figure.ratio).toEqual({ median: 2, least: 1, greatest: 3 })
})

test('the table shows the median, spread, baseline and ratio of each measurement', () => {
  const [, row] = tableOf([figure, figureOf({ key: 'c', title: 'memory', unit: 'MiB' }, [1234.4, 1235])]).split('\n')
  expect(row?.split(/ {2,}/)).toEqual([
    'time per request',
    '30.0 µs',
    '10.0 to 40.0',
    'bare',
    '10.0 µs',
    '2.00',
    '1.00 to 3.00',
    '≤ 1.45',
  ])
})
