import { expect, test } from 'vitest'
import { assignClasses } from '../../../../../core/plan/plan.ts'
import { Ranks } from '../../../../../functions/worker/engine/users/ranks.ts'
import { planOf } from '../../../../fixtures/run.ts'

const task = { name: 'go', weight: 1, tags: [] }
const classes = ['Buyer', 'Reader', 'Admin'].map((name) => ({ name, weight: 1, count: null, tags: [], tasks: [task] }))
const plan = planOf({ users: 9, classes })
const ranks = new Ranks(plan)
const nameOf = (index: number): string | undefined => classes[assignClasses(classes, 9)[index] ?? -1]?.name

/** Returns the users of the named classes. */
function usersOf(names: readonly string[]): number[] {
  return Array.from({ length: 9 }, (_, index) => index).filter((index) => names.includes(nameOf(index) ?? ''))
}

test('the n users of the named classes have the ranks 0 to n - 1, and a user that is added during the run has the rank n', () => {
  const names = ['Buyer', 'Admin']
  expect(usersOf(names).map((index) => ranks.of(index, names))).toEqual(
    [0, 1, 2, 3, 4, 5].map((rank) => ({ rank, of: 6 })),
  )
  expect(ranks.of(9, names)).toEqual({ rank: 6, of: 6 })
  expect(ranks.of(7, [])).toEqual({ rank: 7, of: 9 })
})

test('a user of a class that is not named has no rank, because with a rank the user would draw the same rows as another user', () => {
  for (const index of usersOf(['Reader'])) {
    expect(() => ranks.of(index, ['Buyer', 'Admin'])).toThrow(
      "a user of class Reader draws from unique({ users: ['Buyer', 'Admin'] }), which has rows only for users of these classes; add 'Reader' to the list, or use another feed",
    )
  }
})
