import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestCell } from '../../../../../core/window/window.ts'
import { type RudeTarget, startRudeTarget } from '../../../../targets/raw/rude-targets.ts'
import { failuresOf, rowOf } from '../counted.ts'
import { type SliceRunResult, runSlice } from '../../slice-run.ts'

/**
 * Returns a scenario in which one user requests every faulty behaviour of a target once. Each request has a unique name, so that each row of the
 * result is one request. The checks of the request `told` report the values that the scenario received.
 */
const scenario = (host: string, other: string): string => `
import { HttpUser, scenario, task } from 'burst'
import * as z from 'zod/mini'
const Token = z.object({ token: z.string() })
const told: [string, boolean][] = []
const tell = (name: string, holds: boolean) => void told.push([name, holds])
const ends = async (name: string, request: Promise<unknown>) => {
  try { await request; tell(name + ' went on', true) } catch (error) { tell(name + ' ended the task: ' + (error as Error).name, true) }
}
class U extends HttpUser {
  @task async all() {
    const { http } = this
    const get = (path: string, more = {}) => http.get(path, { name: path.split('?')[0], timeout: '20s', ...more } as never)
    for (const path of ['/half', '/half-reset', '/close', '/reset', '/garbage', '/wrong-length', '/huge-headers', '/status/404', '/status/500',
      '/loop', '/bad-location', '/no-location', '/early-hints', '/no-length', '/closing', '/redirect/3', '/closing-silently']) {
      const response = await get(path)
      tell(path + ' ' + response.status + ' ' + response.ok, true)
    }
    // The target closes the connection without notice. The user waits, because a request that is sent at the same time would fail.
    await this.sleep('50ms')
    const calledMs = performance.now()
    const { latencyMs } = await get('/silent', { timeout: '300ms' })
    tell('a timeout takes no longer than its user waited', latencyMs <= performance.now() - calledMs)
    await get('/half-silent', { timeout: '300ms' })
    await get('/drip', { timeout: '300ms' })
    await get('/huge', { timeout: '20s' })
    await ends('huge text', get('/huge', { timeout: '20s', name: '/huge-text' }).text())
    await ends('broken json', get('/broken-json').json(Token))
    await ends('wrong json', get('/wrong-json').json(Token))
    const throwing = (fail: () => unknown) => ({ '~standard': { version: 1 as const, vendor: 'test', validate: fail as never } })
    await ends('schema throws', get('/echo', { name: 'schema throws' }).json(throwing(() => { throw new Error('broken schema') })))
    await ends('schema rejects', get('/echo', { name: 'schema rejects' }).json(throwing(async () => { throw new Error('broken schema') })))
    await ends('invalid pattern', get('/echo', { name: 'invalid pattern' }).expect({ body: 'text' as never }))
    await ends('html', get('/html-instead').json())
    await ends('expected 404', get('/status/404', { name: 'expected 404' }).expect(404))
    await ends('unexpected 200', get('/early-hints', { name: 'unexpected 200' }).expect(201))
    await ends('too slow', get('/drip', { name: 'too slow', timeout: '200ms' }).expect({ under: '100ms' }))
    await ends('body mismatch', get('/echo', { name: 'body mismatch' }).expect({ body: /nowhere/ }))
    await ends('no header', get('/echo', { name: 'no header' }).header('x-none'))
    tell('header', (await get('/echo', { name: 'header' }).header('Content-Type')) === 'application/json')
    tell('match', (await get('/echo', { name: 'match' }).match(/"method":"(\\w+)"/)) === 'GET')
    for (const encoding of ['gzip', 'deflate', 'deflate-raw', 'br', 'zstd', 'twice', 'identity', 'unknown']) {
      tell(encoding, (await get('/encoded/' + encoding).json()).word === 'plain')
    }
    for (const encoding of ['broken', 'truncated']) await ends(encoding, get('/encoded/' + encoding).json())
    await get('/encoded/broken', { name: 'unread encoding' })
    const post = await http.post('/echo', { name: 'post json', json: { a: 1 }, query: { q: 'a b' }, auth: { bearer: 't' } }).json()
    tell('post', post.body === '{"a":1}' && post.url === '/echo?q=a%20b' && post.headers['content-type'] === 'application/json' && post.headers.authorization === 'Bearer t')
    const form = await http.put('/echo', { name: 'put form', form: { a: '1 2', b: true }, auth: { user: 'u', password: 'p' } }).json()
    tell('form', form.body === 'a=1+2&b=true' && form.headers.authorization === 'Basic dTpw' && form.method === 'PUT')
    const seen = await http.post('/to', { name: '303', query: { status: 303, location: '/echo' }, json: {} }).json()
    tell('303 becomes GET', seen.method === 'GET' && seen.body === '')
    const kept = await http.post('/to', { name: '307', query: { status: 307, location: '/echo' }, json: { b: 2 } }).json()
    tell('307 stays POST', kept.method === 'POST' && kept.body === '{"b":2}')
    const crossed = await http.get('/cross', { name: 'cross', auth: { bearer: 'secret' } }).json()
    tell('credentials stay home', crossed.headers.authorization === undefined)
    const there = await http.get('/to', { name: 'further', query: { location: '${other}/to' }, auth: { bearer: 'secret' } }).json()
    tell('credentials stay home over further hops', there.headers.authorization === undefined)
    const again = await http.post('/to', { name: '303, 307', query: { status: 303, location: '/to?status=307' }, json: {} }).json()
    tell('what became GET stays GET', again.method === 'GET' && again.body === '')
    await http.get('/to', { name: 'refused', query: { location: 'http://example.invalid/' } })
    await http.get('/redirect/2', { name: 'unfollowed', redirects: 0 }).expect(302)
    await http.get('/cookies/set', { name: 'cookies' })
    tell('cookies', (await http.get('/cookies/show', { name: 'cookies' }).json()).cookies.join() === 'everywhere,hidden,secure,soon') // Users send secure cookies to loopback addresses, as browsers do.
    tell('deep cookies', (await http.get('/cookies/deep/show', { name: 'cookies' }).json()).cookies.includes('deep'))
    await this.sleep('1100ms')
    await http.get('/cookies/clear', { name: 'cookies' })
    tell('cookies expire', (await http.get('/cookies/show', { name: 'cookies' }).json()).cookies.join() === 'hidden,secure')
    const late = http.get('/echo', { name: 'late' })
    await late
    try { late.json(); tell('late chain', false) } catch (error) { tell('late chain: ' + (error as Error).message, true) }
    http.headers.set('X-User', '7')
    tell('own header', (await http.get('/echo', { name: 'own header' }).json()).headers['x-user'] === '7')
    const last = http.get('/echo', { name: 'told' })
    for (const [name, holds] of told) last.check(name, () => holds)
    last.check('a check that throws', () => { throw new Error('no') })
    await last
  }
}
export default scenario({ host: '${host}', users: [U], allow: ['127.0.0.1'] })
`

let target: RudeTarget
let result: SliceRunResult
beforeAll(async () => {
  target = await startRudeTarget()
  result = await runSlice({
    scenario: scenario(target.origin, target.otherOrigin),
    host: target.origin,
    options: { users: 1, iterations: 1, runTimeMs: 60_000 },
  })
}, 60_000)
afterAll(() => target.close())

const row = (name: string): RequestCell => rowOf(result, name)
const failures = (name: string): string[] => failuresOf(result, name)
const saw = (name: string): { passed: number; failed: number } | undefined => result.window.checks.get(name)

describe('a request that fails has one failure, with a kind and a message of one sentence', () => {
  test.each([
    ['/half', /^protocol: the target closed the connection before the body was complete/],
    ['/half-reset', /^network: ECONNRESET/],
    ['/close', /^network: .*closed by the target/],
    ['/reset', /^network: ECONNRESET/],
    ['/garbage', /^protocol: invalid HTTP/],
    ['/huge-headers', /^(protocol|network): .*headers/i],
    ['/status/404', /^status: HTTP 404/],
    ['/status/500', /^status: HTTP 500/],
    ['/loop', /^protocol: more than 10 redirects/],
    ['/bad-location', /^protocol: redirect to a location that is not a valid URL/],
    ['/silent', /^timeout: no complete answer within 300 ms/],
    ['/half-silent', /^timeout: no complete answer within 300 ms/],
    ['/drip', /^timeout: no complete answer within 300 ms/],
    ['/huge-text', /^extract: the body is larger than 64 MiB/],
    ['/broken-json', /^extract: the body is not JSON/],
    ['/wrong-json', /^extract: JSON differs from the schema: token/],
    ['schema throws', /^extract: the response could not be judged: Error: broken schema/],
    ['schema rejects', /^extract: the response could not be judged: Error: broken schema/],
    ['invalid pattern', /^expect: expected "text" in the body/],
    ['/html-instead', /^extract: the body is not JSON/],
    ['unexpected 200', /^expect: expected status 201, got 200/],
    ['body mismatch', /^expect: expected a body that matches/],
    ['no header', /^extract: no header 'x-none'/],
    ['/encoded/broken', /^extract: the body cannot be unpacked/],
    ['/encoded/truncated', /^extract: the body cannot be unpacked/],
    ['refused', /^refused: redirect to example.invalid not followed/],
  ])('%s', (name, message) => {
    expect(failures(name)).toHaveLength(1)
    expect(failures(name)[0]).toMatch(message)
    expect(row(name)).toMatchObject({ requests: 1, failures: 1, interrupted: 0 })
  })
})

describe('a request that gets an expected answer succeeds', () => {
  test.each([
    '/early-hints',
    '/no-length',
    '/closing',
    '/closing-silently',
    '/redirect/3',
    '/huge',
    'unread encoding',
    'expected 404',
    'header',
    'match',
    'unfollowed',
    '303',
    '307',
    'cross',
  ])('%s', (name) => {
    expect(failures(name)).toEqual([])
    expect(row(name)).toMatchObject({ requests: 1, failures: 0 })
  })
})

test('decoding, extraction, checks, bodies, redirects, credentials and cookies work as documented', () => {
  for (const name of [
    'gzip',
    'deflate',
    'deflate-raw',
    'br',
    'zstd',
    'twice',
    'identity',
    'unknown',
    'header',
    'match',
    'post',
    'form',
    '303 becomes GET',
    '307 stays POST',
    'credentials stay home',
    'credentials stay home over further hops',
    'what became GET stays GET',
    'cookies',
    'deep cookies',
    'cookies expire',
    'own header',
  ]) {
    expect([name, saw(name)]).toEqual([name, { passed: 1, failed: 0 }])
  }
  expect(saw('a check that throws')).toEqual({ passed: 0, failed: 1 })
})

test('the task continues after a failed request without checks, and ends when an expectation or an extraction fails', () => {
  expect(saw('/reset 0 false')?.passed).toBe(1)
  expect(saw('/status/500 500 false')?.passed).toBe(1)
  expect(saw('expected 404 went on')?.passed).toBe(1)
  for (const name of [
    'broken json',
    'wrong json',
    'schema throws',
    'schema rejects',
    'invalid pattern',
    'html',
    'unexpected 200',
    'body mismatch',
    'no header',
    'too slow',
    'huge text',
  ]) {
    expect([name, saw(`${name} ended the task: TaskEnd`)]).toEqual([name, { passed: 1, failed: 0 }])
  }
})

test('a method that is chained to a request in a later tick throws an error that asks for the same tick', () => {
  expect([...result.window.checks.keys()].find((name) => name.startsWith('late chain'))).toMatch(
    /must be chained to the request in the same tick/,
  )
})

test('a chain of redirects is one request with one exchange per hop', () => {
  expect(row('/redirect/3')).toMatchObject({ requests: 1, exchanges: 4 })
  expect(row('/loop').exchanges).toBe(11)
  expect(row('cross').exchanges).toBe(2)
})

test('the number of exchanges equals the number of requests that the target received', () => {
  const exchanges = [...result.window.requests.values()].reduce((sum, one) => sum + one.exchanges + one.interrupted, 0)
  const received = Object.values(target.counts()).reduce((sum, count) => sum + count, 0)
  expect(exchanges).toBe(received)
  expect(result.last.totals.exchanges).toBe(exchanges)
})

test('a request that times out is counted with the full duration of its timeout', () => {
  // The timeout includes the time to connect, but the latency does not.
  const { fromIntent, latency, connect } = row('/silent')
  expect(fromIntent.minUs).toBeGreaterThanOrEqual(300_000)
  expect(latency.minUs + (connect.count > 0 ? connect.maxUs : 0)).toBeGreaterThanOrEqual(295_000)
  expect(saw('a timeout takes no longer than its user waited')).toMatchObject({ passed: 1, failed: 0 })
})

test('a body that the scenario does not read is counted and not kept', () => {
  expect(row('/huge').bytesIn).toBe(100_000_000)
  expect([...result.window.workers.values()].every((worker) => worker.rssMb < 600)).toBe(true)
})
