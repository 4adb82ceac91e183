import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { ended, listening } from '../../../../../targets/server.ts'
import { requestsIn } from '../../../class-run.ts'
import { runSlice } from '../../../slice-run.ts'

/** The events that the target has seen, in order. */
const seen: string[] = []
const server = createServer((request, response) => {
  request.resume()
  if (request.url === '/keep') {
    if (seen.at(-1) !== 'keep') seen.push('keep')
    response.end('ok')
    return
  }
  if (request.url === '/bye') {
    seen.push('onStop')
    response.end('ok')
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n')
  if (request.url === '/events') response.on('close', () => seen.push('sse closed'))
  // The stream ends after the load has fallen, within the stop timeout.
  else setTimeout(() => response.end('two', () => seen.push('stream complete')), 2_000)
})
const sockets = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (one) => {
    one.on('close', (code) => seen.push(`socket closed ${code}`))
    one.send('hello')
  }),
)
let host = ''
beforeAll(async () => (host = await listening(server)))
afterAll(() => ended(server))

test('when the load falls, event streams and message loops end immediately, and streamed responses may continue until the stop timeout', async () => {
  const { window } = await runSlice({
    host,
    scenario: `import { HttpUser, constant, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('50ms')
  tasks = { go: 1 }
  async go() {
    if (this.index === 0) await this.http.get('/keep')
    if (this.index === 1) for await (const _ of this.http.sse('/events'));
    if (this.index === 2) for await (const _ of this.http.stream('/slow'));
    if (this.index === 3) for await (const _ of await this.ws('/chat'));
  }
  async onStop() { if (this.index === 3) await this.http.get('/bye') }
}
export default scenario({ host: '${host}', users: [U], load: (second) => (second < 1.2 ? 4 : 1) })`,
    options: { runTimeMs: 5_000 },
  })
  expect([...window.exceptions.keys(), ...window.errors.keys()]).toEqual([])
  const order = (name: string): number => seen.indexOf(name)
  // The remaining user sends requests until the run ends. The last request of this user shows that the other users ended before the run ended.
  for (const name of ['sse closed', 'socket closed 1001', 'stream complete']) {
    expect(order(name)).toBeGreaterThan(-1)
    expect(order(name)).toBeLessThan(seen.lastIndexOf('keep'))
  }
  expect(order('onStop')).toBeLessThan(order('socket closed 1001'))
  expect(order('sse closed')).toBeLessThan(order('stream complete'))
  const { 'GET /slow': streams, 'GET /events': events } = requestsIn(window)
  expect([streams, events]).toEqual([1, 1])
  expect([...window.requests.values()].reduce((sum, { interrupted }) => sum + interrupted, 0)).toBe(0)
})
