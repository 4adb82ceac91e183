import { createHash } from 'node:crypto'
import type { PutCondition, Store, StoredObject } from '../../../functions/ports.ts'

/** An object store in memory that answers immediately. `FaultyPorts` delays its answers. */
export class InstantStore implements Store {
  readonly #objects = new Map<string, StoredObject>()
  readonly #watchers = new Map<string, (body: string) => void>()

  /** Calls `seen` with each body that is written to the object. */
  watch(key: string, seen: (body: string) => void): void {
    this.#watchers.set(key, seen)
  }

  has(key: string): boolean {
    return this.#objects.has(key)
  }

  /** Returns the length of each stored object, in characters. */
  sizes(): Map<string, number> {
    return new Map([...this.#objects].map(([key, { body }]) => [key, body.length]))
  }

  async get(key: string): Promise<StoredObject | undefined> {
    return this.#objects.get(key)
  }

  async put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
    const found = this.#objects.get(key)
    if (condition && ('ifAbsent' in condition ? found : found?.etag !== condition.ifMatch)) return undefined
    const etag = createHash('md5').update(body).digest('hex')
    this.#objects.set(key, { body, etag })
    this.#watchers.get(key)?.(body)
    return etag
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
  }

  async delete(key: string): Promise<void> {
    this.#objects.delete(key)
  }
}
