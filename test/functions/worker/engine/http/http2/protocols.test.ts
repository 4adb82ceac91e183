import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { oneProxy } from '../../../../../../core/hosts/network.ts'
import { ended, listening } from '../../../../../targets/server.ts'
import { startProxy } from '../../../../../targets/proxy.ts'
import { answerOf, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { startTlsTarget, tlsFixture } from '../../../../../targets/tls-target.ts'
import { runSlice } from '../../../slice-run.ts'
import { Http2Tests, files, once, spoken, told } from './http2-tests.ts'

const http2 = new Http2Tests()
afterEach(() => http2.end())

test("if http2 is 'auto', the target chooses the protocol; if http2 is true and the target does not speak HTTP/2, all requests fail with the same message", async () => {
  const [both, old] = await Promise.all([
    http2.start({ allowHTTP1: true }),
    startTlsTarget({ cert: tlsFixture('server.pem'), key: tlsFixture('server.key') }),
  ])
  const plain = await startRawTarget({ '*': (_, socket) => socket.write(answerOf('ok')) })
  http2.clean.push(old.close, () => plain.close())
  const result = await runSlice({
    host: both.origin,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class Base extends HttpUser {
  async all(name) {
    const { http } = this
    await http.get('/' + name, { name: '/both' })
    await Promise.all(['a', 'b', 'c'].map((one) => http.get('${old.origin}/' + name + one, { name: '/old' })))
    await http.get('${old.origin}/' + name + 'd', { name: '/old' })
    await http.get('${plain.origin}/' + name, { name: '/plain' })
  }
}
class Auto extends Base {
  static http2 = 'auto'
  static count = 1
  @task go() { return this.all('auto') }
}
class Only extends Base {
  static http2 = true
  static count = 1
  @task go() { return this.all('only') }
}
class Never extends Base {
  static count = 1
  @task go() { return this.all('never') }
}
export default scenario({ host: '${both.origin}', users: [Auto, Only, Never], http2: false, tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 3 },
  })
  expect(told(result)).toEqual([`protocol /old 4: ${notHttp2}`, `protocol /plain 1: ${notHttp2}`])
  expect(both.received.map(({ path }) => path).toSorted()).toEqual(['/auto', '/only'])
  expect(both.http1).toEqual(['GET /never'])
  expect(old.received).toHaveLength(8)
  // One connection detects the protocol, and two more connections serve the other requests.
  expect(spoken(result)).toEqual(
    [`HTTP/1.1 ${old.origin} 3 0`, `HTTP/1.1 ${plain.origin} 1 0`, `HTTP/2 ${both.origin} 2 2`].toSorted(),
  )
  expect(result.window.requests.get('GET /both')).toMatchObject({ exchanges: 3, connect: { count: 3 } })
})

/** Returns a frame (RFC 9113 §4.1), with a string or numbers as its payload. */
function frame(type: number, flags: number, stream: number, content: string | number[] = ''): Buffer {
  const payload = Buffer.from(content as string)
  const head = Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream])
  return Buffer.concat([head, payload])
}
const settings = frame(4, 0, 0)
const status200 = (stream: number): Buffer => frame(1, 4, stream, [0x88])

test('a request fails if its stream ends before the body is complete or if the target sends bytes that are not HTTP/2', async () => {
  const quiet = frame(3, 0, 1, [0, 0, 0, 0])
  const answers = [
    Buffer.concat([settings, status200(1), frame(0, 0, 1, 'half'), quiet]),
    Buffer.concat([settings, status200(1), frame(0, 0, 1, 'half')]),
    Buffer.concat([settings, frame(1, 4, 1, [0xff, 0xff, 0xff])]),
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    Buffer.alloc(0),
  ]
  const servers = answers.map((bytes) =>
    createServer((socket) => socket.once('data', () => socket.end(bytes)).on('error', () => undefined)),
  )
  const origins = await Promise.all(servers.map((one) => listening(one)))
  http2.clean.push(...servers.map((server) => () => ended(server)))
  const result = await runSlice({
    host: origins[0] as string,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    for (const [i, origin] of ${JSON.stringify(origins)}.entries()) await this.http.get(origin + '/', { name: String(i) })
  }
}
export default scenario({ host: '${origins[0]}', users: [U], http2: true })`,
    options: once,
  })
  expect(told(result)).toEqual([
    'network 4 1: connection closed by the target',
    'protocol 0 1: NO_ERROR: the target ended the stream before the body was complete',
    'protocol 1 1: the target closed the connection before the body was complete',
    'protocol 2 1: invalid HTTP/2 (Protocol error)',
    `protocol 3 1: ${notHttp2}`,
  ])
})

const notHttp2 = "the target does not speak HTTP/2, which http2: true requires; http2: 'auto' also accepts HTTP/1.1"

test('each user has a separate client certificate; if a certificate is missing, the error says that the target requires a client certificate', async () => {
  const certificates = ['client-0.pem', 'client-0.key', 'client-1.pem', 'client-1.key']
  const target = await http2.start({ ca: tlsFixture('ca.pem') })
  const result = await runSlice({
    host: target.origin,
    files: { ...files, ...Object.fromEntries(certificates.map((name) => [name, tlsFixture(name)])) },
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  static count = 2
  async onStart() {
    this.http.tls = [{ cert: 'client-0.pem', key: 'client-0.key' }, { cert: 'client-1.pem', key: 'client-1.key' }][this.index % 2]
  }
  @task async go() {
    for (let i = 0; i < 2; i++) await this.http.get('/known')
  }
}
class Unknown extends HttpUser {
  static count = 1
  @task async go() {
    await this.http.get('/unknown')
  }
}
export default scenario({ host: '${target.origin}', users: [U, Unknown], http2: 'auto', tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 3 },
  })
  expect(told(result)).toEqual([
    expect.stringMatching(/^network \/unknown 1: .*TLS failed: the target requires a client certificate; set it with/),
  ])
  expect(target.received.map(({ client = 'none' }) => client).toSorted()).toEqual([
    'client 0',
    'client 0',
    'client 1',
    'client 1',
  ])
})

test('a target without TLS speaks HTTP/2 without negotiation (prior knowledge), even through the tunnel of a proxy', async () => {
  const [plain, secured, proxy] = await Promise.all([http2.start({ plain: true }), http2.start(), startProxy()])
  http2.clean.push(proxy.close)
  const { port } = new URL(plain.origin)
  const result = await runSlice({
    host: `http://shop.invalid:${port}`,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/tunnelled')
    await this.http.get('${plain.origin}/direct', { name: '/direct' })
    await this.http.get('${secured.origin}/secured', { name: '/secured' })
  }
}
export default scenario({ host: 'http://shop.invalid:${port}', users: [U], http2: true, tls: { ca: 'ca.pem' } })`,
    options: { ...once, proxy: oneProxy(proxy.origin, '--proxy', ['127.0.0.0/8']) },
  })
  expect(told(result)).toEqual([])
  expect(plain.received.map(({ path }) => path)).toEqual(['/tunnelled', '/direct'])
  expect(secured.received.map(({ path }) => path)).toEqual(['/secured'])
  expect(proxy.received.map((one) => one.replace(/ -$/, ''))).toEqual([
    `CONNECT shop.invalid:${port}`,
    `CONNECT localhost:${new URL(secured.origin).port}`,
  ])
})
