import { expect, test } from 'vitest'
import { studentBound } from '../../../core/compare/student.ts'

test('the bounds of the t distribution equal the values in published tables', () => {
  const table = [
    [0.95, 2, 4.303],
    [0.95, 5, 2.571],
    [0.95, 8, 2.306],
    [0.99, 13, 3.012],
    [0.95, 28, 2.048],
    [0.999, 9, 4.781],
    [0.999, 30, 3.646],
  ] as const
  for (const [level, freedom, bound] of table) expect(studentBound(level, freedom)).toBeCloseTo(bound, 3)
})
