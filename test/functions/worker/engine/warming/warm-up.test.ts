import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { warmUp } from '../../../../../functions/worker/engine/warming/warm-up.ts'

/** What keeps this process alive: servers, connections and timers, in the order of their kinds. */
function resources(): string[] {
  return process.getActiveResourcesInfo().toSorted()
}

test('a warm-up ends when its thread is needed, or after its longest time, and leaves no server, connection or timer', async () => {
  const before = resources()
  const needed = Promise.withResolvers<void>()
  let ended = false
  const warming = warmUp(needed.promise, { leastMs: 0, mostMs: 60_000 }).then(() => (ended = true))
  while (!resources().includes('TCPSocketWrap')) await turn()
  expect(ended).toBe(false)
  needed.resolve()
  await warming
  await warmUp(new Promise(() => undefined), { leastMs: 10, mostMs: 20 })
  while (resources().join() !== before.join()) await turn()
})
