import { AsyncLocalStorage } from 'node:async_hooks'
import { type UserRuntime, marks, shared } from '../../../../core/authoring/runtime.ts'

const current = new AsyncLocalStorage<UserRuntime>()
const systemRandom = Math.random.bind(Math)

/** Runs a user's code. In this code, and in all functions that it calls, `csv(…).next()` and `Math.random()` draw for this user. */
export function asCurrentUser<T>(runtime: UserRuntime, body: () => T): T {
  return current.run(runtime, body)
}

/**
 * Lets the feeds and `Math.random` of this thread use the current user. If `Math.random` is called outside a user's code, its numbers differ from run
 * to run, and a notice says so.
 */
export function installCurrentUser(notice: (text: string) => void): void {
  shared[marks.currentRuntime] = () => current.getStore()
  Math.random = () => {
    const runtime = current.getStore()
    if (runtime) return runtime.random.next()
    notice('Math.random() was called outside the code of a user, so its numbers differ from run to run')
    return systemRandom()
  }
}
