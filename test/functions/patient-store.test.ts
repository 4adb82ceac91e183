import { describe, expect, test } from 'vitest'
import { BurstError } from '../../core/errors.ts'
import { patientStore } from '../../functions/patient-store.ts'
import type { Store } from '../../functions/ports.ts'
import { MemoryStore } from '../stores/memory-store.ts'

/**
 * Returns a store whose first `times` calls fail, and a clock that moves only during a sleep. If `done` is true, each of these calls takes effect
 * before it fails.
 */
function troubled(times: number, { done = false, error = new Error('503 Slow Down'), untilMs = 0 } = {}) {
  const inner = new MemoryStore()
  const seen = { calls: 0, failed: 0, nowMs: 0 }
  const tried = async <T>(call: () => Promise<T>): Promise<T> => {
    const fails = seen.calls++ < times
    if (fails && !done) throw error
    const result = await call()
    if (fails) throw error
    return result
  }
  const store: Store = {
    get: async (key) => tried(async () => inner.get(key)),
    put: async (key, body, condition) => tried(async () => inner.put(key, body, condition)),
    list: async (prefix) => tried(async () => inner.list(prefix)),
    delete: async (key) => tried(async () => inner.delete(key)),
  }
  const clock = { nowMs: () => seen.nowMs, sleep: async (ms: number) => void (seen.nowMs += ms) }
  const patient = patientStore(
    { store, clock, log: () => undefined },
    { failed: () => void seen.failed++, untilMs: () => untilMs },
  )
  return { inner, patient, seen }
}

describe('a store that fails for a short time', () => {
  test('a failed call to the store is repeated until it succeeds, and `failed` is called for each failure', async () => {
    const { patient, seen } = troubled(3)
    expect(await patient.put('a', 'x', { ifAbsent: true })).toBeDefined()
    expect((await patient.get('a'))?.body).toBe('x')
    expect(await patient.list('')).toEqual(['a'])
    expect(seen.failed).toBe(3)
  })

  test('a conditional write that took effect counts as successful, even if the store answered with an error', async () => {
    const { patient, inner } = troubled(1, { done: true })
    const etag = await patient.put('a', 'x', { ifAbsent: true })
    expect(etag).toBe((await inner.get('a'))?.etag)
    const replaced = await troubledReplace()
    expect(replaced.etag).toBe(replaced.stored?.etag)
    expect(replaced.stored?.body).toBe('y')
  })

  test('when a conditional write is repeated after an error, the repetition fails if another writer has written the object first', async () => {
    const { patient, inner } = troubled(1)
    await inner.put('a', 'of another one')
    expect(await patient.put('a', 'x', { ifAbsent: true })).toBeUndefined()
  })

  test.each([
    ['for too long', Number.POSITIVE_INFINITY, new Error('503 Slow Down'), { untilMs: 0, afterMs: 8_000 }],
    [
      'until the given time',
      Number.POSITIVE_INFINITY,
      new Error('503 Slow Down'),
      { untilMs: 60_000, afterMs: 60_000 },
    ],
    [
      'for a permanent reason',
      1,
      new BurstError('runFailed', 'AWS denies s3:PutObject'),
      { untilMs: 60_000, afterMs: 0 },
    ],
  ])('a call is given up when the store fails %s', async (_, times, error, { untilMs, afterMs }) => {
    const { patient, seen } = troubled(times, { error, untilMs })
    await expect(patient.put('a', 'x')).rejects.toThrow(error.message)
    expect(seen.nowMs).toBeLessThanOrEqual(afterMs)
    expect(seen.nowMs).toBeGreaterThanOrEqual(afterMs / 2)
  })
})

async function troubledReplace() {
  const { patient, inner } = troubled(1, { done: true })
  const before = (await inner.put('a', 'x')) ?? ''
  const etag = await patient.put('a', 'y', { ifMatch: before })
  return { etag, stored: await inner.get('a') }
}
