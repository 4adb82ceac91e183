import { expect, test } from 'vitest'
import { Beginning } from '../../../../cli/aws/running/beginning.ts'
import { decodeControl, encodeControl } from '../../../../core/fleet/control.ts'
import { keys } from '../../../../functions/keys.ts'
import { planOf, startAt } from '../../../fixtures/run.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'

const leaseMs = 100_000
const local = planOf({ backend: 'aws' })
const plan = { ...local, timing: { ...local.timing, leaseMs } }

/**
 * Waits until the coordinator of a new run has begun.
 * @param beginsMs the time at which the coordinator begins; undefined if it never begins
 * @returns the times at which the coordinator was invoked again, in milliseconds
 */
async function waited(beginsMs?: number): Promise<{ againMs: number[]; store: MemoryStore; error: unknown }> {
  const store = new MemoryStore()
  await store.put(keys.active('r1'), '')
  await store.put(keys.control('r1'), encodeControl({ v: 1, startAt, leaseUntil: startAt + leaseMs, stop: null }))
  const againMs: number[] = []
  let nowMs = startAt
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms
    if (beginsMs !== undefined && nowMs - startAt >= beginsMs) await store.put(keys.coordinator('r1'), '{}')
  }
  const invoke = async (stage: string, event: unknown): Promise<void> => {
    expect([stage, event]).toEqual(['coordinator', { run: 'r1' }])
    againMs.push(nowMs - startAt)
  }
  const beginning = new Beginning({ store, clock: { nowMs: () => nowMs, sleep }, invoke }, plan)
  const error = await beginning.wait().catch((caught: unknown) => caught)
  return { againMs, store, error }
}

test('if the coordinator begins within 20 s, burst does not invoke the coordinator again', async () => {
  expect(await waited(19_000)).toMatchObject({ againMs: [], error: undefined })
})

test('burst invokes the coordinator again every 20 s until the coordinator begins', async () => {
  expect(await waited(50_000)).toMatchObject({ againMs: [20_000, 40_000], error: undefined })
})

test('if the coordinator does not begin before its lease expires, burst marks the run as stopped and says what to look at', async () => {
  const { againMs, store, error } = await waited()
  expect(againMs).toEqual([20_000, 40_000, 60_000, 80_000])
  expect(error).toMatchObject({
    exitCode: 97,
    message: 'the coordinator of run r1 did not begin within 100 s',
    hint: expect.stringContaining('burst doctor'),
  })
  const control = await store.get(keys.control('r1'))
  expect(decodeControl(control?.body ?? '').stop).toMatchObject({ reason: 'the coordinator did not begin' })
  expect(await store.get(keys.active('r1'))).toBeUndefined()
})
