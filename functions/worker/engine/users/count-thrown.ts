import { isExhausted, isTaskEnd } from '../http/failure.ts'
import type { EngineFloor, FloorUser } from './context.ts'

/** Counts what a user's code threw. @returns whether it was an exception of that code, rather than an end that was counted already */
export function countThrown(floor: EngineFloor, user: FloorUser, thrown: unknown): boolean {
  if (isTaskEnd(thrown)) return false
  if (isExhausted(thrown)) {
    floor.recorder.window.users.exhausted++
    floor.notice((thrown as Error).message)
    floor.leaveEarly(user, true)
    return false
  }
  floor.harmed(user)
  floor.recorder.exception(thrown)
  return true
}
