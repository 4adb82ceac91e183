import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { warmUp } from '../../../../../functions/worker/engine/warming/warm-up.ts'

/** The servers and connections of this process. */
function sockets(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'))
}

test('a warm-up ends when its thread is needed, or after its longest time, and leaves no server or connection', async () => {
  const needed = Promise.withResolvers<void>()
  let ended = false
  const warming = warmUp(needed.promise, { leastMs: 0, mostMs: 3_600_000 }).then(() => (ended = true))
  while (!sockets().includes('TCPSocketWrap')) await turn()
  expect(ended).toBe(false)
  needed.resolve()
  await warming
  await warmUp(new Promise(() => undefined), { leastMs: 10, mostMs: 20 })
  while (sockets().length > 0) await turn()
})
