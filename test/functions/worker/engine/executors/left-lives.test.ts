import { expect, test } from 'vitest'
import { LeftLives } from '../../../../../functions/worker/engine/executors/left-lives.ts'
import { type Event, anew } from '../../../../../functions/worker/engine/executors/schedule.ts'

function life(index: number, untilMs: number | null, begins = true): Event {
  return { atMs: 0, index, life: 0, begins, untilMs }
}

test('at the end of its turn, a worker tells the next worker which users have left and which users have yet to begin a new life', () => {
  const lives = new LeftLives({ presence: { settle: () => undefined }, fleet: { pauses: [] } })
  lives.add('3-0')
  const waiting = [
    anew(life(5, null), 2),
    anew(life(6, 4_000), 2),
    anew(life(7, 3_000), 2),
    life(8, null),
    anew(life(9, 4_000, false), 2),
  ]
  expect(lives.carried(waiting, 3_000)).toEqual({ left: [3], anew: [5, 6] })
})
