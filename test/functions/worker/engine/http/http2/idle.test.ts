import { afterEach, expect, test, vi } from 'vitest'
import { type FrameRequest, answered } from '../../../../../targets/raw/frame-target.ts'
import { Http2Tests } from './http2-tests.ts'

const http2 = new Http2Tests()
afterEach(async () => {
  vi.useRealTimers()
  await http2.end()
})

test('a connection closes after 60 s without a request, and a connection with a request in flight stays open', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  // The engine stores `setTimeout` and `clearTimeout` when its code is loaded. The test therefore loads this code again after it has installed the
  // fake timers.
  vi.resetModules()
  const { startExchanges, until } = await import('./started-exchanges.ts')
  const held: FrameRequest[] = []
  const answer = (request: FrameRequest): unknown =>
    held.length > 0 ? held.push(request) : request.socket.write(answered(request))
  const idle = await startExchanges(http2, { answer })
  const busy = await startExchanges(http2, { answer: (request) => held.push(request) })
  expect((await idle.begin().ended).error).toBe(null)
  const { ended } = busy.begin()
  await until(() => held.length === 1)
  await vi.advanceTimersByTimeAsync(59_999)
  expect([idle.target.sockets.size, busy.target.sockets.size]).toEqual([1, 1])
  await vi.advanceTimersByTimeAsync(1)
  await until(() => idle.target.sockets.size === 0)
  expect(busy.target.sockets.size).toBe(1)
  const [request] = held
  request?.socket.write(answered(request))
  expect((await ended).error).toBe(null)
  await vi.advanceTimersByTimeAsync(60_000)
  await until(() => busy.target.sockets.size === 0)
})
