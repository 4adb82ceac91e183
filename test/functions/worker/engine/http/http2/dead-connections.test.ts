import { connect, createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type FrameRequest, answered, mostStreams } from '../../../../../targets/raw/frame-target.ts'
import { ended, listening } from '../../../../../targets/server.ts'
import { runSlice } from '../../../slice-run.ts'
import { Http2Tests, files, once, told } from './http2-tests.ts'
import { startExchanges, until } from './started-exchanges.ts'

const http2 = new Http2Tests()
afterEach(() => http2.end())

test('after a timeout on a connection that receives no bytes, later requests use a new connection', async () => {
  const unanswered: FrameRequest[] = []
  const { begin, sent, target } = await startExchanges(http2, {
    answer: (request) => {
      if (request.connection === 1 && target.received.length > 1) unanswered.push(request)
      else request.socket.write(answered(request))
    },
  })
  const connections = (): number[] => target.received.map(({ connection }) => connection)
  expect((await begin().ended).error).toBe(null)
  const given = begin()
  const early = begin()
  await until(() => unanswered.length === 2)
  early.exchange.cancel(new Error('timeout'))
  const kept = begin()
  await until(() => unanswered.length === 3)
  expect(connections()).toEqual([1, 1, 1, 1])
  await until(() => performance.now() - given.exchange.sentMs > 2100)
  given.exchange.cancel(new Error('timeout'))
  expect(await begin().ended).toMatchObject({ error: null, hops: 1 })
  expect(connections()).toEqual([1, 1, 1, 1, 2])
  const [, , last] = unanswered
  last?.socket.write(answered(last))
  expect(await kept.ended).toMatchObject({ error: null, status: 200 })
  await until(() => target.sockets.size === 1)
  expect(sent()).toBe(5)
})

test('while the target refuses a second connection, requests wait for the open connection, and fail if there is no open connection', async () => {
  const unanswered: FrameRequest[] = []
  const { begin, sent, target } = await startExchanges(http2, {
    limits: { http1: 9, http2: 9 },
    settings: mostStreams(1),
    answer: (request) => unanswered.push(request),
  })
  const first = begin()
  await until(() => unanswered.length === 1)
  target.refuse()
  const all = [first, begin(), begin(), begin()]
  for (let at = 0; at < all.length; at++) {
    await until(() => unanswered.length === at + 1)
    const request = unanswered[at] as FrameRequest
    request.socket.write(answered(request))
    expect(await all[at]?.ended).toMatchObject({ error: null, status: 200, hops: 1 })
  }
  for (const one of target.sockets) one.end()
  await until(() => target.sockets.size === 0)
  const failed = await Promise.all([begin().ended, begin().ended])
  expect(failed).toMatchObject([{ error: { code: 'ECONNREFUSED' } }, { error: { code: 'ECONNREFUSED' } }])
  expect([sent(), target.received.length]).toEqual([4, 4])
})

test('once the stream limit of a connection is known, all connections that the waiting requests need are opened at the same time', async () => {
  const held: FrameRequest[] = []
  const { begin, target } = await startExchanges(http2, {
    limits: { http1: 9, http2: 9 },
    settings: mostStreams(2),
    // Before the SETTINGS of a connection have arrived, the limit of the connection is not known.
    begins: (connection) => connection === 1 || target.sockets.size === 4,
    answer: (request) => held.push(request),
  })
  const all = Array.from({ length: 8 }, () => begin())
  await until(() => held.length === 8)
  expect(held.map(({ connection }) => connection).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
  for (const request of held) request.socket.write(answered(request))
  expect((await Promise.all(all.map(({ ended }) => ended))).map(({ error }) => error)).toEqual(all.map(() => null))
})

test('if a connection is reset while it is being opened, one request fails, and the other waiting requests get the next connection', async () => {
  const target = await http2.start()
  let connections = 0
  const front = createServer((socket) => {
    if (++connections === 1) {
      socket.resetAndDestroy()
      return
    }
    const onward = connect(Number(new URL(target.origin).port), '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const one of [socket, onward]) one.on('error', () => one.destroy())
  })
  const { port } = new URL(await listening(front))
  http2.clean.push(() => ended(front))
  const origin = `https://localhost:${port}`
  const result = await runSlice({
    host: origin,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() { await this.http.get('/') }
}
export default scenario({ host: '${origin}', users: [U], http2: true, connections: 'shared', tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 8 },
  })
  expect(told(result)).toEqual([expect.stringMatching(/^network \/ 1: ECONNRESET/)])
  const cell = result.window.requests.get('GET /')
  expect([cell?.requests, cell?.exchanges, target.received.length]).toEqual([8, 7, 7])
})
