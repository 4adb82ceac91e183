import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RudeTarget, startRudeTarget } from '../../../../../targets/raw/rude-targets.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'
import { mistakes } from './wrong-calls.ts'

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

  test('after a call with wrong arguments, the user continues without an exception', () => {
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

test('a recorded sample succeeds if its error is null, and fails if its error is an Error', () => {
  expect(result.window.metrics.get('A well')?.failures).toBe(0)
  expect(result.window.metrics.get('A badly')?.failures).toBe(result.window.metrics.get('A badly')?.count)
})
