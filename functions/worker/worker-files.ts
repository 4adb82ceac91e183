import type { WorkerEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { textOf } from './engine-thread.ts'

/** The files that a worker writes for people. The files arrive in pieces, and are stored when the worker ends. */
export class WorkerFiles {
  readonly #pieces = new Map<string, string[]>()

  add({ ending, text }: { ending: string; text: string }): void {
    const known = this.#pieces.get(ending) ?? []
    this.#pieces.set(ending, known)
    known.push(text)
  }

  /**
   * Stores the files. `workerFileName` matches their names. For example, the first worker of slice 0 stores `worker-0.cpuprofile`, and the successor
   * of this worker stores `worker-0-1.cpuprofile`. The files are not part of the result. If a file cannot be stored, only a log entry is written.
   */
  async store({ event, env }: { event: WorkerEvent; env: Pick<Environment, 'store' | 'log'> }): Promise<void> {
    for (const [ending, pieces] of this.#pieces) {
      const name = `worker-${event.slice}${event.attempt > 0 ? `-${event.attempt}` : ''}.${ending}`
      try {
        await env.store.put(keys.workerFile(event.run, name), pieces.join(''))
      } catch (error) {
        env.log('a file of a worker was not stored', { file: name, error: textOf(error) })
      }
    }
  }
}
