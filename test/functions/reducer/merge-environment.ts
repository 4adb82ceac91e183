import type { Environment, Store } from '../../../functions/ports.ts'
import { startAt } from '../../fixtures/run.ts'

/** Returns the environment of a reducer. The time in this environment is fixed, and queues and stages cannot be reached. */
export function mergeEnvironment(store: Store): Environment {
  const never = async (): Promise<never> =>
    Promise.reject(new Error('a reducer must not send messages or start stages'))
  return {
    store,
    queue: { send: never },
    invoker: { invoke: never, failed: never },
    clock: { nowMs: () => startAt, sleep: async () => undefined },
    build: 'build-1',
    remainingMs: () => 900_000,
    log: () => undefined,
  }
}
