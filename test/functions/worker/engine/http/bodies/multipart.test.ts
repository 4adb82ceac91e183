import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RawTarget, answerOf, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { rowOf } from '../../counted.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const scenario = (host: string): string => `
import { HttpUser, scenario, task } from 'burst'
const form = { title: 'one', file: { content: new Uint8Array([65, 66]), filename: 'ab.bin' } }
class U extends HttpUser {
  @task async all() {
    const post = async (path: string, type: string | string[], multipart: object = form) =>
      this.http.post(path, { multipart: multipart as never, headers: { 'Content-Type': type } })
    await post('/own', 'multipart/form-data; boundary=x')
    await post('/list', ['multipart/form-data; boundary=x'])
    await post('/quoted', 'multipart/form-data; charset=utf-8; Boundary="x y:z"; a=b')
    await post('/mixed', 'multipart/mixed; boundary=x')
    await post('/none', 'multipart/form-data')
    await post('/json', 'application/json')
    await post('/blob', 'multipart/form-data; boundary=x', { ...form, file: new File(['AB'], 'ab.bin') })
    await this.http.post('/large', { multipart: { big: 'A'.repeat(100_000) }, headers: { 'content-type': 'multipart/form-data; boundary=x' } })
    const data = new FormData()
    data.append('title', 'one')
    this.http.headers.set('content-type', 'multipart/form-data; boundary=user')
    await this.http.post('/user', { body: data })
    const told = await Promise.all(['', 'x ', 'ä', 'y'.repeat(71), 'one'].map((boundary) =>
      post('/refused', 'multipart/form-data; boundary="' + boundary + '"', { ...form, title: 'a --one' }).catch((error: Error) => error.message)))
    for (const words of told) this.record({ method: 'told', name: String(words), ms: 1 })
    await post('/refused-blob', 'multipart/form-data; boundary=AB', { file: new Blob(['--AB']) })
  }
}
export default scenario({ host: '${host}', users: [U] })`

let target: RawTarget
let result: SliceRunResult
beforeAll(async () => {
  target = await startRawTarget({ '*': (_, socket) => socket.write(answerOf('')) })
  result = await runSlice({
    scenario: scenario(target.origin),
    host: target.origin,
    options: { users: 1, iterations: 1, runTimeMs: 60_000 },
  })
}, 60_000)
afterAll(() => target.close())

/** Returns the `content-type` and the body of the request to a path. */
function sent(path: string): { type: string; body: string } {
  const { lines = [], body = '' } = target.received.find((one) => one.path === path) ?? {}
  const type = lines.find((line) => /^content-type:/i.test(line))?.replace(/^[^:]*: /, '') ?? ''
  return { type, body }
}

const formWith = (boundary: string): string =>
  [
    `--${boundary}`,
    'content-disposition: form-data; name="title"',
    '',
    'one',
    `--${boundary}`,
    'content-disposition: form-data; name="file"; filename="ab.bin"',
    'content-type: application/octet-stream',
    '',
    'AB',
    `--${boundary}--`,
    '',
  ].join('\r\n')

test('the boundary in a content-type header separates the parts of a form', () => {
  expect(sent('/own')).toEqual({ type: 'multipart/form-data; boundary=x', body: formWith('x') })
  expect(sent('/list')).toEqual(sent('/own'))
  const quoted = 'multipart/form-data; charset=utf-8; Boundary="x y:z"; a=b'
  expect(sent('/quoted')).toEqual({ type: quoted, body: formWith('x y:z') })
  expect(sent('/mixed')).toEqual({ type: 'multipart/mixed; boundary=x', body: formWith('x') })
  expect(sent('/blob')).toEqual(sent('/own'))
  expect(sent('/large').body).toMatch(/^--x\r\n[^]*A\r\n--x--\r\n$/)
  expect(sent('/user')).toMatchObject({
    type: 'multipart/form-data; boundary=user',
    body: expect.stringMatching(/^--user\r\n[^]*\r\n--user--\r\n$/) as string,
  })
})

test('if the multipart content-type header of a form has no boundary, burst adds a boundary; a content-type header that is not multipart stays unchanged', () => {
  const [, boundary = ''] = /^multipart\/form-data; boundary=(----burst-\S+)$/.exec(sent('/none').type) ?? []
  expect(sent('/none').body).toBe(formWith(boundary))
  expect(sent('/json')).toEqual({ type: 'application/json', body: formWith(boundary) })
})

test('a boundary that cannot be used is refused with an error message of one sentence', () => {
  const told = [...result.window.metrics.keys()].filter((key) => key.startsWith('told '))
  const allowed =
    "it must have 1 to 70 characters, only letters, digits, spaces and '()+_,-./:=?, and must not end in a space"
  expect(told.map((key) => key.slice('told '.length))).toEqual([
    `multipart: 'title' contains "one", the boundary in content-type: choose another boundary, or omit the boundary`,
    `the boundary in content-type is ""; ${allowed}`,
    `the boundary in content-type is "x "; ${allowed}`,
    expect.stringMatching(/^the boundary in content-type is "y{60}…"/),
    `the boundary in content-type is "ä"; ${allowed}`,
  ])
  expect(rowOf(result, '/refused-blob')).toMatchObject({ requests: 1, failures: 1, exchanges: 0 })
  expect(target.received.filter(({ path }) => path.startsWith('/refused'))).toEqual([])
})
