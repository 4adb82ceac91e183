import { expect, test } from 'vitest'
import { pauseMs } from '../../../functions/worker/engine/scheduling/pace.ts'
import { between, constant, pacing, throughput } from '../../../core/authoring/wait.ts'

const of = { className: 'U' }

test('the functions for waits return plain data, in milliseconds', () => {
  expect(between('1s', '1.5m')).toEqual({ kind: 'between', lowMs: 1000, highMs: 90_000 })
  expect(constant('250ms')).toEqual({ kind: 'between', lowMs: 250, highMs: 250 })
  expect(pacing('2s')).toEqual({ kind: 'pacing', everyMs: 2000, catchUp: true })
  expect(pacing('2s', { catchUp: false })).toEqual({ kind: 'pacing', everyMs: 2000, catchUp: false })
  expect(throughput(4)).toEqual({ kind: 'pacing', everyMs: 250, catchUp: true })
})

test('a number in a wait is in seconds, as in Locust', () => {
  expect(between(1, 5)).toEqual(between('1s', '5s'))
  expect(constant(0.25)).toEqual(constant('250ms'))
  expect(pacing(2)).toEqual(pacing('2s'))
  expect(pauseMs(() => 1.5, Math.random, of)).toBe(1500)
  expect(pauseMs(() => '1.5s', Math.random, of)).toBe(1500)
})

test('an invalid wait is refused at the line where it is written', () => {
  expect(() => between('2s', '1s')).toThrow('between("2s", "1s") has its limits in the wrong order')
  for (const wrong of [0, -1, Number.NaN]) expect(() => throughput(wrong)).toThrow('need a number above 0')
  expect(() => pacing('0s')).toThrow('need a number above 0')
  for (const wrong of ['soon', '', null, -1, Number.NaN, {}, '1s 2'])
    expect(() => constant(wrong as '1s')).toThrow(/^constant\(\) is .*, which is not a duration$/)
  for (const often of [() => throughput(1e300), () => throughput(1001), () => pacing('0.5ms'), () => pacing(1e-9)])
    expect(often).toThrow(/is more than 1000 iterations per second of one user$/)
  expect([throughput(1000), pacing('1ms')]).toEqual([pacing(0.001), pacing(0.001)])
  for (const long of [
    () => constant(1e300),
    () => constant(1e308),
    () => constant('8761h'),
    () => between(1, 1e300),
    () => pacing(1e300),
    () => pauseMs(() => 1e300, Math.random, of),
    () => pauseMs(() => `${'9'.repeat(400)}h` as '1h', Math.random, of),
  ])
    expect(long).toThrow(/^(constant|between|pacing|wait)\(\)( of class U)? is .*, which is longer than a year$/)
  expect(() => throughput(1e-300)).toThrow('throughput() is less than one iteration per user per year')
  expect(constant('8760h')).toEqual(constant(31_536_000))
  const two = [1, 5] as unknown as [number]
  expect(() => constant(...two)).toThrow('constant() takes one pause (between() takes two), but was given 2 arguments')
  const three = [1, 5, 2] as unknown as [number, number]
  expect(() => between(...three)).toThrow(
    'between() takes two pauses, the shortest and the longest, but was given 3 arguments',
  )
  expect(() => throughput('2' as never)).toThrow('throughput() was given "2"')
  expect(() => pacing('1s', false as never)).toThrow('the second argument of pacing() is false')
  expect(() => pacing('1s', { catchup: false } as never)).toThrow(
    "the second argument of pacing() has an unknown option 'catchup'",
  )
  expect(() => throughput(1, { catchUp: 'no' } as never)).toThrow('catchUp of throughput() is "no"')
})
