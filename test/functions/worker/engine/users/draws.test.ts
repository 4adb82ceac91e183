import { expect, test } from 'vitest'
import { Draws } from '../../../../../functions/worker/engine/users/draws.ts'

const numbers = ({ random }: Draws): number[] => Array.from({ length: 5 }, () => random.next())

test('a user that continues in another process after k iterations draws the random numbers of iteration k + 1', () => {
  const [before, after] = [new Draws(7, 3, 0), new Draws(7, 3, 0)]
  before.turnTo(5)
  after.goOn(4, null)
  expect(numbers(after)).toEqual(numbers(before))
  expect(after.arrivalRank).toBeNull()
})

test('a pooled user that continues in another process does not repeat the random numbers of its last arrival', () => {
  const [before, after] = [new Draws(7, 3, 0), new Draws(7, 3, 0)]
  before.beArrival(12, 100)
  before.turnTo(4)
  after.goOn(4, before.arrival)
  expect(after.arrivalRank).toEqual({ rank: 12, of: 100 })
  const repeated = new Set(numbers(before))
  expect(numbers(after).filter((number) => repeated.has(number))).toEqual([])
})
