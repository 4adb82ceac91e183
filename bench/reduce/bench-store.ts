import { FileStore } from '../../cli/embedded/file-store.ts'
import type { PutCondition, Store, StoredObject } from '../../functions/ports.ts'

/**
 * A store that counts reads and writes. It writes sealed windows to files, because all sealed windows together may take gigabytes. It keeps all other
 * objects in memory.
 */
export class BenchStore implements Store {
  readonly #files: FileStore
  readonly #objects = new Map<string, StoredObject>()
  #versions = 0
  /** The size, in characters, of the shard state that was written last. */
  stateSize = 0
  puts = 0
  gets = 0

  constructor(folder: string) {
    this.#files = new FileStore(folder)
  }

  async get(key: string): Promise<StoredObject | undefined> {
    this.gets++
    return key.includes('/windows/') ? this.#files.get(key) : this.#objects.get(key)
  }

  async put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
    this.puts++
    if (key.includes('/windows/')) return this.#files.put(key, body, condition)
    const found = this.#objects.get(key)
    if (condition && ('ifAbsent' in condition ? found : found?.etag !== condition.ifMatch)) return undefined
    if (key.includes('/shards/')) this.stateSize = body.length
    const etag = String(++this.#versions)
    this.#objects.set(key, { body, etag })
    return etag
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
  }

  async delete(key: string): Promise<void> {
    if (key.includes('/windows/')) return this.#files.delete(key)
    this.#objects.delete(key)
  }

  /** Writes the objects in memory into the folder, where another process can read them. */
  async flush(): Promise<void> {
    for (const [key, { body }] of this.#objects) await this.#files.put(key, body)
  }
}
