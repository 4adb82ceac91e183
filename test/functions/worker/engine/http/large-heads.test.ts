import { createServer } from 'node:http2'
import { afterEach, expect, test } from 'vitest'
import { type RawAnswer, answerOf, startRawTarget } from '../../../../targets/raw/raw-target.ts'
import { ended, listening } from '../../../../targets/server.ts'
import { runSlice } from '../../slice-run.ts'
import { failuresOf, rowOf } from '../counted.ts'

const clean: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(clean.splice(0).map((end) => end()))
})

const tooLong = 'the headers of the response have more than 128 KiB'
const options = { users: 1, iterations: 1, runTimeMs: 60_000 }

/** Returns `kib` header lines. Each line has 1 KiB. */
const lines = (kib: number): string[] => Array.from({ length: kib }, (_, at) => `X-Long-${at}: `.padEnd(1022, 'x'))

test('over HTTP/1.1, the headers of a response may have up to 128 KiB, even if the response refuses a WebSocket connection', async () => {
  const refusal = `HTTP/1.1 403 Forbidden\r\n${lines(100).join('\r\n')}\r\nContent-Length: 0\r\n\r\n`
  const answers: Record<string, RawAnswer> = {
    '/long': (_, socket) => socket.write(answerOf('ok', ...lines(120))),
    '/cookies': (_, socket) =>
      socket.write(answerOf('ok', ...Array.from({ length: 1000 }, (__, at) => `Set-Cookie: c${at}=${at}`))),
    '/too-long': (_, socket) => socket.write(answerOf('ok', ...lines(130))),
    '/socket': (_, socket) => socket.write(refusal),
    '/socket-too-long': (_, socket) => socket.write(refusal.replace('X-Long-0', `${lines(30).join('\r\n')}\r\nX-Long`)),
  }
  const target = await startRawTarget(answers)
  clean.push(() => target.close())
  const result = await runSlice({
    host: target.origin,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async all() {
    for (const path of ['/long', '/cookies', '/too-long']) await this.http.get(path)
    for (const path of ['/socket', '/socket-too-long']) await this.ws(path).catch(() => undefined)
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    options,
  })
  for (const name of ['/long', '/cookies']) expect([name, failuresOf(result, name)]).toEqual([name, []])
  expect(failuresOf(result, '/too-long')).toEqual([`protocol: UND_ERR_HEADERS_OVERFLOW: ${tooLong}`])
  expect(failuresOf(result, '/socket')).toEqual(['status: HTTP 403'])
  expect(failuresOf(result, '/socket-too-long')).toEqual([`protocol: HPE_HEADER_OVERFLOW: ${tooLong}`])
})

test('over HTTP/2, a response may have as many headers as over HTTP/1.1, and a request whose response has too long a head fails with the same message as over HTTP/1.1', async () => {
  const heads: Record<string, Record<string, string | string[]>> = {
    '/first': {},
    '/cookies': { 'set-cookie': Array.from({ length: 1000 }, (_, at) => `c${at}=${at}`) },
    '/many': Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x-${at}`, 'y'.repeat(150)])),
    '/too-many': { 'set-cookie': Array.from({ length: 5000 }, (_, at) => `c${at}=${at}`) },
    '/too-long': Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x-${at}`, '?'.repeat(1024)])),
  }
  const target = createServer({ maxSendHeaderBlockLength: 2 ** 24 }, (request, response) => {
    response.stream.on('error', () => undefined)
    response.writeHead(200, heads[request.url]).end('ok')
  })
  const origin = await listening(target)
  clean.push(() => ended(target))
  const result = await runSlice({
    host: origin,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async all() {
    for (const path of ${JSON.stringify(Object.keys(heads))}) await this.http.get(path)
  }
}
export default scenario({ host: '${origin}', users: [U], http2: true })`,
    options,
  })
  for (const name of ['/first', '/cookies', '/many']) expect([name, failuresOf(result, name)]).toEqual([name, []])
  for (const name of ['/too-many', '/too-long']) {
    expect([name, failuresOf(result, name)]).toEqual([name, [`protocol: ${tooLong}`]])
    expect(rowOf(result, name)).toMatchObject({ requests: 1, exchanges: 1, reconnects: 0 })
  }
})
