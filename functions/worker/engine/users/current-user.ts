import { AsyncLocalStorage } from 'node:async_hooks'
import { type Seat, marks, meeting } from '../../../../core/authoring/runtime.ts'

const current = new AsyncLocalStorage<Seat>()
const systemRandom = Math.random.bind(Math)

/** Runs a user's code so that `csv(…).next()` and `Math.random()` in it, however deep, know whose code it is. */
export function asCurrentSeat<T>(seat: Seat, body: () => T): T {
  return current.run(seat, body)
}

/** Gives feeds and `Math.random` of this thread the present user. Outside of a user `Math.random` is not repeatable, and that is said. */
export function installCurrentSeat(notice: (text: string) => void): void {
  meeting[marks.currentSeat] = () => current.getStore()
  Math.random = () => {
    const seat = current.getStore()
    if (seat) return seat.random.next()
    notice('Math.random() was called outside of a user: those numbers differ from run to run')
    return systemRandom()
  }
}
