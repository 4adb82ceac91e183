import type { Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { answered, goaway } from '../../../../../targets/raw/frame-target.ts'
import { Http2Tests } from './http2-tests.ts'
import { startExchanges, until } from './started-exchanges.ts'

const http2 = new Http2Tests()
afterEach(() => http2.end())

/** These bytes are not a valid frame, so node:http2 rejects them. */
const invalid = Buffer.alloc(50, 255)
const ends: Record<string, (socket: Socket) => void> = {
  'the first GOAWAY of a graceful shutdown': (socket) => {
    socket.write(goaway(0, 2 ** 31 - 1))
    setTimeout(() => socket.end(goaway(0, 1)), 20)
  },
  'a GOAWAY with an error': (socket) => void socket.write(goaway(2, 2 ** 31 - 1)),
  'a FIN without a GOAWAY': (socket) => void socket.end(),
  'a RST of TCP': (socket) => void socket.resetAndDestroy(),
  'an invalid frame': (socket) => void socket.write(invalid),
}

test.each(Object.keys(ends))(
  'if a POST begins just before or just after burst reads %s, the POST reaches the target once, on a new connection',
  async (name) => {
    const { target, begin, sent } = await startExchanges(http2)
    const reconnects: number[] = []
    for (let turns = 0; turns < 4; turns++) {
      expect(await begin().ended).toMatchObject({ error: null, status: 200, hops: 1 })
      // After a timer, the event loop reads from sockets before it writes requests.
      await sleep(1)
      const [socket] = target.sockets
      const before = target.received.length
      ends[name]?.(socket as Socket)
      for (let turn = 0; turn < turns; turn++) await nextTurn()
      const last = await begin().ended
      expect(last).toMatchObject({ error: null, status: 200, hops: 1 })
      expect(target.received.slice(before).map(({ connection }) => connection)).toEqual([2 * turns + 2])
      reconnects.push(last.reconnects)
      for (const one of target.sockets) one.end()
      await until(() => target.sockets.size === 0)
    }
    expect(reconnects[0]).toBe(1)
    expect([sent(), target.received.length]).toEqual([8, 8])
  },
)

test('if requests are cancelled while the target does not read, exactly the requests that the target later receives are counted as sent', async () => {
  let isReading = true
  const { target, begin, sent } = await startExchanges(http2, {
    answer: (request) => isReading && request.socket.write(answered(request)),
  })
  await begin().ended
  isReading = false
  const [socket] = target.sockets
  socket?.pause()
  // Together, these requests are larger than the buffers of the operating system.
  const first = Array.from({ length: 700 }, () => begin({ filler: 'x'.repeat(32_000) }))
  await until(() => sent() === 701)
  const later = Array.from({ length: 10 }, () => begin())
  await nextTurn()
  await nextTurn()
  for (const { exchange } of [...first, ...later]) exchange.cancel(new Error('given up'))
  const hops = await Promise.all(later.map(async ({ ended }) => (await ended).hops))
  expect(hops).toEqual(Array(10).fill(0))
  isReading = true
  socket?.resume()
  expect(await begin().ended).toMatchObject({ error: null, hops: 1 })
  expect([sent(), target.received.length]).toEqual([702, 702])
})
