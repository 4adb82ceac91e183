import type { WorkerEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { textOf } from './engine-loaded.ts'

/** Stores the CPU profile of a worker. It is not part of the result: a profile that cannot be stored is logged, and the run goes on. */
export async function storeProfile(
  profile: string,
  { event, env }: { event: WorkerEvent; env: Pick<Environment, 'store' | 'log'> },
): Promise<void> {
  try {
    await env.store.put(keys.profile(event.run, event.slice, event.attempt), profile)
  } catch (error) {
    env.log('the CPU profile was not stored', { slice: event.slice, error: textOf(error) })
  }
}
