import type { WorkerEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { textOf } from './engine-thread.ts'

/**
 * Stores a file that a worker wrote for people: `worker-0.cpuprofile`, and `worker-0-1.cpuprofile` for the successor of worker 0. It is not
 * part of the result: a file that cannot be stored is logged, and the run goes on.
 */
export async function storeFile(
  { ending, text }: { ending: string; text: string },
  { event, env }: { event: WorkerEvent; env: Pick<Environment, 'store' | 'log'> },
): Promise<void> {
  const name = `worker-${event.slice}${event.attempt > 0 ? `-${event.attempt}` : ''}.${ending}`
  try {
    await env.store.put(keys.workerFile(event.run, name), text)
  } catch (error) {
    env.log('a file of a worker was not stored', { file: name, error: textOf(error) })
  }
}
