import pMap from 'p-map'
import { keys } from '../keys.ts'
import type { Store } from '../ports.ts'
import type { SliceWatch } from './losses/slice-watch.ts'

/** S3 returns this many keys with each page of a list. */
const keysPerPage = 1000
/** A page of a list costs as much as this many reads of an object. */
const readsPerPage = 12

type Claimant = Pick<SliceWatch, 'slice' | 'attempt' | 'launched' | 'claimed'>

/**
 * Looks for claims that have not been found yet, of attempts that were launched. Returns the keys of the claims that exist, possibly with keys of
 * other claims. If only a few claims are awaited, they are read one by one. A run of hours has tens of thousands of claims, so a list of all claims
 * would cost more with each hour.
 */
export async function claimsOf(store: Store, run: string, watched: readonly Claimant[]): Promise<Set<string>> {
  const awaited = watched.filter(({ launched, claimed }) => launched && !claimed)
  const pages = Math.ceil(watched.reduce((sum, { attempt }) => sum + attempt + 1, 0) / keysPerPage)
  if (pages <= 1 || awaited.length > pages * readsPerPage) return new Set(await store.list(keys.claims(run)))
  const sought = awaited.map(({ slice, attempt }) => keys.claim(run, slice, attempt))
  const found = await pMap(sought, async (key) => ((await store.get(key)) ? [key] : []), { concurrency: 16 })
  return new Set(found.flat())
}
