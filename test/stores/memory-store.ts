import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { PutCondition, Store, StoredObject } from '../../functions/ports.ts'

/** An object store in memory with the conditional writes of S3. Each call waits for a turn of the event loop, so that calls interleave. */
export class MemoryStore implements Store {
  readonly #objects = new Map<string, StoredObject>()

  async get(key: string): Promise<StoredObject | undefined> {
    await setImmediate()
    const found = this.#objects.get(key)
    return found && { ...found }
  }

  async put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
    await setImmediate()
    const found = this.#objects.get(key)
    if (condition && 'ifAbsent' in condition && found) return undefined
    if (condition && 'ifMatch' in condition && found?.etag !== condition.ifMatch) return undefined
    const etag = `"${createHash('md5').update(body).digest('hex')}"`
    this.#objects.set(key, { body, etag })
    return etag
  }

  async list(prefix: string): Promise<string[]> {
    await setImmediate()
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
  }

  async delete(key: string): Promise<void> {
    await setImmediate()
    this.#objects.delete(key)
  }
}
