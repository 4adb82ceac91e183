import { expect, test } from 'vitest'
import { durationMs } from '../../core/duration.ts'

test.each<[string | number, number]>([
  ['250ms', 250],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['1h2m3s4ms', 3_723_004],
  ['90', 90_000],
  ['0s', 0],
  [' 5s ', 5000],
  [0.5, 500],
])('the duration %j is %d ms', (given, ms) => {
  expect(durationMs(given)).toBe(ms)
})

test.each(['5hin', '5 m', '', '-5s', '5s5s', '30m1h', '1ms2s', '1.h', '.5s', 'h', '5x', '1e3s'])(
  'the text %j is not a duration',
  (given) => {
    expect(() => durationMs(given, '--run-time')).toThrow(
      expect.objectContaining({
        message: `--run-time is ${JSON.stringify(given)}, which is not a duration`,
        exitCode: 104,
      }),
    )
  },
)
