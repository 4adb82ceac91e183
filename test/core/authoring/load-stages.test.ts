import { expect, test } from 'vitest'
import { arrivals, hold, ramp, rampArrivals } from '../../../core/authoring/load-stages.ts'

test('the duration of a stage is a string with a unit, or a number of seconds', () => {
  const texts = [ramp(10, '1m'), hold('1.5s'), hold('250ms'), arrivals(5, '1h'), rampArrivals(1, 5, '90s')]
  const numbers = [ramp(10, 60), hold(1.5), hold(0.25), arrivals(5, 3600), rampArrivals(1, 5, 90)]
  expect(numbers).toEqual(texts)
  expect(texts.map(({ ms }) => ms)).toEqual([60_000, 1500, 250, 3_600_000, 90_000])
})

test.each<[() => unknown, string]>([
  [() => Reflect.apply(hold, undefined, [10, '1m']), 'hold() takes a duration, but was given 2 arguments'],
  [
    () => Reflect.apply(ramp, undefined, [10, '1m', '2m']),
    'ramp() takes a number of users and a duration, but was given 3 arguments',
  ],
  [() => ramp('1m' as never, 10), 'ramp() was given "1m"'],
  [() => arrivals('1m' as never, 10), 'arrivals() was given "1m"'],
  [() => arrivals(10, '1m', 100 as never), 'the last argument of arrivals() is 100'],
])('the stage %s is refused: %s', (make, sentence) => {
  expect(make).toThrow(expect.objectContaining({ exitCode: 104, message: sentence }))
})

test('a list of durations can be mapped to stages', () => {
  expect(['1s', '2s'].map(hold as never)).toEqual([hold('1s'), hold('2s')])
})
