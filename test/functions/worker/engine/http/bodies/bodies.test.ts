import { type IncomingMessage, type Server, createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, listening } from '../../../../../targets/server.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const scenario = (host: string): string => `
import { HttpUser, file, scenario } from 'burst'
const photo = file('photo.png')
const blobs = [new Blob(['one'], { type: 'text/x-one' }), new Blob(['two'])]
const ends = (request) => request.then(() => 'went on', (error) => error.name)
class U extends HttpUser {
  tasks = { all: 1 }
  async all() {
    const { http } = this
    await http.post('/form', { name: 'mixed', multipart: {
      title: 'one\\ntwo', count: 3, 'a "b"': true, none: undefined, photo, raw: new Uint8Array([0, 13, 10, 255]), list: ['x', 'y'],
      meta: { content: '{"a":1}', type: 'application/json' }, named: { content: 'text', filename: 'ä.txt', type: 'text/plain' },
    } })
    await http.post('/form', { name: 'blobs', multipart: { blobs }, arrays: 'brackets' })
    await http.post('/form', { name: 'pairs', multipart: [['a', 1], ['a', 2]] })
    await http.post('/form', { name: 'comma', multipart: { a: [1, 2] }, arrays: 'comma' })
    await http.post('/form', { name: 'large', multipart: { big: { content: new Uint8Array(300_000).fill(65), filename: 'big.bin' } } })
    await http.post('/form', { name: 'form data', body: formData() })
    await http.post('/raw', { name: 'file', body: photo })
    await http.post('/raw', { name: 'in a task', body: file('later.txt') })
    for (const name of ['one', 'two']) await http.post('/raw', { name: 'shipped', body: file('deep/' + name + '.json') })
    await http.post('/raw', { name: 'shipped first', body: file('both.txt') })
    const gone = await http.get('/raw', { name: 'told' }).then(() => file('gone.txt')).catch((error) => error.message)
    for (const arrays of [undefined, 'repeat', 'brackets', 'comma']) {
      const options = { query: { a: ['1', 'x,y'], b: 'z z', c: [], 'd[]': [1] }, form: { a: ['1', 'x,y'], b: 'z z', c: [] }, name: 'arrays ' + arrays }
      await http.post('/raw', arrays === undefined ? options : { ...options, arrays })
    }
    let opened = 0
    const pieces = async function* () { opened++; yield 'ab'; await null; yield new Uint8Array([99]); yield '' }
    await http.post('/raw', { name: 'stream', body: pieces, headers: { 'content-type': 'text/x-stream' } })
    await http.put('/raw', { name: 'sync stream', body: () => ['a', 'b'] })
    await http.post('/raw', { name: 'empty stream', body: () => [] })
    await http.post('/redirect/307', { name: 'redirected stream', body: pieces })
    await http.post('/redirect/307', { name: 'redirected text', body: 'hello' })
    await http.post('/redirect/303', { name: 'redirected to GET', body: 'hello' })
    await http.post('/redirect/308', { name: 'redirected large', multipart: { big: new Uint8Array(100_000) } })
    const broken = await http.post('/raw', { name: 'broken stream', body: async function* () { yield 'a'; throw new Error('out of pieces') } })
    const wrong = await http.post('/raw', { name: 'wrong piece', body: () => [{ a: 1 }] })
    const unreadable = await http.post('/raw', { name: 'no iterable', body: () => 7 })
    await http.post('/early', { name: 'answered early', body: async function* () { for (;;) { yield 'x'.repeat(1000); await new Promise((go) => setTimeout(go, 5)) } } })
    await http.get('/raw', { name: 'told' }).check('opened ' + opened, () => true).check(gone, () => true).check('statuses ' + [broken, wrong, unreadable].map((r) => r.status), () => true)
  }
}
function formData() {
  const form = new FormData()
  form.append('a', 'b')
  form.append('file', blobs[0], 'one.txt')
  return form
}
export default scenario({ host: '${host}', users: [U] })
`

interface Seen {
  method: string
  url: string
  type: string
  length: string | undefined
  body: Buffer
}

let server: Server
let result: SliceRunResult
const seen: Seen[] = []

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    if (url === '/early') {
      response.writeHead(413).end()
      return
    }
    void bodyOf(request)
      .then((body) => {
        seen.push({ method, url, type: headers['content-type'] ?? '', length: headers['content-length'], body })
        const status = Number(/^\/redirect\/(\d+)/.exec(url)?.[1] ?? 200)
        response.writeHead(status, status === 200 ? {} : { location: '/raw' }).end()
      })
      // If the body was cut off, the target does not answer.
      .catch(() => response.destroy())
  })
  const host = await listening(server)
  result = await runSlice({
    scenario: scenario(host),
    host,
    options: { users: 1, iterations: 1, runTimeMs: 60_000 },
    shipped: { 'deep/one.json': '1', 'deep/two.json': '2', 'both.txt': 'shipped' },
    files: { 'both.txt': 'beside', 'photo.png': 'a "picture"\nof bytes', 'later.txt': 'read in a task' },
  })
}, 60_000)
afterAll(() => ended(server))

/** Returns the fields of the n-th form, as Node's own parser reads them. */
async function formOf(index: number): Promise<[string, string, string, string][]> {
  const { body, type } = seen.filter(({ url }) => url === '/form')[index] as Seen
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const fields: [string, string, string, string][] = []
  for (const [name, value] of form) {
    if (typeof value === 'string') fields.push([name, value, '', ''])
    else fields.push([name, Buffer.from(await value.arrayBuffer()).toString('latin1'), value.name, value.type])
  }
  return fields
}

const bytesOut = (name: string): number =>
  [...result.window.requests.values()].find((one) => one.name === name)?.bytesOut ?? Number.NaN

describe('a multipart body', () => {
  test('a multipart body can contain text fields, files, bytes, lists and parts with their own headers', async () => {
    expect(await formOf(0)).toEqual([
      ['title', 'one\r\ntwo', '', ''],
      ['count', '3', '', ''],
      ['a "b"', 'true', '', ''],
      ['photo', 'a "picture"\nof bytes', 'photo.png', 'image/png'],
      ['raw', '\u0000\r\n\u00FF', 'blob', 'application/octet-stream'],
      ['list', 'x', '', ''],
      ['list', 'y', '', ''],
      ['meta', '{"a":1}', '', ''],
      ['named', 'text', 'ä.txt', 'text/plain'],
    ])
    expect(seen[0]?.body.toString()).toContain('name="meta"\r\ncontent-type: application/json\r\n\r\n{"a":1}')
  })

  test('a scenario can give a multipart body as Blobs, pairs or a FormData, and the option `arrays` determines how lists are sent', async () => {
    expect(await formOf(1)).toEqual([
      ['blobs[]', 'one', 'blob', 'text/x-one'],
      ['blobs[]', 'two', 'blob', 'application/octet-stream'],
    ])
    expect(await formOf(2)).toEqual([
      ['a', '1', '', ''],
      ['a', '2', '', ''],
    ])
    expect(await formOf(3)).toEqual([['a', '1,2', '', '']])
    expect(await formOf(5)).toEqual([
      ['a', 'b', '', ''],
      ['file', 'one', 'one.txt', 'text/x-one'],
    ])
  })

  test('a multipart body of any size has a content-length, and its bytes are counted', async () => {
    const forms = seen.filter(({ url }) => url === '/form')
    for (const { length, body } of forms) expect(Number(length)).toBe(body.length)
    expect((await formOf(4))[0]?.[1]).toHaveLength(300_000)
    expect(bytesOut('large')).toBe(forms[4]?.body.length)
    expect(bytesOut('mixed')).toBe(forms[0]?.body.length)
  })
})

describe('a body', () => {
  test('a body may be a file that is copied to the workers, even if only a task reads the file', () => {
    const [photo, later] = seen.filter(({ url }) => url === '/raw')
    expect([photo?.type, photo?.body.toString()]).toEqual(['image/png', 'a "picture"\nof bytes'])
    expect([later?.type, later?.body.toString()]).toEqual(['text/plain', 'read in a task'])
  })

  test('a body may be a file of --files, and a file of --files takes precedence over a file of the same name beside the scenario', () => {
    const shipped = seen.filter(({ url }) => url === '/raw').slice(2, 5)
    expect(shipped.map(({ type, body }) => [type, body.toString()])).toEqual([
      ['application/json', '1'],
      ['application/json', '2'],
      ['text/plain', 'shipped'],
    ])
    const gone = expect.stringMatching(/^gone\.txt was not copied to the worker: call file\(\) at the top/)
    expect([...result.window.checks.keys()]).toContainEqual(gone)
  })

  test('forms and queries write lists in the style that the option `arrays` selects', () => {
    const written = seen.filter(({ url }) => url.includes('?')).map(({ url, body }) => [url, body.toString()])
    const repeated = ['/raw?a=1&a=x%2Cy&b=z%20z&d%5B%5D=1', 'a=1&a=x%2Cy&b=z+z']
    expect(written).toEqual([
      repeated,
      repeated,
      ['/raw?a%5B%5D=1&a%5B%5D=x%2Cy&b=z%20z&d%5B%5D=1', 'a%5B%5D=1&a%5B%5D=x%2Cy&b=z+z'],
      ['/raw?a=1,x%2Cy&b=z%20z&d%5B%5D=1', 'a=1,x%2Cy&b=z+z'],
    ])
  })

  test('a body is streamed from a function that returns chunks, and the function is called again for a redirect', () => {
    const streams = seen.filter(({ length, body }) => length === undefined && body.length > 0)
    expect(streams.map(({ url, type, body }) => [url, type, body.toString()])).toEqual([
      ['/raw', 'text/x-stream', 'abc'],
      ['/raw', '', 'ab'],
      ['/redirect/307', '', 'abc'],
      ['/raw', '', 'abc'],
    ])
    expect([...result.window.checks.keys()]).toContain('opened 3')
    expect([...result.window.checks.keys()]).toContain('statuses 0,0,0')
    expect([bytesOut('stream'), bytesOut('sync stream'), bytesOut('empty stream')]).toEqual([3, 2, 0])
  })

  test('the bytes of a body are counted each time the body is sent', () => {
    expect([bytesOut('redirected stream'), bytesOut('redirected text'), bytesOut('redirected to GET')]).toEqual([
      6, 10, 5,
    ])
    expect(bytesOut('redirected large')).toBe(2 * (seen.find(({ url }) => url === '/redirect/308')?.body.length ?? 0))
  })

  test('if the function that returns the body throws an error, the request fails with the message of the error', () => {
    const failures = [...result.window.errors.values()].map(({ name, kind, message }) => `${name}: ${kind}: ${message}`)
    const piece = 'a piece of the body is an object; it must be a string or bytes'
    const returned = 'the function of body returned 7; it must return an iterable of strings or bytes'
    expect(failures.toSorted()).toEqual([
      'answered early: status: HTTP 413',
      'broken stream: expect: the stream of the body failed: out of pieces',
      `no iterable: expect: the stream of the body failed: ${returned}`,
      `wrong piece: expect: the stream of the body failed: ${piece}`,
    ])
    expect([...result.window.exceptions.values()]).toEqual([])
  })
})
