import { BurstError } from '../core/errors.ts'
import type { Clock, Store, StoredObject } from './ports.ts'

/** Another writer wins a few times in a run; losing more often is a fault. */
const mostTries = 50

/** The next content of an object and the result of writing it, or the result alone when the object stays as it is. */
export type Change<T> = { body: string; written: (etag: string) => T } | { unchanged: T }

/**
 * Changes an object by read-modify-write: it is written only if it is as it was read, else it is read and changed again, after a pause that
 * grows. The pauses are the clock's of the stage, which a library for retries does not know.
 * @param what names the object in the message
 * @throws BurstError (97) when others wrote it 50 times meanwhile
 */
export async function compareAndSwap<T>(
  { store, clock }: { store: Pick<Store, 'get' | 'put'>; clock: Clock },
  { key, what }: { key: string; what: string },
  change: (stored: StoredObject | undefined) => Change<T> | Promise<Change<T>>,
): Promise<T> {
  for (let tries = 0; tries < mostTries; tries++) {
    const stored = await store.get(key)
    const next = await change(stored)
    if ('unchanged' in next) return next.unchanged
    const etag = await store.put(key, next.body, stored ? { ifMatch: stored.etag } : { ifAbsent: true })
    if (etag !== undefined) return next.written(etag)
    await clock.sleep(10 + Math.random() * 10 * tries)
  }
  throw new BurstError('runFailed', `others wrote ${what} ${mostTries} times while it was being changed`)
}
