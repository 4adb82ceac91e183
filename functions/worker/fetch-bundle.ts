import { createHash } from 'node:crypto'
import { BurstError } from '../../core/errors.ts'
import { keys } from '../keys.ts'
import type { Store } from '../ports.ts'
import { type PlacedBundle, placeBundle } from '../files/temporary.ts'

/**
 * Checks the hash of the scenario's bundle and writes the bundle to a file.
 * @throws BurstError (97) when the bundle is not in the store, or when the stored bundle has a different hash
 */
export async function fetchBundle(hash: string, store: Store): Promise<PlacedBundle> {
  const stored = await store.get(keys.bundle(hash))
  if (!stored) throw new BurstError('runFailed', `the scenario's bundle ${hash.slice(0, 12)} is not in the store`)
  const found = createHash('sha256').update(stored.body).digest('hex')
  if (found !== hash)
    throw new BurstError(
      'runFailed',
      `the scenario's bundle has the hash ${found.slice(0, 12)} instead of ${hash.slice(0, 12)}`,
    )
  return placeBundle(stored.body)
}
