import { Server } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { warmUp } from '../../../../../functions/worker/engine/warming/warm-up.ts'

afterEach(() => vi.restoreAllMocks())

/** Returns the servers and connections that this process has open. */
function sockets(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'))
}

test('a warm-up ends when its thread is needed or its time limit is reached, and leaves no server or connection', async () => {
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

test('if a warm-up fails or cannot close its server, its users end, and the run continues', async () => {
  const needed = Promise.withResolvers<void>()
  const failing = warmUp(needed.promise, { leastMs: 0, mostMs: 3_600_000 })
  while (!sockets().includes('TCPSocketWrap')) await turn()
  needed.reject(new Error('the thread cannot begin'))
  await failing
  while (sockets().length > 0) await turn()
  const stuck: Server[] = []
  vi.spyOn(Server.prototype, 'close').mockImplementation(function close(this: Server) {
    stuck.push(this)
    return this
  })
  await warmUp(Promise.resolve(), { leastMs: 10, mostMs: 20 })
  vi.restoreAllMocks()
  expect(stuck).toHaveLength(1)
  for (const server of stuck) server.close()
  while (sockets().length > 0) await turn()
})
