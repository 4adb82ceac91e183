import { expect, test } from 'vitest'
import { compareAndSwap } from '../../../functions/control/compare-and-swap.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

const place = { key: 'runs/r1/count', what: 'the count' }

function clockOf(): { pauses: number[]; clock: { nowMs: () => number; sleep: (ms: number) => Promise<void> } } {
  const pauses: number[] = []
  return { pauses, clock: { nowMs: () => 0, sleep: async (ms) => void pauses.push(ms) } }
}

test('no change is lost when many writers change the same object, and an unchanged object is not written', async () => {
  const store = new MemoryStore()
  const { clock } = clockOf()
  const add = async (): Promise<number> =>
    compareAndSwap({ store, clock }, place, (stored) => {
      const next = Number(stored?.body ?? 0) + 1
      return { body: String(next), written: () => next }
    })
  const counted = await Promise.all(Array.from({ length: 8 }, add))
  expect(counted.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  const before = await store.get(place.key)
  expect(await compareAndSwap({ store, clock }, place, (stored) => ({ unchanged: stored?.body }))).toBe('8')
  expect(await store.get(place.key)).toEqual(before)
})

test('a writer whose writes always conflict gives up after 50 attempts with growing pauses, and the error names the object', async () => {
  const { pauses, clock } = clockOf()
  const store = { get: async () => undefined, put: async () => undefined }
  const losing = compareAndSwap({ store, clock }, place, () => ({ body: '1', written: () => 1 }))
  await expect(losing).rejects.toThrow(
    'the count could not be changed in 50 attempts, because other processes changed it at the same time',
  )
  expect(pauses).toHaveLength(50)
  expect(Math.max(...pauses)).toBeGreaterThan(20)
})
