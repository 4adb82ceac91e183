import { expect, test } from 'vitest'
import { claimsOf } from '../../../functions/coordinator/claims.ts'
import { keys } from '../../../functions/keys.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

/** A store that counts the calls of `list`. */
class ListedStore extends MemoryStore {
  lists = 0
  override list(prefix: string): Promise<string[]> {
    this.lists++
    return super.list(prefix)
  }
}

test('in a run of several hours, the claims of a few attempts are found without listing all claims', async () => {
  const store = new ListedStore()
  const claims = Array.from({ length: 1500 }, (_, k) => keys.claim('r1', k % 100, Math.floor(k / 100)))
  for (const key of claims) await store.put(key, '')
  const watched = (attempt: number, awaited: readonly number[]) =>
    Array.from({ length: 100 }, (_, slice) => ({
      slice,
      attempt,
      launched: slice !== 97,
      claimed: !awaited.includes(slice),
    }))
  const found = new Set([98, 99].map((slice) => keys.claim('r1', slice, 14)))
  expect(await claimsOf(store, 'r1', watched(14, [97, 98, 99]))).toEqual(found)
  expect(await claimsOf(store, 'r1', watched(15, [98]))).toEqual(new Set())
  expect(store.lists).toBe(0)

  // The claims are listed if very many claims are awaited, because reading each of them would cost more than the list. The claims are also listed if
  // the list has at most one page.
  expect(
    await claimsOf(
      store,
      'r1',
      watched(
        14,
        Array.from({ length: 100 }, (_, slice) => slice),
      ),
    ),
  ).toEqual(new Set(claims))
  expect(await claimsOf(store, 'r1', watched(9, [98, 99]))).toEqual(new Set(claims))
  expect(store.lists).toBe(2)
})
