import { expect, test } from 'vitest'
import { PartWriter, giveUpPart, readPart } from '../../../functions/worker/handover-parts.ts'
import type { Environment } from '../../../functions/ports.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

const change = { run: 'r1', slice: 3, atMs: 600_000 }

function placeOf(store: Environment['store'] = new MemoryStore()): Pick<Environment, 'store' | 'clock' | 'log'> {
  let nowMs = 0
  const sleep = async (ms: number): Promise<void> => void (nowMs += ms)
  return { store, clock: { nowMs: () => nowMs, sleep }, log: () => undefined }
}

test('a late worker stops writing hand-over parts when the next worker no longer waits for users', async () => {
  const place = placeOf()
  const refusals: string[] = []
  const writer = new PartWriter(place, change, 1_000)
  writer.write('first', () => refusals.push('first'))
  await writer.done()
  expect(await readPart(place, change, 0)).toBe('first')
  expect(await giveUpPart(place, change, 1)).toBeUndefined()
  writer.write('second', () => refusals.push('second'))
  writer.write('third', () => refusals.push('third'))
  await writer.done()
  expect(refusals).toEqual(['second'])
  expect(await readPart(place, change, 2)).toBeUndefined()
})

test('a hand-over part is accepted even if it arrives just before the next worker stops waiting', async () => {
  const place = placeOf()
  const writer = new PartWriter(place, change, 1_000)
  writer.write('in time', () => expect.unreachable())
  await writer.done()
  expect(await giveUpPart(place, change, 0)).toBe('in time')
})

test('a hand-over part counts as written if its write took effect, even if the store answered with an error', async () => {
  const memory = new MemoryStore()
  let failures = 1
  const store: Environment['store'] = {
    get: (key) => memory.get(key),
    list: (prefix) => memory.list(prefix),
    delete: (key) => memory.delete(key),
    put: async (key, body, condition) => {
      const etag = failures < 100 ? await memory.put(key, body, condition) : undefined
      if (failures-- > 0) throw new Error('the answer was lost')
      return etag
    },
  }
  const place = placeOf(store)
  const refusals: string[] = []
  const writer = new PartWriter(place, change, 1_000)
  writer.write('once', () => refusals.push('once'))
  await writer.done()
  failures = 1_000
  writer.write('never', () => refusals.push('never'))
  await writer.done()
  expect(refusals).toEqual(['never'])
  expect(await readPart(place, change, 0)).toBe('once')
})
