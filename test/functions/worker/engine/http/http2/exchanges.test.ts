import { constants } from 'node:http2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestCell } from '../../../../../../core/window/window.ts'
import { type Answer2, type Http2Target, ok, startHttp2Target } from '../../../../../targets/http2-target.ts'
import { tlsFixture } from '../../../../../targets/tls-target.ts'
import { rowOf } from '../../counted.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL } = constants

const answer =
  (status: number, headers: Record<string, string | string[]>, body: string | Buffer = ''): Answer2 =>
  ({ stream }) => {
    stream.respond({ ':status': status, ...headers })
    stream.end(body)
  }
/** Calls `special` for the requests with these numbers, and answers all other requests normally. */
const onTurns =
  (turns: number[], special: Answer2): Answer2 =>
  (exchange) =>
    (turns.includes(exchange.turn) ? special : ok)(exchange)
const closing =
  (code: number): Answer2 =>
  ({ stream }) =>
    stream.close(code)
const largeBytes = 3_000_000

const answers: Record<string, Answer2> = {
  '/large': answer(200, { 'content-type': 'text/plain' }, Buffer.alloc(largeBytes, 'x')),
  '/cookies': answer(
    200,
    { 'set-cookie': ['a=1', 'b=2'], 'x-twice': ['1', '2'], ['__proto__']: 'y', constructor: 'z' },
    '{"ok":true}',
  ),
  '/redirect': answer(302, { location: '/target' }),
  '/missing': answer(404, {}, 'not here'),
  '/nothing': answer(204, {}),
  '/unchanged': answer(304, { 'content-length': '400' }),
  '/interim': ({ stream }) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>' })
    stream.respond({ ':status': 200 })
    stream.end('ok')
  },
  // Answers before the body of the request has arrived, and stops reading.
  '/early': ({ stream }) => {
    stream.pause()
    stream.respond({ ':status': 413 })
    stream.end('too large')
  },
  '/reset': closing(NGHTTP2_INTERNAL_ERROR),
  '/half': ({ stream }) => {
    stream.respond({ ':status': 200 })
    stream.write('half', () => stream.destroy(new Error('the target has a bug')))
  },
  '/short': answer(200, { 'content-length': '400' }, 'short'),
  '/refused': onTurns([1], closing(NGHTTP2_REFUSED_STREAM)),
  '/never-taken': closing(NGHTTP2_REFUSED_STREAM),
  '/silent': () => undefined,
  '/leaves': (exchange) => {
    ok(exchange)
    exchange.stream.on('close', () => exchange.session.close())
  },
  '/left-out': onTurns([1], ({ session, stream }) => session.goaway(NGHTTP2_NO_ERROR, (stream.id ?? 0) - 2)),
  '/goes-away': onTurns([2], ({ session }) => session.goaway(NGHTTP2_INTERNAL_ERROR)),
  '/dies': onTurns([2], ({ session }) => session.socket.destroy()),
  '/dies-posted': onTurns([2], ({ session }) => session.socket.destroy()),
}

const scenario = (host: string): string => `
import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async all() {
    await this.plain()
    await this.faults()
  }
  async plain() {
    const { http } = this
    const big = 'y'.repeat(300_000)
    await http.get('/get?a=1', { name: '/get', headers: { connection: 'keep-alive, X', 'keep-alive': '5', 'x-list': ['1', ' 2 '], te: 'gzip' } })
    await http.post('/post', { json: { a: 1 } })
    await http.post('/empty')
    await http.put('/put', { body: big })
    await http.post('/streamed', { body: function* () { yield 'one,'; yield 'two' } })
    await http.post('/multipart', { multipart: { a: '1', b: { content: big, filename: 'b.txt' } } })
    await http.head('/head')
    await http.delete('/delete', { headers: { host: 'shop.example' } })
    const cookies = await http.get('/cookies')
    this.record({ method: 'seen', name: cookies.headers.getSetCookie().join() + ' ' + ['x-twice', '__proto__', 'constructor', 'toString'].map((name) => cookies.headers.get(name)).join(), ms: 1 })
    await http.get('/redirect')
    await http.get('/missing')
    await http.get('/nothing').expect(204)
    await http.get('/unchanged')
    await http.get('/interim')
    this.record({ method: 'seen', name: 'large ' + (await http.get('/large').text()).length, ms: 1 })
    let streamed = 0
    for await (const chunk of http.stream('/large', { name: '/large as a stream' })) streamed += chunk.byteLength
    this.record({ method: 'seen', name: 'streamed ' + streamed, ms: 1 })
    for await (const chunk of http.stream('/large', { name: '/large left early' })) break
    await http.post('/early', { body: 'z'.repeat(8_000_000) })
  }
  async faults() {
    const { http } = this
    await http.get('/reset')
    await http.get('/half')
    await http.get('/short')
    await http.post('/refused', { body: 'x' })
    await http.post('/never-taken', { body: 'x' })
    await http.post('/silent', { body: 'x', timeout: '100ms' })
    await http.get('/leaves')
    await http.get('/before')
    await http.post('/left-out', { body: 'x' })
    for (let i = 0; i < 3; i++) await http.get('/dies')
    for (let i = 0; i < 3; i++) await http.post('/dies-posted', { body: 'x' })
    for (let i = 0; i < 3; i++) await http.post('/goes-away', { body: 'x' })
    await http.get('/closes', { connection: 'close' })
    await http.get('/closes', { connection: 'close' })
    await http.get('/last')
  }
}
export default scenario({ host: '${host}', users: [U], http2: true, tls: { ca: 'ca.pem' } })`

let target: Http2Target
let result: SliceRunResult
beforeAll(async () => {
  target = await startHttp2Target({ answers })
  result = await runSlice({
    scenario: scenario(target.origin),
    host: target.origin,
    files: { 'ca.pem': tlsFixture('ca.pem') },
    options: { users: 1, iterations: 1, runTimeMs: 60_000 },
  })
}, 90_000)
afterAll(() => target.close())

const row = (name: string): RequestCell => rowOf(result, name)
const at = (path: string): Http2Target['received'] => target.received.filter((one) => one.path.split('?')[0] === path)
const countsOf = (name: string): number[] => {
  const { requests, failures, exchanges, reconnects } = row(name)
  return [requests, failures, exchanges, reconnects, at(name).length]
}
const messageOf = (name: string): string[] =>
  [...result.window.errors.values()].filter((one) => one.name === name).map(({ kind, message }) => `${kind} ${message}`)

describe('over HTTP/2', () => {
  test('requests, bodies and headers arrive as they were sent, except connection-specific headers', () => {
    expect([...result.window.exceptions.keys()]).toEqual([])
    const [get] = at('/get')
    expect([get?.path, get?.headers['x-list'], get?.headers['connection'], get?.headers['te']]).toEqual([
      '/get?a=1',
      '1, 2',
      undefined,
      undefined,
    ])
    expect(get?.headers[':authority']).toBe(new URL(target.origin).host)
    expect(at('/post').map(({ body, headers }) => `${body.toString()} ${headers['content-length']}`)).toEqual([
      '{"a":1} 7',
    ])
    expect(at('/empty').map(({ headers }) => headers['content-length'])).toEqual(['0'])
    expect(at('/put').map(({ body }) => body.length)).toEqual([300_000])
    expect(at('/streamed').map(({ body, headers }) => `${body.toString()} ${headers['content-length']}`)).toEqual([
      'one,two undefined',
    ])
    expect(at('/multipart').map(({ body, headers }) => body.length === Number(headers['content-length']))).toEqual([
      true,
    ])
    expect(at('/delete').map(({ headers }) => headers[':authority'])).toEqual(['shop.example'])
    expect(at('/target').map(({ headers }) => headers['cookie'])).toEqual(['a=1; b=2'])
  })

  test('byte counts include only bodies, and every request that a target received counts as an exchange', () => {
    expect([row('/large').bytesIn, row('/large as a stream').bytesIn]).toEqual([largeBytes, largeBytes])
    const sizes = ['/post', '/put', '/streamed', '/multipart'].map((name) => row(name).bytesOut)
    expect(sizes).toEqual(['/post', '/put', '/streamed', '/multipart'].map((name) => at(name)[0]?.body.length))
    const seen = [...result.window.metrics.values()].map(({ name }) => name)
    expect(seen).toEqual(['a=1,b=2 1, 2,y,z,', `large ${largeBytes}`, `streamed ${largeBytes}`])
    expect(row('/early').bytesOut).toBeLessThan(8_000_000)
    for (const name of ['/get', '/empty', '/head', '/nothing', '/unchanged', '/interim']) {
      expect([name, ...countsOf(name)]).toEqual([name, 1, 0, 1, 0, 1])
    }
    expect(row('/redirect')).toMatchObject({ requests: 1, failures: 0, exchanges: 2 })
    expect(countsOf('/missing')).toEqual([1, 1, 1, 0, 1])
    expect(messageOf('/early')).toEqual(['status HTTP 413'])
    const rows = [...result.window.requests.values()]
    const sent = rows.reduce(
      (sum, { exchanges, interrupted, reconnects }) => sum + exchanges + interrupted + reconnects,
      0,
    )
    // The target refuses `/never-taken` twice. Both times count as exchanges, so the reconnect of this request is not counted in addition.
    expect(sent - row('/never-taken').reconnects).toBe(target.received.length)
  })

  test('if the target resets a stream, even in the middle of a body, the request fails', () => {
    expect(countsOf('/reset')).toEqual([1, 1, 1, 0, 1])
    expect(messageOf('/reset')).toEqual(['network INTERNAL_ERROR: the target ended the stream without a response'])
    const words = 'the target ended the stream before the body was complete'
    expect(messageOf('/half')).toEqual([`protocol INTERNAL_ERROR: ${words}`])
    expect(messageOf('/short')).toEqual(['protocol the body is not as long as content-length says'])
  })

  test('a request that the target has refused or not processed is sent again once, whatever its method', () => {
    expect(countsOf('/refused')).toEqual([1, 0, 1, 1, 2])
    expect(countsOf('/left-out')).toEqual([1, 0, 1, 1, 2])
    expect(at('/left-out')[1]?.connection).toBe((at('/left-out')[0]?.connection ?? 0) + 1)
    expect(countsOf('/never-taken')).toEqual([1, 1, 2, 1, 2])
    expect(messageOf('/never-taken')).toEqual([
      'network REFUSED_STREAM: the target ended the stream without a response',
    ])
  })

  test('a timeout ends only the stream of its request', () => {
    expect(countsOf('/silent')).toEqual([1, 1, 1, 0, 1])
    expect(messageOf('/silent')).toEqual(['timeout no complete answer within 100 ms'])
    expect(at('/silent')[0]?.aborted).toBe(NGHTTP2_CANCEL)
    expect(at('/leaves')[0]?.connection).toBe(at('/silent')[0]?.connection)
  })

  test('a connection that ends is replaced, and its requests in flight are sent again if a repetition is safe', () => {
    expect(countsOf('/leaves')).toEqual([1, 0, 1, 0, 1])
    expect(at('/left-out')[0]?.connection).toBe((at('/leaves')[0]?.connection ?? 0) + 1)
    expect(countsOf('/dies')).toEqual([3, 0, 3, 1, 4])
    expect(countsOf('/dies-posted')).toEqual([3, 1, 3, 0, 3])
    expect(messageOf('/dies-posted')).toEqual([
      expect.stringMatching(/^network .*closed by the target|reset by the target/),
    ])
    expect(countsOf('/goes-away')).toEqual([3, 1, 3, 0, 3])
    expect(messageOf('/goes-away')).toEqual(['network INTERNAL_ERROR: the target ended the connection'])
  })

  test("with connection: 'close' the connection ends after the response", () => {
    const [first, second, last] = [...at('/closes'), ...at('/last')].map(({ connection }) => connection)
    expect([second, last]).toEqual([(first ?? 0) + 1, (first ?? 0) + 2])
  })

  test('connections and streams are counted, and the phases of a connection belong to the request that opened the connection', () => {
    const [protocol, ...others] = [...result.window.protocols.values()]
    expect(others).toEqual([])
    expect(protocol).toEqual({
      target: target.origin,
      protocol: 'HTTP/2',
      connections: target.connections(),
      streams: target.received.length,
    })
    const connects = [...result.window.requests.values()].reduce(
      (sum, { connect, tls }) => sum + connect.count + tls.count,
      0,
    )
    expect(connects).toBe(2 * target.connections())
    expect(row('/get')).toMatchObject({
      connect: { count: 1 },
      tls: { count: 1 },
      firstByte: { count: 1 },
      body: { count: 1 },
    })
  })
})
