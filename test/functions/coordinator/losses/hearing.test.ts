import { expect, test } from 'vitest'
import { encodeShardState } from '../../../../core/shard/shard-codec.ts'
import { mergeMessage } from '../../../../core/shard/shard-merge.ts'
import { newShardState } from '../../../../core/shard/shard.ts'
import { emptyWindow } from '../../../../core/window/window.ts'
import { Hearing } from '../../../../functions/coordinator/losses/hearing.ts'
import { keys } from '../../../../functions/keys.ts'
import { planOf } from '../../../fixtures/run.ts'
import { messageOf } from '../../../fixtures/windows.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'

/**
 * Returns a shard of two slices, into which the test merges messages. A worker counts as silent after 3 s (three windows of 1 s) without a message.
 */
function heardShard() {
  const plan = planOf({ windowMs: 1_000, flushMs: 1_000 })
  const store = new MemoryStore()
  const clock = { at: 0, nowMs: () => clock.at, sleep: () => Promise.resolve() }
  const hearing = new Hearing({ plan, env: { store, clock } })
  const state = newShardState(plan.run, 0)
  const sequences = [0, 0]
  const merge = async (atMs: number, ...slices: number[]): Promise<void> => {
    for (const slice of slices) {
      const sequence = sequences[slice] ?? 0
      sequences[slice] = sequence + 1
      mergeMessage(state, messageOf({ content: emptyWindow(), slice, sequence, window: 0, sentAt: atMs, final: false }))
    }
    clock.at = atMs
    await store.put(keys.shard(plan.run, 0), encodeShardState(state))
    await hearing.read(1)
  }
  return { merge, isSilent: (slice: number) => hearing.isSilent({ slice, shard: 0, attempt: 0 }, 0) }
}

test('a worker is silent when none of its messages is merged for three windows while its shard makes progress', async () => {
  const { merge, isSilent } = heardShard()
  await merge(1_000, 0, 1)
  for (const atMs of [2_000, 3_000, 4_000]) await merge(atMs, 1)
  expect(isSilent(0)).toBe(false)
  await merge(5_000, 1)
  expect([isSilent(0), isSilent(1)]).toEqual([true, false])
})

test('a worker does not count as silent if its messages are merged slightly late after its shard was frozen for 10 s', async () => {
  const { merge, isSilent } = heardShard()
  await merge(1_000, 0, 1)
  await merge(11_000, 1)
  expect(isSilent(0)).toBe(false)
  await merge(12_000, 0, 1)
  expect(isSilent(0)).toBe(false)
  for (const atMs of [13_000, 14_000, 15_000, 16_000]) await merge(atMs, 1)
  expect(isSilent(0)).toBe(true)
})
