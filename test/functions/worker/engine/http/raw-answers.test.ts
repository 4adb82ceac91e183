import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestCell } from '../../../../../core/window/window.ts'
import {
  type RawAnswer,
  type RawRequest,
  type RawTarget,
  answerOf,
  startRawTarget,
} from '../../../../targets/raw/raw-target.ts'
import { failuresOf, rowOf } from '../counted.ts'
import { type SliceRunResult, runSlice } from '../../slice-run.ts'

const interim = (status: string): string => `HTTP/1.1 ${status}\r\nX-Interim: yes\r\n\r\n`
const ok = answerOf('ok')
const seen = (request: RawRequest): Buffer => answerOf(JSON.stringify(request), 'Content-Type: application/json')

const answers: Record<string, RawAnswer> = {
  '/100': (_, socket) => socket.write(interim('100 Continue') + ok.toString()),
  '/102': (_, socket) => socket.write(interim('102 Processing') + ok.toString()),
  '/103': (_, socket) => socket.write(interim('103 Early Hints').repeat(3) + ok.toString()),
  '/bare': (_, socket) => socket.write(`HTTP/1.1 100 Continue\n\n${ok.toString()}`),
  // Sends every byte in its own TCP segment, as far as the operating system allows.
  '/dripped': (_, socket) => {
    const bytes = Buffer.concat([Buffer.from(interim('100 Continue')), ok])
    const next = (at: number): void => {
      if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1))
    }
    next(0)
  },
  '/000': (_, socket) => socket.write('HTTP/1.1 000 Nothing\r\nContent-Length: 2\r\n\r\nok'),
  '/099': (_, socket) => socket.write('HTTP/1.1 099 Less\r\nContent-Length: 2\r\n\r\nok'),
  '/101': (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  '/short-head': (_, socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
  '/short-body': (_, socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
  '/short-closing': (_, socket) => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf'),
  '/short-chunks': (_, socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal'),
  '/http-9': (_, socket) => socket.write('HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  '/brief': (_, socket) => socket.end('no\n'),
  // Many servers answer HEAD with a response that has no length and no `connection` header.
  '/bare-head': (_, socket) => socket.write('HTTP/1.1 200 OK\r\nX-Mark: 1\r\n\r\n'),
  '/unchanged': (_, socket) => socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 5000\r\nETag: "1"\r\n\r\n'),
  '/unchanged-chunks': (_, socket) => socket.write('HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n'),
  '/closing-head': (_, socket) => socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'),
  '/hint': ({ path }, socket) =>
    socket.write(answerOf('ok', 'Connection: Keep-Alive', `Keep-Alive: timeout=${path.at(-1)}`)),
  '/constructor': (_, socket) =>
    socket.write(answerOf('{"a":1}', 'Content-Encoding: constructor', 'Constructor: x', '__proto__: y')),
  '/latin': (_, socket) =>
    socket.write(answerOf(Buffer.from('{"a":"caf\xe9"}', 'latin1'), 'Content-Type: text/plain; charset=ISO-8859-1')),
  '/utf-16': (_, socket) =>
    socket.write(answerOf(Buffer.from('\ufeffgr\u00fcn', 'utf16le'), 'Content-Type: text/plain')),
  '/marked': (_, socket) => socket.write(answerOf('\ufeff{"a":1}', 'Content-Type: application/json')),
  '/meta': (_, socket) =>
    socket.write(answerOf(Buffer.from('<meta charset="windows-1252">\x80', 'latin1'), 'Content-Type: text/html')),
  '/odd-charset': (_, socket) => socket.write(answerOf('\u00fc', 'Content-Type: text/plain; charset=constructor')),
  '/cookies': (_, socket) =>
    socket.write(answerOf('ok', 'Set-Cookie: a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'Set-Cookie: b=2')),
  '/raw-location': (_, socket) =>
    socket.write(
      Buffer.from('HTTP/1.1 302 Found\r\nLocation: /gr\u00fcn?q=\u00e4\r\nContent-Length: 0\r\n\r\n', 'utf8'),
    ),
  '/secret-location': (_, socket) =>
    socket.write('HTTP/1.1 302 Found\r\nLocation: //bob:hidden-word@127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n'),
  ...Object.fromEntries(
    [
      ['Content-Length: 2', 'Content-Length: 20'],
      ['Content-Length: 20', 'content-length : 2'],
      ['Content-Length: 2', 'Content-Length: 2'],
      ['Content-Length: 20, 2'],
      ['Content-Length: 99999999999999999999999'],
      ['Content-Length: 2', 'Transfer-Encoding: chunked'],
      ['Content-Length: 2', 'X: \u0001'],
    ].map((lines, at): [string, RawAnswer] => [
      `/lengths-${at}`,
      (_, socket) => socket.write(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\nok`),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries({
      '/to-file': ['file:///etc/passwd'],
      '/to-data': ['data:text/plain,hello'],
      '/to-long': [`${'x'.repeat(500)}:y`],
      '/to-invalid': ['http://[/'],
      '/to-both': ['/echo', '/other'],
      '/to-same': ['/echo', '/echo'],
    }).map(([path, locations]): [string, RawAnswer] => [
      path,
      (_, socket) =>
        socket.write(
          `HTTP/1.1 302 Found\r\n${locations.map((one) => `Location: ${one}\r\n`).join('')}Content-Length: 0\r\n\r\n`,
        ),
    ]),
  ),
  '/first': (_, socket) => socket.write(ok),
  '*': (request, socket) => socket.write(seen(request)),
}

const scenario = (host: string, other: string): string => `
import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  told: [string, boolean][] = []
  tell(name: string, got: unknown, wanted: unknown) {
    const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)]
    this.told.push([a === b ? name : name + ': ' + a, a === b])
  }
  async says() {
    const last = this.http.get('/first', { name: 'told' })
    for (const [name, holds] of this.told.splice(0)) last.check(name, () => holds)
    await last
  }
  header(lines: string[], name: string) {
    return lines.filter((line) => line.toLowerCase().startsWith(name + ': ')).map((line) => line.slice(name.length + 2))
  }
  @task async all() {
    const { http } = this
    for (const path of ['/100', '/102', '/103', '/bare', '/dripped', '/000', '/099', '/101', '/short-head', '/short-body', '/short-closing',
      '/short-chunks', '/http-9', '/brief', '/raw-location', '/secret-location',
      '/to-file', '/to-data', '/to-long', '/to-invalid', '/to-both', '/to-same',
      '/lengths-0', '/lengths-1', '/lengths-2', '/lengths-3', '/lengths-4', '/lengths-5', '/lengths-6']) {
      await http.post(path, { body: 'x' })
    }
    for (let i = 0; i < 3; i++) {
      await http.head('/bare-head')
      const unchanged = await http.get('/unchanged')
      this.tell('a length of no body', unchanged.headers.get('content-length'), '5000')
      const chunks = await http.get('/unchanged-chunks')
      this.tell('an encoding of no body', [chunks.status, chunks.headers.get('transfer-encoding')], [304, 'chunked'])
      await http.get('/search', { json: {} })
      await http.delete('/items', { json: {} })
      await http.get('/hint', { query: { s: 1 } })
      await http.get('/hint', { query: { s: 2 } })
    }
    const bare = await http.head('/bare-head')
    const closing = await http.head('/closing-head')
    this.tell('an answer to HEAD that closes says so', closing.headers.get('connection'), 'close')
    this.tell('an answer to HEAD has the headers that came', [bare.headers.get('connection'), bare.headers.get('x-mark')], [null, '1'])

    const named = await http.get('/constructor')
    this.tell('a header called constructor', [named.headers.get('constructor'), named.headers.get('__proto__'), named.headers.get('toString')], ['x', 'y', null])
    this.tell('an encoding called constructor', await http.get('/constructor').json(), { a: 1 })
    this.tell('latin 1', await http.get('/latin').json(), { a: 'caf\\u00e9' })
    this.tell('utf-16', await http.get('/utf-16').text(), 'gr\\u00fcn')
    this.tell('a byte order mark', await http.get('/marked').json(), { a: 1 })
    this.tell('a charset in the page', (await http.get('/meta').text()).at(-1), '\\u20ac')
    this.tell('a charset that does not exist', await http.get('/odd-charset').text(), '\\u00fc')
    const cookies = await http.get('/cookies')
    this.tell('headers as properties', ['Content-Length', 'set-cookie', 'x-none', 'toString'].map((name) => typeof (cookies.headers as any)[name]), ['string', 'string', 'undefined', 'function'])
    this.tell('single Set-Cookie values', cookies.headers.getSetCookie(), ['a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'b=2'])
    await this.says()

    let sent = await http.request('propfind', '/dav/:id', { params: { id: 1 }, headers: { depth: 1 }, body: '<x/>' }).json()
    this.tell('another method', [sent.method, sent.path, this.header(sent.lines, 'depth')], ['PROPFIND', '/dav/1', ['1']])
    sent = await http.get('/x', { query: { tag: ['a', 'b c'], none: undefined, nothing: null, n: 0, e: '' }, headers: { 'x-a': ['1', undefined, '2'] as never, 'x-none': undefined, accept: null } }).json()
    this.tell('lists and nothing in a query', sent.path, '/x?tag=a&tag=b%20c&n=0&e=')
    this.tell('lists and nothing in headers', [this.header(sent.lines, 'x-a'), this.header(sent.lines, 'x-none'), this.header(sent.lines, 'accept')], [['1', '2'], [], []])
    sent = await http.post('/x', { form: { size: [1, 2], none: null, of: undefined, a: 'x y' } }).json()
    this.tell('lists and nothing in a form', sent.body, 'size=1&size=2&a=x+y')
    sent = await http.get('/x', { query: new URLSearchParams('a=1&a=2') }).json()
    this.tell('search parameters', sent.path, '/x?a=1&a=2')
    sent = await http.post('/x', { body: '\\u00fc', headers: { Connection: 'keep-alive, X', 'Keep-Alive': 'timeout=5', Expect: '100-continue', Upgrade: 'h2c', 'Content-Length': '1', Host: 'shop.example' } }).json()
    this.tell('headers of the connection', ['connection', 'keep-alive', 'expect', 'upgrade', 'content-length', 'host'].map((name) => this.header(sent.lines, name)), [['keep-alive, X'], ['timeout=5'], ['100-continue'], ['h2c'], ['2'], ['shop.example']])
    sent = await http.post('/x', { body: 'abc', headers: { 'Transfer-Encoding': 'chunked' } }).json()
    this.tell('a body in chunks', [this.header(sent.lines, 'transfer-encoding'), this.header(sent.lines, 'content-length'), sent.body], [['chunked'], [], '\\r\\n3\\r\\nabc\\r\\n'.slice(2)])
    sent = await http.get('http://ann:p%40ss-word@' + '${other}'.slice(7) + '/private').json()
    this.tell('credentials in a URL', [sent.path, this.header(sent.lines, 'authorization')], ['/private', ['Basic ' + btoa('ann:p@ss-word')]])
    this.tell('another host sees no credentials', this.header((await http.get('${other}/public').json()).lines, 'authorization'), [])
    sent = await http.get('/raw-location', { name: 'raw location' }).json()
    this.tell('a raw location', sent.path, '/gr%C3%BCn?q=%C3%A4')
    await this.says()

    for (const wrong of [{ query: { a: {} } }, { form: 'a=1' }, { headers: { 'x y': '1' } }, { headers: { x: ['\\n'] } }, { headers: { 'transfer-encoding': 'gzip' } }, { headers: { host: ['a', 'b'] } }]) {
      let message = ''
      try { await http.post('/never', wrong as never) } catch (error) { message = (error as Error).name }
      this.tell('refused at the call: ' + JSON.stringify(wrong), message, 'TypeError')
    }
    await this.says()
  }
}
export default scenario({ host: '${host}', users: [U] })`

let target: RawTarget
let other: RawTarget
let result: SliceRunResult
beforeAll(async () => {
  target = await startRawTarget(answers)
  other = await startRawTarget(answers)
  result = await runSlice({
    scenario: scenario(target.origin, other.origin),
    host: target.origin,
    options: { users: 1, iterations: 1, runTimeMs: 60_000 },
  })
}, 90_000)
afterAll(() => Promise.all([target.close(), other.close()]))

const row = (name: string): RequestCell => rowOf(result, name)
const failures = (name: string): string[] => failuresOf(result, name)
const connectionsOf = (path: string): number =>
  new Set(target.received.filter((one) => one.path.startsWith(path)).map((one) => one.connection)).size

test('the user receives the bytes that the target sends, and the target receives the bytes that the user sends', () => {
  expect([...result.window.exceptions.values()].map(({ message, stack }) => `${message}\n${stack}`)).toEqual([])
  const wrong = [...result.window.checks].filter(([, { failed }]) => failed > 0).map(([name]) => name)
  expect(wrong).toEqual([])
  expect(result.window.checks.size).toBe(29)
})

test.each(['/100', '/102', '/103', '/bare', '/dripped', 'raw location'])(
  '%s: interim responses do not count as the response',
  (name) => {
    expect(failures(name)).toEqual([])
    expect(row(name).statuses).toEqual(new Map([[200, 1]]))
  },
)

describe('responses that violate HTTP are failures of kind protocol', () => {
  test.each([
    ['/000', 'invalid HTTP (status 000)'],
    ['/099', 'invalid HTTP (status 099)'],
    ['/101', 'the target switches to another protocol, which burst does not speak'],
    ['/short-head', 'the target closed the connection before the response head was complete'],
    ['/short-body', 'the target closed the connection before the body was complete'],
    ['/short-closing', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH: the body is not as long as content-length says'],
    ['/short-chunks', 'the target closed the connection before the body was complete'],
    ['/http-9', 'invalid HTTP (Invalid HTTP version)'],
    ['/lengths-0', 'invalid HTTP (content-length is given more than once)'],
    ['/lengths-1', 'invalid HTTP (content-length is given more than once)'],
    ['/lengths-2', 'invalid HTTP (content-length is given more than once)'],
    ['/lengths-3', 'invalid HTTP (the value of content-length is not a single number)'],
    ['/lengths-4', 'invalid HTTP (the response head is malformed)'],
    ['/lengths-5', 'invalid HTTP (content-length and transfer-encoding must not both be present)'],
    ['/lengths-6', 'invalid HTTP (the response head is malformed)'],
    ['/to-file', "redirect to a location that begins with 'file:', not with http: or https:"],
    ['/to-data', "redirect to a location that begins with 'data:', not with http: or https:"],
    ['/to-long', `redirect to a location that begins with '${'x'.repeat(20)}', not with http: or https:`],
    ['/to-invalid', 'redirect to a location that is not a valid URL'],
    ['/to-both', 'redirect with several location headers that differ'],
    ['/brief', 'invalid HTTP (Expected HTTP/, RTSP/ or ICE/)'],
  ])('%s', (name, message) => {
    expect(failures(name)).toEqual([`protocol: ${message}`])
  })
})

test('a redirect with two equal location headers is followed once', () => {
  expect(failures('/to-same')).toEqual([])
  expect(row('/to-same')).toMatchObject({ exchanges: 2, statuses: new Map([[200, 1]]) })
  expect(target.received.filter(({ path }) => path === '/other' || path.includes(','))).toEqual([])
})

test('a connection stays open after HEAD, after a 304 response, after a GET or DELETE with a body, and with a keep-alive timeout of one second', () => {
  for (const path of ['/bare-head', '/unchanged', '/unchanged-chunks', '/search', '/items', '/hint'])
    expect([path, connectionsOf(path)]).toEqual([path, 1])
})

test('a password in a URL does not appear in any counts', () => {
  expect(JSON.stringify([...result.window.errors.values(), ...result.window.requests.keys()])).not.toMatch(
    /word|bob|ann:/,
  )
  expect(failures('/secret-location')[0]).toMatch(/^refused: redirect to 127.0.0.1:1 not followed/)
})

test('the number of exchanges equals the number of requests that the targets received', () => {
  const exchanges = [...result.window.requests.values()].reduce((sum, one) => sum + one.exchanges, 0)
  expect(exchanges).toBe(target.received.length + other.received.length)
})
