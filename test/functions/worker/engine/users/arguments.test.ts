import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RudeTarget, startRudeTarget } from '../../../../targets/raw/rude-targets.ts'
import { type SliceRunResult, runSlice } from '../../slice-run.ts'

/** Calls with wrong arguments and the expected errors. The scenario makes these calls without type checks. */
const mistakes: [string, RegExp][] = [
  [
    "http.get('/echo').expect('404')",
    /^TypeError: expect\(\) was given "404"; it takes a status, .* \(for a string in the body/,
  ],
  ['http.get("/echo").expect()', /^TypeError: expect\(\) was given undefined; it takes a status/],
  ['http.get("/echo").expect(null)', /^TypeError: expect\(\) was given null/],
  ['http.get("/echo").expect(/ok/)', /^TypeError: expect\(\) was given \/ok\//],
  ['http.get("/echo").expect(true)', /^TypeError: expect\(\) was given true/],
  ['http.get("/echo").expect(20)', /^TypeError: expect\(\) was given the status 20; a status is a number such as 200/],
  ['http.get("/echo").expect(Number.NaN)', /^TypeError: expect\(\) was given the status NaN/],
  ['http.get("/echo").expect([])', /^TypeError: expect\(\) was given the status an empty list/],
  ['http.get("/echo").expect(["404"])', /^TypeError: expect\(\) was given the status "404"/],
  [
    'http.get("/echo").expect({ statusCode: 404 })',
    /^TypeError: expect\(\) has no option 'statusCode': write status; it takes/,
  ],
  ['http.get("/echo").expect({ status: "404" })', /^TypeError: expect\(\) was given the status "404"/],
  ['http.get("/echo").expect({ status: [200, undefined] })', /^TypeError: expect\(\) was given the status undefined/],
  [
    'http.get("/echo").expect({ under: "fast" })',
    /^BurstError: under of expect\(\) is "fast", which is not a duration/,
  ],
  [
    'http.get("/echo").expect({ under: 800 })',
    /^TypeError: under: 800 is 800 seconds, .*: write '800ms' for milliseconds/,
  ],
  ['http.get("/echo").expect({ body: 7 })', /^TypeError: body of expect\(\) is 7; it must be a string/],
  ['http.get("/echo").expect(() => true, 7)', /^TypeError: the second argument of expect\(\) is 7/],
  [
    'http.get("/echo").check("name")',
    /^TypeError: check\(\) was given "name" and undefined; it takes a name and a function/,
  ],
  ['http.get("/echo").check((r) => r.ok)', /^TypeError: check\(\) was given a function and undefined/],
  ['http.get("/echo").check("name", true)', /^TypeError: check\(\) was given "name" and true/],
  ['http.get("/echo").json("data.id")', /^TypeError: json\(\) was given "data.id"; it takes a schema/],
  ['http.get("/echo").header(7)', /^TypeError: header\(\) was given 7/],
  ['http.get("/echo").match("id=")', /^TypeError: match\(\) was given "id="; it takes a RegExp/],
  [
    'http.get("/echo", { params: { q: 1 } })',
    /^TypeError: params is given, but the route has no parameter: write '\/:q' in the route, or use query/,
  ],
  ['http.get("/echo/:id", { params: 7 })', /^TypeError: params is 7/],
  ['http.get("/echo/:id", { params: { id: {} } })', /^TypeError: params: \{ id \} is an object/],
  ['http.get("/echo/:id", { params: { id: Number.NaN } })', /^TypeError: params: \{ id \} is NaN/],
  ['http.get("/echo/:id", { params: { id: null } })', /^TypeError: params: \{ id \} is null/],
  ['http.get("/echo/:id", { params: { ID: 1 } })', /^TypeError: the route needs params: \{ id \}/],
  ['http.post("/echo", { data: { a: 1 } })', /^TypeError: a request has no option 'data': write json, form or body/],
  ['http.get("/echo", { querry: { a: 1 } })', /^TypeError: a request has no option 'querry': write query/],
  [
    'http.get("/echo", { allow_redirects: false })',
    /^TypeError: a request has no option 'allow_redirects': write redirects: 0/,
  ],
  [
    'http.get("/echo", { catch_response: true })',
    /^TypeError: a request has no option 'catch_response': write \.expect\(response/,
  ],
  ['http.get("/echo", { verify: false })', /^TypeError: a request has no option 'verify': it has params, query, json/],
  [
    'http.post("/echo", "body")',
    /^TypeError: the options of a request are "body"; they must be an object, with the body as json/,
  ],
  ['http.post("/echo", new FormData())', /^TypeError: the options of a request are a FormData/],
  ['http.post("/echo", null)', /^TypeError: the options of a request are null/],
  ['http.post("/echo", [])', /^TypeError: the options of a request are an empty list/],
  ['http.get()', /^TypeError: the route of http\.get\(\) is undefined; it must be a string such as '\/cart'$/],
  ['http.put(null)', /^TypeError: the route of http\.put\(\) is null; it must be/],
  ['http.head(7)', /^TypeError: the route of http\.head\(\) is 7; it must be/],
  ['http.get({ url: "/echo" })', /^TypeError: the route of http\.get\(\) is an object/],
  ['http.request("get", undefined)', /^TypeError: the route of http\.request\(\) is undefined; it must be/],
  [
    'http.request(undefined)',
    /^TypeError: the method of http\.request\(\) is undefined; it must be a string such as 'PROPFIND'/,
  ],
  ['http.request(null, "/echo")', /^TypeError: the method of http\.request\(\) is null; it must be/],
  ['http.request(7, "/echo")', /^TypeError: the method of http\.request\(\) is 7; it must be/],
  ['http.request("", "/echo")', /^TypeError: the method of http\.request\(\) is ""; it must be/],
  [
    'http.request("/echo")',
    /^TypeError: the method of http\.request\(\) is "\/echo"; .*, and the route comes after it$/,
  ],
  [
    'http.get("file:///etc/passwd")',
    /^TypeError: the route of http\.get\(\) begins with 'file:'; it must be a path such as '\/cart', or a URL that begins with 'http:\/\/' or/,
  ],
  ['http.post("FTP://ann:word@a.example/x")', /^TypeError: the route of http\.post\(\) begins with 'FTP:'; (?!.*word)/],
  ['http.get(" data:text/plain,hello")', /^TypeError: the route of http\.get\(\) begins with 'data:'; /],
  ['http.get(new URL("blob:http://a.example/1"))', /^TypeError: the route of http\.get\(\) begins with 'blob:'; /],
  ['http.request("GET", "ws://a.example/")', /^TypeError: the route of http\.request\(\) begins with 'ws:'; /],
  ['http.get("localhost:8080/cart")', /^TypeError: the route of http\.get\(\) begins with 'localhost:'; /],
  ['http.get("http:/a.example/x")', /^TypeError: .* begins with 'http:'; a URL begins with 'http:\/\/'$/],
  [
    'http.get("/echo", { redirects: false })',
    /^TypeError: redirects is false; it must be the number of redirects to follow, 0 for none/,
  ],
  ['http.get("/echo", { name: 7 })', /^TypeError: name is 7/],
  ['http.get("/echo", { auth: ["user", "password"] })', /^TypeError: auth is neither \{ user, password \} nor/],
  ['http.get("/echo", { timeout: "soon" })', /^BurstError: timeout is "soon", which is not a duration/],
  ['http.get("/echo", { timeout: 0 })', /^TypeError: timeout is 0/],
  [
    'http.post("/echo", { body: { a: 1 } })',
    /^TypeError: body is an object; it may be a string, bytes, URLSearchParams, FormData/,
  ],
  ['http.post("/echo", { body: 42 })', /^TypeError: body is 42/],
  ['http.post("/echo", { body: true })', /^TypeError: body is true/],
  ['http.post("/echo", { body: [1] })', /^TypeError: body is a list of 1 item/],
  [
    'http.post("/echo", { body: new ReadableStream() })',
    /^TypeError: body is a ReadableStream.*and a stream as \(\) => stream/,
  ],
  ['http.post("/echo", { body: Readable.from(["a"]) })', /^TypeError: body is an? \w*Readable/],
  ['http.post("/echo", { body: new Date() })', /^TypeError: body is a Date/],
  ['http.post("/echo", { json: () => 1 })', /^TypeError: json is a function, which cannot be written as JSON/],
  ['http.post("/echo", { json: { toJSON() { throw 1 } } })', /^TypeError: json cannot be written as JSON: it threw 1/],
  ['http.post("/echo", { json: 1n })', /^TypeError: Do not know how to serialize a BigInt/],
  ['http.post("/echo", { json: 1, body: "a" })', /^TypeError: a request takes one of json, form, multipart and body/],
  ['http.post("/echo", { multipart: 7 })', /^TypeError: multipart is number: give an object/],
  [
    'http.post("/echo", { multipart: { a: {} } })',
    /^TypeError: multipart: 'a' is an object: give a string, a number, file/,
  ],
  [
    'http.post("/echo", { multipart: { a: { content: 1, type: "x\\ny" } } })',
    /^TypeError: multipart: filename and type/,
  ],
  [
    'http.post("/echo", { multipart: { a: [new Blob()] }, arrays: "comma" })',
    /^TypeError: multipart: 'a' is a list with files/,
  ],
  ['http.get("/echo", { query: {}, arrays: "indices" })', /^TypeError: arrays is "indices"; it must be 'repeat'/],
  ['http.post("/echo", { files: {} })', /^TypeError: a request has no option 'files': write multipart/],
  ['this.sleep()', /^BurstError: sleep\(\) is undefined, which is not a duration/],
  ['this.sleep("a while")', /^BurstError: sleep\(\) is "a while"/],
  [
    'this.step(async () => 1)',
    /^TypeError: step\(\) was given a function and undefined; it takes a name and a function/,
  ],
  ['this.step("name")', /^TypeError: step\(\) was given "name" and undefined/],
  ['this.record()', /^TypeError: record\(\) was given undefined; it takes \{ method, name, ms, bytes, error \}/],
  ['this.record({ method: "A", name: "b", ms: "3" })', /^TypeError: ms of record\(\) is "3"/],
  ['this.record({ method: "A", name: "b", ms: -3 })', /^TypeError: ms of record\(\) is -3/],
  ['this.record({ method: "A", name: 7, ms: 3 })', /^TypeError: name of record\(\) is 7/],
  ['this.record({ name: "b", ms: 3 })', /^TypeError: method of record\(\) is undefined/],
  ['this.record({ method: "A", name: "b", ms: 3, bytes: "4" })', /^TypeError: bytes of record\(\) is "4"/],
  [
    'this.record({ method: "A", name: "b", response_time: 3 })',
    /^TypeError: record\(\) has no field 'response_time': write ms/,
  ],
  ['this.random.int("1", 5)', /^TypeError: random\.int\(\) was given "1" and 5/],
  ['this.random.int(5)', /^TypeError: random\.int\(\) was given 5 and undefined/],
  ['this.random.pick({})', /^TypeError: random\.pick\(\) was given an object; it takes a list/],
  ['this.random.chance("half")', /^TypeError: random\.chance\(\) was given "half"/],
]

const scenario = (host: string): string => `
import { HttpUser, scenario } from 'burst'
import { Readable } from 'node:stream'
const told = []
const tell = (name, holds) => void told.push([name, holds])
class U extends HttpUser {
  tasks = { mistakes: 1, bodies: 1 }
  first = this.index === 0
  async mistakes() {
    const { http } = this
    const calls = [${mistakes.map(([call]) => `() => ${call}`).join(', ')}]
    for (const call of calls) {
      const said = await Promise.resolve().then(call).then(() => 'nothing', String)
      told.push(said)
    }
    for (const [at, said] of told.entries()) await this.http.get('/echo', { name: 'told' }).check(at + ' ' + said, () => true)
    told.length = 0
  }
  async bodies() {
    const { http } = this
    const form = new FormData()
    form.append('a "b"', 'one\\ntwo')
    form.append('file', new Blob(['hello'], { type: 'text/plain' }), 'hello.txt')
    const bodies = {
      text: 'ä', nothing: null, buffer: Buffer.from('buffer'), bytes: new Uint8Array([65, 66]), words: new Uint16Array([0x4241]), view: new DataView(new Uint8Array([65, 66, 67]).buffer, 1),
      plain: new TextEncoder().encode('plain').buffer, search: new URLSearchParams({ a: '1 2' }), blob: new Blob(['blob'], { type: 'text/x-blob' }), untyped: new Blob(['untyped']), form,
    }
    for (const [name, body] of Object.entries(bodies)) {
      const seen = await http.post('/echo', { name, body }).json()
      await http.get('/echo', { name: 'told' }).check(name + '|' + (seen.headers['content-type'] ?? '') + '|' + seen.headers['content-length'] + '|' + seen.body.slice(0, 200), () => true)
        .check(name + ' rest|' + seen.body.slice(200), () => true)
    }
    const again = await http.post('/to', { name: 'redirected form', body: form, query: { status: 307, location: '/echo' } }).json()
    await http.get('/echo', { name: 'told' }).check('again|' + again.method + '|' + again.headers['content-length'], () => true)
    await http.post(new URL('/echo', '${host}'), { name: 'own type', body: new Blob(['x'], { type: 'a/b' }), headers: { 'content-type': 'c/d' } }).expect((r) => r.json().headers['content-type'] === 'c/d')
    this.record({ method: 'A', name: 'well', ms: 1, error: null })
    this.record({ method: 'A', name: 'badly', ms: 1, error: new Error('no') })
  }
}
export default scenario({ host: '${host}', users: [U] })
`

let target: RudeTarget
let result: SliceRunResult
beforeAll(async () => {
  target = await startRudeTarget()
  const { origin: host } = target
  result = await runSlice({ scenario: scenario(host), host, options: { users: 4, iterations: 8, runTimeMs: 60_000 } })
}, 60_000)
afterAll(() => target.close())

describe('a call with wrong arguments', () => {
  test.each(mistakes.map(([call, said], at): [string, number, RegExp] => [call, at, said]))(
    'a call with wrong arguments fails with a message that names the mistake: %s',
    (_, at, said) => {
      const found = [...result.window.checks.keys()].find((name) => name.startsWith(`${at} `))
      expect(found?.slice(`${at} `.length)).toMatch(said)
    },
  )

  test('a call with wrong arguments leaves no request unsettled, and the user continues', () => {
    expect([...result.window.exceptions.keys()]).toEqual([])
    const iterations = [...result.window.iterations.values()].reduce((sum, one) => sum + one.count, 0)
    expect(iterations).toBe(32)
  })
})

test('a body may be a string, bytes of any kind, URLSearchParams, a Blob or a form with files', () => {
  const told = [...result.window.checks.keys()].filter((name) => name.includes('|')).map((name) => name.split('|'))
  const seen = Object.fromEntries(told.map(([name, ...rest]) => [name, rest]))
  expect(seen).toMatchObject({
    text: ['', '2', 'ä'],
    nothing: ['', '0', ''],
    buffer: ['', '6', 'buffer'],
    bytes: ['', '2', 'AB'],
    words: ['', '2', 'AB'],
    view: ['', '2', 'BC'],
    plain: ['', '5', 'plain'],
    search: ['application/x-www-form-urlencoded', '5', 'a=1+2'],
    blob: ['text/x-blob', '4', 'blob'],
    untyped: ['', '7', 'untyped'],
  })
  const [type = '', length, start = ''] = seen['form'] as string[]
  const body = start + (seen['form rest'] as string[])[0]
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(type)?.[1] ?? ''
  expect(body.split(`--${boundary}`)).toEqual([
    '',
    '\r\ncontent-disposition: form-data; name="a %22b%22"\r\n\r\none\r\ntwo\r\n',
    '\r\ncontent-disposition: form-data; name="file"; filename="hello.txt"\r\ncontent-type: text/plain\r\n\r\nhello\r\n',
    '--\r\n',
  ])
  expect(Number(length)).toBe(Buffer.byteLength(body))
  expect(seen['again']).toEqual(['POST', length])
})

test('a record whose error is null succeeds; a record with an Error fails', () => {
  expect(result.window.metrics.get('A well')?.failures).toBe(0)
  expect(result.window.metrics.get('A badly')?.failures).toBe(result.window.metrics.get('A badly')?.count)
})
