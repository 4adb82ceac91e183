import { expect, test } from 'vitest'
import { greatest, smallest } from '../../core/extremes.ts'

test('the greatest and the smallest value are found in lists that are too long for Math.max(...list)', () => {
  const items = Array.from({ length: 700_000 }, (_, k) => ({ n: (k * 7919) % 700_001 }))
  expect(greatest(items, ({ n }) => n)).toBe(700_000)
  expect(smallest(items, ({ n }) => -n)).toBe(-700_000)
})

test('the given bound is returned if the list is empty or contains no value beyond the bound', () => {
  expect(greatest([1, 2], Number, 5)).toBe(5)
  expect(greatest([], Number, 0)).toBe(0)
  expect(smallest([3, 4], Number, 2)).toBe(2)
  expect(smallest([], Number)).toBe(Number.POSITIVE_INFINITY)
})
