import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { uncompress } from 'snappyjs'
import { afterEach, expect, test } from 'vitest'
import { RemoteWrite } from '../../../../../cli/run/metrics/remote-write/remote-write.ts'
import { syntheticReport } from '../../../../fixtures/reports/synthetic-run.ts'
import { planOf, startAt } from '../../../../fixtures/run.ts'
import { MemoryStore } from '../../../../stores/memory-store.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

interface Received {
  headers: IncomingMessage['headers']
  /** The decompressed message, read as Latin-1. */
  text: string
}

/** Starts a remote-write receiver. `answer` answers one message; `k` is the number of this message, counted from 0. */
async function receiver(answer: (response: ServerResponse, k: number) => void) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ headers: request.headers, text: Buffer.from(uncompress(body)).toString('latin1') })
      answer(response, received.length - 1)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { received, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`) }
}

/** Starts a run that ends immediately, so that only its last values are sent. */
function written(url: URL, headers: Record<string, string> = {}) {
  const said: string[] = []
  const write = new RemoteWrite({ url, headers, say: (line) => said.push(line) })
  write.began({ plan: planOf(), store: new MemoryStore(), nowMs: () => startAt + 20_000 })
  return { write, said, ended: write.ended(syntheticReport({ seconds: 20 })) }
}

test('a message is sent again after status 503, after status 429 and after a lost connection, but not after status 400', async () => {
  const { received, url } = await receiver((response, k) => {
    const echo = `s3cret-token ${'é\n'.repeat(10_000)}`
    if (k === 0) response.writeHead(503, { 'retry-after': '1' }).end(echo)
    else if (k === 1) response.destroy()
    else if (k === 2) response.writeHead(429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }).end()
    else if (k === 3) response.writeHead(204).end()
    else response.writeHead(400).end(`out of order for Bearer s3cret-token`)
  })
  const { write, said, ended } = written(url, { authorization: 'Bearer s3cret-token', 'x-scope-orgid': 'team' })
  await ended
  await write.close()
  expect(received[0]?.headers).toMatchObject({
    authorization: 'Bearer s3cret-token',
    'x-scope-orgid': 'team',
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  })
  const [first, ...others] = received.map(({ text }) => text)
  expect(first).toContain('burst_requests_total')
  expect(others.slice(0, 3)).toEqual([first, first, first])
  // `others[3]` is the fifth request. This request contains the second message, with the stale markers.
  expect(others).toHaveLength(4)
  expect(others[3]).toContain('\x02\x00\x00\x00\x00\x00\xf0\x7f')
  expect(said).toEqual([
    expect.stringMatching(
      /^metrics: the remote-write receiver did not accept a message: status 503: \*\*\* (?:é )+é?$/,
    ),
    'metrics: the remote-write receiver answers again',
    'metrics: the remote-write receiver refused a message: status 400: out of order for ***',
    'metrics: the remote-write receiver refused 1 of 2 messages',
  ])
})

test('if a receiver redirects a message, the message counts as refused, and no other receiver gets the credentials', async () => {
  const other = await receiver((response) => response.end())
  const { url } = await receiver((response) => response.writeHead(307, { location: other.url.href }).end())
  const { write, said, ended } = written(url, { authorization: 'Bearer s3cret-token' })
  await ended
  await write.close()
  expect(other.received).toEqual([])
  expect(said).toEqual([
    'metrics: the remote-write receiver refused a message: status 307:',
    'metrics: the remote-write receiver refused 2 of 2 messages',
  ])
})

test('Ctrl-C ends the wait for a receiver that does not answer, even if Ctrl-C comes before the first message is sent', async () => {
  const { received, url } = await receiver(() => undefined)
  const line = 'metrics: the remote-write receiver did not accept the last counts'
  const first = written(url)
  await expect.poll(() => received.length).toBe(1)
  process.emit('SIGINT')
  await first.ended
  await first.write.close()
  expect(first.said).toEqual([line])
  const handlers = process.listenerCount('SIGINT')
  const early = written(url)
  expect(process.listenerCount('SIGINT')).toBe(handlers + 1)
  process.emit('SIGINT')
  await early.ended
  await early.write.close()
  expect(early.said).toEqual([line])
  expect(process.listenerCount('SIGINT')).toBe(handlers)
})

test('even if a read of the store never ends, the last counts are sent, and the run ends', async () => {
  const { received, url } = await receiver((response) => response.writeHead(204).end())
  let reads = 0
  const store = Object.assign(new MemoryStore(), {
    get: async () => {
      reads++
      return new Promise<never>(() => undefined)
    },
  })
  const said: string[] = []
  const write = new RemoteWrite({ url, headers: {}, say: (line) => said.push(line) })
  write.began({ plan: planOf(), store, nowMs: () => startAt + 20_000 })
  await expect.poll(() => reads).toBe(1)
  await write.ended(syntheticReport({ seconds: 20 }))
  await write.close()
  expect(received.map(({ text }) => text.includes('burst_requests_total'))).toEqual([true, true])
  expect(said).toEqual([])
})
