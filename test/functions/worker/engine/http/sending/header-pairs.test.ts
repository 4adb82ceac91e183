import { expect, test } from 'vitest'
import { type RawRequest, answerOf, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { runSlice } from '../../../slice-run.ts'

const page = '<form id="f" method="post" action="/sent"><input name="a" value="1"></form>'

const scenario = (host: string): string => `
import { HttpUser, scenario, task } from 'burst'
const pairs: [string, string | number | null][] = [['X-Part', 'a'], ['x-other', 'b'], ['x-part', 3], ['x-PART', null]]
class U extends HttpUser {
  @task async all() {
    const { http } = this
    await http.get('/pairs', { headers: pairs })
    await http.get('/object', { headers: { 'X-Part': 'a', 'x-part': 'b' } })
    http.headers.set('x-part', 'of the user')
    await http.get('/replaced', { headers: pairs })
    await http.get('/removed', { headers: [['x-part', null]] })
    for await (const piece of http.stream('/streamed', { headers: [...pairs, ['Accept-Encoding', 'br']] })) piece.length
    await (await http.get('/page').html()).form('#f').submit({}, { headers: [...pairs, ['Referer', 'http://other.example/']] })
  }
}
export default scenario({ host: '${host}', users: [U] })`

const lines = ({ lines: all }: RawRequest, name: string): string[] =>
  all.filter((line) => line.toLowerCase().startsWith(`${name}: `)).map((line) => line.slice(name.length + 2))

test('a list of header pairs may repeat a name; if names in a header object differ only in case, only the last of them is sent', async () => {
  const target = await startRawTarget({
    '/page': (_, socket) => socket.write(answerOf(page, 'Content-Type: text/html')),
    '*': (_, socket) => socket.write(answerOf('ok')),
  })
  try {
    const { window } = await runSlice({
      scenario: scenario(target.origin),
      host: target.origin,
      options: { users: 1, iterations: 1, runTimeMs: 60_000 },
    })
    expect([...window.exceptions.values(), ...window.errors.values()]).toEqual([])
    const sent = new Map(target.received.map((one) => [one.path, one]))
    const of = (path: string, name: string): string[] => lines(sent.get(path) as RawRequest, name)
    for (const path of ['/pairs', '/replaced', '/streamed', '/sent']) {
      expect([path, of(path, 'x-part'), of(path, 'x-other')]).toEqual([path, ['a', '3'], ['b']])
    }
    expect(of('/object', 'x-part')).toEqual(['b'])
    expect(of('/removed', 'x-part')).toEqual([])
    expect(of('/streamed', 'accept-encoding')).toEqual(['br'])
    expect(of('/sent', 'referer')).toEqual(['http://other.example/'])
  } finally {
    await target.close()
  }
}, 60_000)
