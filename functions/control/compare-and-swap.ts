import { BurstError } from '../../core/errors.ts'
import type { Clock, Store, StoredObject } from '../ports.ts'

/** The maximum number of attempts. In a run, a few conflicts between writers are normal. Many conflicts indicate a fault. */
const mostTries = 50

/**
 * A change of an object. `body` is the new content, and `written` returns the result after the write. If `unchanged` is given, the object is not
 * written, and the result is the value of `unchanged`.
 */
export type Change<T> = { body: string; written: (etag: string) => T } | { unchanged: T }

/**
 * Changes an object by read-modify-write. Writes the object only if the object has not changed since the read. Otherwise, reads and changes the
 * object again after a growing pause. A retry library is not used, because the pauses must use the stage's own clock.
 * @param what names the object in the message
 * @throws BurstError (97) when 50 attempts failed because other processes wrote the object at the same time
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
  throw new BurstError(
    'runFailed',
    `${what} could not be changed in ${mostTries} attempts, because other processes changed it at the same time`,
  )
}
