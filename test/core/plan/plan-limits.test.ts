import { expect, test } from 'vitest'
import { classOf, described, plan, refusal } from '../../fixtures/planning.ts'

const most = 16_384
const tooLong = 'x'.repeat(most + 1)

test('a run name of more than 16,384 characters is refused in a scenario and in an option', () => {
  const message = 'the name of the run has 16,385 characters'
  expect(refusal(described({ name: tooLong }))).toMatchObject({ message, hint: 'give at most 16,384' })
  expect(refusal(described(), { name: tooLong })).toMatchObject({ message, hint: 'give at most 16,384' })
  expect(plan(described({ name: 'x'.repeat(most) })).name).toHaveLength(most)
})

test('any other text or list that exceeds its limit in a stored plan is refused, and the error names the field of the plan', () => {
  expect(refusal(described({ classes: [classOf(tooLong, 1)] })).message).toBe(
    "'classes.0.name' in the plan has 16,385 characters",
  )
  expect(refusal(described(), { seed: tooLong }).message).toBe("'seed' in the plan has 16,385 characters")
  const thresholds = Array.from({ length: 10_001 }, () => 'p95 < 1s')
  expect(refusal(described({ thresholds })).message).toBe("'thresholds' in the plan has 10,001 entries")
})
