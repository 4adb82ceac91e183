import { isExhausted, isTaskEnd } from '../http/failure.ts'
import type { UserRuntime } from '../../../../core/authoring/runtime.ts'
import { wordsOf } from '../counting/thrown.ts'
import type { EngineContext, RunningUser } from './context.ts'

/**
 * Counts a value that a user's code threw.
 * @returns whether the value counts as an exception. Two kinds of errors do not count as exceptions: an error that only ends a task (see `TaskEnd`),
 * and the error of a feed that has no more rows for the user. After the error of a feed, the user counts as exhausted and ends.
 */
export function countThrown(context: EngineContext, user: RunningUser & UserRuntime, thrown: unknown): boolean {
  if (isTaskEnd(thrown)) return false
  if (isExhausted(thrown)) {
    context.recorder.countUsers('exhausted')
    context.notice((thrown as Error).message)
    context.leaveEarly(user, true)
    return false
  }
  context.harm.meet(user)
  context.recorder.exception(thrown)
  context.events?.tell(
    { type: 'exception', user: user.index, class: user.userClass.name, message: wordsOf(thrown) },
    user,
  )
  return true
}
