import pMap from 'p-map'
import { keys } from '../keys.ts'
import type { Store } from '../ports.ts'
import type { SliceWatch } from './losses/slice-watch.ts'

/** The body of a claim with which the coordinator blocks a late worker. */
export const blockedClaim = JSON.stringify({ by: 'coordinator' })

/** The number of keys in each page of a list from S3. */
const keysPerPage = 1000
/** The number of object reads that cost as much as one page of a list. */
const readsPerPage = 12

type Claimant = Pick<SliceWatch, 'slice' | 'attempt' | 'launched' | 'claimed'>

/**
 * Looks for the awaited claims. An entry in `watched` awaits its claim if `launched` is true and `claimed` is false. Returns the keys of the claims
 * that exist. The result may also contain keys of other claims. If the list of all claims has more than one page and only a few claims are awaited,
 * reads each awaited claim instead of the list. In this case, the list would cost more, because a run of several hours has tens of thousands of
 * claims.
 */
export async function claimsOf(store: Store, run: string, watched: readonly Claimant[]): Promise<Set<string>> {
  const awaited = watched.filter(({ launched, claimed }) => launched && !claimed)
  const pages = Math.ceil(watched.reduce((sum, { attempt }) => sum + attempt + 1, 0) / keysPerPage)
  if (pages <= 1 || awaited.length > pages * readsPerPage) return new Set(await store.list(keys.claims(run)))
  const sought = awaited.map(({ slice, attempt }) => keys.claim(run, slice, attempt))
  const found = await pMap(sought, async (key) => ((await store.get(key)) ? [key] : []), { concurrency: 16 })
  return new Set(found.flat())
}

interface FailedAttempt {
  slice: number
  attempt: number
  /** `true` if the invocation failed before it tried to claim its slice. */
  beforeClaim: boolean
}

/**
 * Finds the failed invocations that mean the loss of a worker. An invocation may be delivered twice. If one copy fails before it tries to claim the
 * slice, the other copy may run the slice.
 */
export class FailedCopies {
  readonly #store: Store
  readonly #run: string
  /** The claims that were read, by key. The value is `true` if a worker holds the claim. A claim never changes. */
  readonly #held = new Map<string, boolean>()

  constructor(store: Store, run: string) {
    this.#store = store
    this.#run = run
  }

  /**
   * Returns the failures that mean the loss of a worker. An invocation may be delivered twice. If one copy has claimed the slice, the failure of the
   * other copy is not returned.
   */
  async without<F extends FailedAttempt>(failed: readonly F[]): Promise<F[]> {
    const isOther = async (one: F): Promise<boolean> => one.beforeClaim && this.#isHeld(one)
    const others = await pMap(failed, isOther, { concurrency: 16 })
    return failed.filter((_, k) => !others[k])
  }

  async #isHeld({ slice, attempt }: FailedAttempt): Promise<boolean> {
    const key = keys.claim(this.#run, slice, attempt)
    const known = this.#held.get(key)
    if (known !== undefined) return known
    const claim = await this.#store.get(key)
    if (!claim) return false
    const isHeld = claim.body !== blockedClaim
    this.#held.set(key, isHeld)
    return isHeld
  }
}
