import type { FileStore } from '../../../cli/embedded/file-store.ts'

/**
 * The object `counter` contains a number. Uses compare-and-swap to add 1 to this number, until `times` additions have succeeded. An addition fails if
 * another writer has changed the object after the read.
 */
export async function count(store: FileStore, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const found = await store.get('counter')
    const etag = await store.put('counter', String(Number(found?.body) + 1), { ifMatch: found?.etag ?? '' })
    if (etag !== undefined) done++
  }
}
