import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { keys } from '../../../../../../functions/keys.ts'
import { Targets } from '../../../../../../functions/guard/targets.ts'
import { Hosts } from '../../../../../../functions/worker/engine/http/connection/hosts.ts'
import { oneProxy, parseResolve } from '../../../../../../core/hosts/network.ts'
import { startProxy } from '../../../../../targets/proxy.ts'
import { ended, listening } from '../../../../../targets/server.ts'
import { startTlsTarget, tlsFixture } from '../../../../../targets/tls-target.ts'
import { runSlice } from '../../../slice-run.ts'

const clean: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const one of clean.splice(0)) await one()
})

interface PlainTarget {
  port: string
  /** The path, the `host` header and the client's address of each request. */
  received: string[]
}

async function startTarget(): Promise<PlainTarget> {
  const received: string[] = []
  const server = createServer(({ url, headers, socket }, response) => {
    received.push(`${url} ${headers.host} ${socket.remoteAddress} ${headers['proxy-authorization'] ?? '-'}`)
    response.end('ok')
  })
  const { port } = new URL(await listening(server))
  clean.push(() => ended(server))
  return { port, received }
}

const options = { users: 1, iterations: 1, runTimeMs: 20_000 }

test('a proxy receives complete URLs, opens tunnels for https, and is not used for the hosts in `except`', async () => {
  const [proxy, target] = await Promise.all([startProxy(), startTarget()])
  const secured = await startTlsTarget({ cert: tlsFixture('server.pem'), key: tlsFixture('server.key') })
  clean.push(proxy.close, secured.close)
  let stored: string | undefined
  const { window, plan } = await runSlice({
    host: `http://shop.invalid:${target.port}`,
    files: { 'ca.pem': tlsFixture('ca.pem') },
    during: async ({ store }) => void (stored = (await store.get(keys.plan('r1')))?.body),
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/a?b=1')
    await this.http.post('/kept', { body: 'x', headers: { connection: 'keep-alive' } })
    await this.http.get('${secured.origin}/s', { name: '/s' })
    await this.http.get('${secured.origin}/s', { name: '/s' })
    await this.http.get('http://127.0.0.1:${target.port}/direct', { name: '/direct' })
    for (const host of ['forbidden', 'locked', 'gone']) await this.http.get('https://' + host + '.invalid/', { name: host })
    throw new Error('with s3cret! and ${Buffer.from('ann:s3cret!').toString('base64')}')
  }
}
export default scenario({
  host: 'http://shop.invalid:${target.port}',
  users: [U],
  tls: { ca: 'ca.pem' },
  proxy: { url: '${proxy.origin.replace('//', '//ann:s3cret!@')}', except: ['127.0.0.0/8'] },
})`,
    options,
  })
  const basic = `Basic ${Buffer.from('ann:s3cret!').toString('base64')}`
  const { host, port } = new URL(secured.origin)
  expect(proxy.received).toEqual([
    `GET http://shop.invalid:${target.port}/a?b=1 ${basic}`,
    `POST http://shop.invalid:${target.port}/kept ${basic}`,
    `CONNECT localhost:${port} ${basic}`,
    ...['forbidden', 'locked', 'gone'].map((name) => `CONNECT ${name}.invalid:443 ${basic}`),
  ])
  expect(secured.received.map((one) => one.host)).toEqual([host, host])
  expect(target.received).toContain(`/direct 127.0.0.1:${target.port} 127.0.0.1 -`)
  expect(window.secured.get('TLSv1.3')).toBe(1)
  const shown = proxy.origin.slice('http://'.length)
  expect([...window.errors.values()].map(({ kind, name, message }) => `${kind} ${name}: ${message}`)).toEqual([
    `network forbidden: the proxy ${shown} answered CONNECT with 403: it does not allow connections to this host`,
    `network gone: the proxy ${shown} closed the connection before it answered CONNECT`,
    expect.stringContaining(
      `locked: the proxy ${shown} answered CONNECT with 407: it requires a user name and a password`,
    ),
  ])
  expect(plan.words).toContain(`through the proxy ${shown}, except 127.0.0.0/8`)
  expect([...window.exceptions.keys()]).toEqual(['Error: with *** and ***'])
  expect(stored).toContain('"proxyUserinfo":{"http":"***","https":"***"}')
  expect(stored).not.toMatch(/s3cret/)
})

test('a request to port 0 is not sent to the default port of its scheme', async () => {
  const proxy = await startProxy()
  clean.push(proxy.close)
  await runSlice({
    host: 'https://gone.invalid',
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() { await this.http.get('https://gone.invalid:0/x', { name: '/x' }) }
}
export default scenario({ host: 'https://gone.invalid', users: [U], proxy: '${proxy.origin}' })`,
    options,
  })
  expect(proxy.received).toEqual(['CONNECT gone.invalid:0 -'])
})

test('interim responses of a proxy do not count as its answer to CONNECT', async () => {
  const proxy = await startProxy(undefined, {
    interim: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX-Step: 1\r\n\r\n',
  })
  const secured = await startTlsTarget({ cert: tlsFixture('server.pem'), key: tlsFixture('server.key') })
  clean.push(proxy.close, secured.close)
  const { window } = await runSlice({
    host: secured.origin,
    files: { 'ca.pem': tlsFixture('ca.pem') },
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/s')
    await this.http.get('https://locked.invalid/', { name: 'locked' })
  }
}
export default scenario({ host: '${secured.origin}', users: [U], tls: { ca: 'ca.pem' }, proxy: '${proxy.origin}' })`,
    options,
  })
  expect([...window.errors.values()].map(({ name, message }) => `${name}: ${message}`)).toEqual([
    expect.stringMatching(/^locked: .* answered CONNECT with 407/),
  ])
  expect(window.requests.get('GET /s')).toMatchObject({ requests: 1, failures: 0 })
})

test('connections start from localAddress, and the addresses of --resolve replace the addresses from DNS', async () => {
  const target = await startTarget()
  const { window } = await runSlice({
    host: `http://shop.test:${target.port}`,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  static connection = 'close'
  @task async go() {
    await this.http.get('/given')
    for (let i = 0; i < 3; i++) await this.http.get('http://localhost:${target.port}/looked-up', { name: '/looked-up' })
  }
}
export default scenario({
  host: 'http://shop.test:${target.port}',
  users: [U],
  localAddress: '127.0.0.2',
  addressFamily: 'ipv4',
  dns: 'per-connection',
})`,
    options: { ...options, resolve: [parseResolve(`shop.test:${target.port}:127.0.0.1`)] },
  })
  expect([...window.errors.values()]).toEqual([])
  expect(target.received).toEqual([
    `/given shop.test:${target.port} 127.0.0.2 -`,
    ...Array.from({ length: 3 }, () => `/looked-up localhost:${target.port} 127.0.0.2 -`),
  ])
  expect(window.requests.get('GET /given')?.dns.count).toBe(0)
  expect(window.requests.get('GET /looked-up')?.dns.count).toBe(3)
})

test('if the machine does not have the localAddress, the request is a failure of the generator, and the message names the cause', async () => {
  const target = await startTarget()
  const { window } = await runSlice({
    host: `http://localhost:${target.port}`,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/')
  }
}
// An address that is reserved for documentation.
export default scenario({ host: 'http://localhost:${target.port}', users: [U], localAddress: '192.0.2.7' })`,
    options,
  })
  expect([...window.errors.values()].map(({ kind, message }) => `${kind} ${message}`)).toEqual([
    "generator EADDRNOTAVAIL: localAddress is not an address of the worker's machine",
  ])
  expect([...window.workers.values()].map(({ generatorErrors }) => generatorErrors)).toEqual([1])
  expect(target.received).toEqual([])
})

test('a proxy and an address of --resolve are refused if they are not allowed', async () => {
  const [proxy, target] = await Promise.all([startProxy(), startTarget()])
  clean.push(proxy.close)
  const { window } = await runSlice({
    host: `http://shop.test:${target.port}`,
    allow: ['shop.test', '127.0.0.9'],
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/')
  }
}
export default scenario({ host: 'http://shop.test:${target.port}', users: [U] })`,
    options: { ...options, proxy: oneProxy(proxy.origin, 'proxy') },
  })
  expect([...window.errors.values()].map(({ kind, message }) => `${kind} ${message}`)).toEqual([
    'refused 127.0.0.1 is not among the hosts that this stack may load-test',
  ])
  expect([proxy.received, target.received]).toEqual([[], []])
  const resolve = [parseResolve('shop.test:80:169.254.169.254')]
  const hosts = new Hosts(new Targets(['shop.test']), { resolve })
  const found = await new Promise((done) => hosts.find({ hostname: 'shop.test', port: 80 }, done))
  expect(String(found)).toContain('burst never load-tests')
})
