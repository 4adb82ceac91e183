import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyedStream, seedOf } from '../../core/random.ts'

const draws = (stream: { next(): number }, count = 5): number[] => Array.from({ length: count }, () => stream.next())

test('the same keys draw the same numbers; another seed, key or purpose draws others', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (seed, keys) => {
      const first = draws(keyedStream(seed, keys, 'task'))
      expect(draws(keyedStream(seed, keys, 'task'))).toEqual(first)
      expect(draws(keyedStream(seed, keys, 'wait'))).not.toEqual(first)
      expect(draws(keyedStream(seed ^ 1, keys, 'task'))).not.toEqual(first)
      expect(draws(keyedStream(seed, [...keys.slice(1), (keys[0] ?? 0) + 1], 'task'))).not.toEqual(first)
    }),
  )
})

test('keys above 32 bits are told apart', () => {
  expect(draws(keyedStream(1, [2 ** 32 + 7], 'task'))).not.toEqual(draws(keyedStream(1, [7], 'task')))
})

test('neighbouring users draw evenly from [0, 1): no draw of a user says what that of the next will be', () => {
  const firsts = Array.from({ length: 20_000 }, (_, user) => keyedStream(1, [user, 0, 0], 'task').next())
  const tenths = Array.from({ length: 10 }, (_, tenth) => firsts.filter((x) => Math.floor(x * 10) === tenth).length)
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
  const pairs = firsts.slice(1).map((x, index) => (x - 0.5) * ((firsts[index] ?? 0) - 0.5))
  const covariance = pairs.reduce((sum, x) => sum + x, 0) / pairs.length
  expect(Math.abs(covariance * 12)).toBeLessThan(0.03)
})

test('int draws every whole number of its range, both ends included, whichever end comes first', () => {
  const stream = keyedStream(1, [1], 'user')
  const drawn = Array.from({ length: 400 }, () => stream.int(3, -2))
  expect([...new Set(drawn)].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3])
  expect(new Set(Array.from({ length: 50 }, () => stream.int(1.2, 2.9)))).toEqual(new Set([2]))
})

test('pick draws each item and refuses an empty list; chance keeps its share', () => {
  const stream = keyedStream(1, [2], 'user')
  expect(new Set(Array.from({ length: 100 }, () => stream.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']))
  expect(() => stream.pick([])).toThrow(RangeError)
  const share = (of?: number): number => Array.from({ length: 10_000 }, () => stream.chance(of)).filter(Boolean).length
  expect(Math.abs(share() - 5000)).toBeLessThan(300)
  expect(Math.abs(share(0.1) - 1000)).toBeLessThan(200)
  expect([share(0), share(1)]).toEqual([0, 10_000])
})

test('seeds in words are told apart and stay what they are', () => {
  const words = Array.from({ length: 1000 }, (_, index) => `seed ${index}`)
  expect(new Set(words.map(seedOf)).size).toBe(1000)
  expect(seedOf('monday')).toBe(seedOf('monday'))
})
