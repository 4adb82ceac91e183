import { expect, test } from 'vitest'
import { totalsOf } from '../../../../core/window/totals.ts'
import { type Keeping, WindowReader } from '../../../../functions/coordinator/measuring/window-reader.ts'
import { attemptOf, longPlan, reduced, stateOf, storeFor } from '../../archives/long-run.ts'
import { mergeEnvironment } from '../../reducer/merge-environment.ts'

interface Count {
  requests: number
}

const counting: Keeping<Count> = {
  none: () => ({ requests: 0 }),
  of: (window) => totalsOf(window),
  add: (into, from) => void (into.requests += from.requests),
}

test('if windows were archived before all workers had reported, these windows are read from the archives', async () => {
  const turns = 12
  const plan = longPlan(turns)
  const store = await storeFor(plan)
  const messages = Array.from({ length: turns * 4 }, (_, k) => attemptOf(k % 4, Math.floor(k / 4))).flat()
  await reduced(store, plan, messages)
  const state = await stateOf(store)
  const lastArchived = Math.max(...state.archives.map(({ lastWindow }) => lastWindow))
  expect(lastArchived).toBeGreaterThan(0)

  const reader = new WindowReader(mergeEnvironment(store), counting, 0)
  reader.see(state)
  expect(await reader.take(() => false)).toBeUndefined()
  const all = await taken(reader)
  expect(all.reduce((sum, { evidence }) => sum + (evidence?.requests ?? Number.NaN), 0)).toBe(2 * messages.length)

  await store.delete(state.archives[0]?.key ?? '')
  const other = new WindowReader(mergeEnvironment(store), counting, 0)
  other.see(state)
  const unread = (await taken(other)).filter(({ evidence }) => evidence === undefined)
  expect(unread[0]?.from).toBe(0)
  expect(unread.at(-1)?.to).toBe(lastArchived)
})

/** Takes all windows up to the last window of the reader, and returns the results. */
async function taken(reader: WindowReader<Count>) {
  const { last = -1 } = reader
  const all: { from: number; to: number; evidence: Count | undefined }[] = []
  for (let next = await reader.take(isTold); next; next = await reader.take(isTold)) all.push(next)
  function isTold(window: number): boolean {
    return window <= last
  }
  return all
}
