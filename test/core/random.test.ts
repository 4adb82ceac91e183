import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyedStream, seedOf } from '../../core/random.ts'

const draws = (stream: { next(): number }, count = 5): number[] => Array.from({ length: count }, () => stream.next())

test('equal seeds, keys and purposes draw equal numbers, and a different seed, key or purpose draws different numbers', () => {
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

test('streams with keys of more than 32 bits draw different numbers', () => {
  expect(draws(keyedStream(1, [2 ** 32 + 7], 'task'))).not.toEqual(draws(keyedStream(1, [7], 'task')))
})

test('the first random numbers of consecutive users are uniform in [0, 1) and independent of each other', () => {
  const firsts = Array.from({ length: 20_000 }, (_, user) => keyedStream(1, [user, 0, 0], 'task').next())
  const tenths = Array.from({ length: 10 }, (_, tenth) => firsts.filter((x) => Math.floor(x * 10) === tenth).length)
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
  const pairs = firsts.slice(1).map((x, index) => (x - 0.5) * ((firsts[index] ?? 0) - 0.5))
  const covariance = pairs.reduce((sum, x) => sum + x, 0) / pairs.length
  expect(Math.abs(covariance * 12)).toBeLessThan(0.03)
})

test('int draws every whole number of its range, both ends included', () => {
  const stream = keyedStream(1, [1], 'user')
  const drawn = Array.from({ length: 400 }, () => stream.int(-2, 3))
  expect([...new Set(drawn)].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3])
  expect(stream.int(7, 7)).toBe(7)
})

test('int refuses limits that are fractions or in the wrong order, without drawing a number', () => {
  const stream = keyedStream(1, [1], 'user')
  expect(() => stream.int(5, 1)).toThrow(
    new RangeError('random.int() was given 5 and 1; the lower number comes first: int(1, 5)'),
  )
  const none = undefined as unknown as number
  const wrong: [number, number][] = [
    [1.2, 2.9],
    [Number.NaN, 3],
    [0, Infinity],
    [1, '3' as unknown as number],
    [1, none],
  ]
  for (const [low, high] of wrong)
    expect(() => stream.int(low, high)).toThrow(/^random.int\(\) .* instead of two whole numbers$/)
  expect(stream.next()).toBe(keyedStream(1, [1], 'user').next())
})

test('chance refuses values outside 0 to 1, and the error says how to write a percentage', () => {
  const stream = keyedStream(1, [2], 'user')
  const said = (share: unknown): unknown => {
    try {
      return stream.chance(share as number)
    } catch (error) {
      return String(error)
    }
  }
  const words = (share: string): string => `random.chance() was given ${share} instead of a number from 0 to 1`
  expect([50, 1.5, 100].map(said)).toEqual([
    `RangeError: ${words('50')}: write 0.5 for 50 %`,
    `RangeError: ${words('1.5')}: write 0.015 for 1.5 %`,
    `RangeError: ${words('100')}: write 1 for 100 %`,
  ])
  expect([-0.1, 101, Number.NaN, Infinity].map(said)).toEqual(
    ['-0.1', '101', 'NaN', 'Infinity'].map((share) => `RangeError: ${words(share)}`),
  )
  expect(['0.5', null].map(said)).toEqual(['"0.5"', 'null'].map((share) => `TypeError: ${words(share)}`))
})

test('`pick` can return any item and refuses an empty list; `chance` returns true with the given probability', () => {
  const stream = keyedStream(1, [2], 'user')
  expect(new Set(Array.from({ length: 100 }, () => stream.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']))
  expect(() => stream.pick([])).toThrow(RangeError)
  const share = (of?: number): number => Array.from({ length: 10_000 }, () => stream.chance(of)).filter(Boolean).length
  expect(Math.abs(share() - 5000)).toBeLessThan(300)
  expect(Math.abs(share(0.1) - 1000)).toBeLessThan(200)
  expect([share(0), share(1)]).toEqual([0, 10_000])
})

test('different strings have different seeds, and a string always has the same seed', () => {
  const words = Array.from({ length: 1000 }, (_, index) => `seed ${index}`)
  expect(new Set(words.map(seedOf)).size).toBe(1000)
  expect(seedOf('monday')).toBe(seedOf('monday'))
})
