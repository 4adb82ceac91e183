import { type Server, type ServerResponse, createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Window } from '../../../../../../core/window/window.ts'
import { ended, listening } from '../../../../../targets/server.ts'
import { requestsIn } from '../../../class-run.ts'
import { runSlice } from '../../../slice-run.ts'

let server: Server
let host = ''
/** Streams that wait for one event. All of them receive the event at the same time. */
const waiting: ServerResponse[] = []

const answers: Record<string, (response: ServerResponse) => void> = {
  '/at-once': (response) => response.end('data: one\n\n'),
  '/slow': (response) => void setTimeout(() => response.end('data: one\n\n'), 1_500),
  '/together': (response) => {
    response.flushHeaders()
    if (waiting.push(response) < 4) return
    setTimeout(() => waiting.splice(0).forEach((one) => one.end('data: one\n\n')), 200)
  },
  '/ends-late': (response) => {
    response.write('data: one\n\n')
    setTimeout(() => response.end(), 1_200)
  },
  '/begins-late': (response) => {
    setTimeout(() => response.write('data: one\n\n'), 1_000)
    setTimeout(() => response.end(), 4_000)
  },
}

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume()
    const answer = answers[request.url ?? '']
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (answer) answer(response)
    else response.end('ok')
  })
  host = await listening(server)
})
afterAll(() => ended(server))

async function run(users: number, task: string, more = ''): Promise<Window> {
  const { window } = await runSlice({
    host,
    scenario: `import { HttpUser, scenario } from 'burst'
const spin = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
const seen = new Map()
class U extends HttpUser {
  tasks = { go: 1 }
  async go() { const { http } = this; ${task} }
}
export default scenario({ host: '${host}', users: [U]${more} })`,
    options: { users, iterations: 1, runTimeMs: 20_000 },
  })
  expect([...window.exceptions.keys(), ...window.errors.keys()]).toEqual([])
  return window
}

test.concurrent('the time from intent of a request does not include the time that its user waited for a stream', async () => {
  const window = await run(
    1,
    `for await (const _ of http.sse('/slow', { reconnect: false })) await http.post('/after-event')
     for await (const _ of http.stream('/slow')) await http.post('/after-piece')`,
  )
  for (const name of ['POST /after-event', 'POST /after-piece']) {
    expect(window.requests.get(name)?.fromIntent.count).toBe(1)
    expect(window.requests.get(name)?.fromIntent.percentileMs(100)).toBeLessThan(1_400)
  }
})

test.concurrent('a user sends its next request late if other users occupy the event loop and delay a piece of its stream', async () => {
  // The last of four users receives its event only after each of the other three users has blocked the loop for 40 ms.
  const window = await run(
    4,
    `for await (const _ of http.sse('/together', { reconnect: false })) { spin(40); await http.post('/after') }`,
  )
  expect(requestsIn(window)).toEqual({ 'GET /together': 4, 'POST /after': 4 })
  const [worker] = [...window.workers.values()]
  expect(worker?.lag.percentileMs(100)).toBeGreaterThan(60)
  expect(worker?.lostUs).toBeGreaterThan(60_000)
})

test.concurrent.for([
  [
    'an end that is read late',
    '/ends-late',
    'setTimeout(spin, 1_000, 1_000)',
    { leastMs: 0, mostMs: 500, latencyMs: 1_000 },
  ],
  [
    'a first byte that is read late',
    '/begins-late',
    // The test allows 700 ms for the request to be sent, because a busy machine is slow. The first byte arrives while the loop is blocked.
    'setTimeout(spin, 700, 1_000)',
    { leastMs: 150, mostMs: 2_500, latencyMs: 3_500 },
  ],
] as const)(
  'the latency of an event stream and its timing error depend only on its first byte: %s',
  async ([, route, block, { leastMs, mostMs, latencyMs }]) => {
    const window = await run(
      1,
      `for await (const _ of http.sse('/at-once', { reconnect: false }));
     ${block}
     for await (const _ of http.sse('${route}', { reconnect: false }));
     this.record({ method: 'onRequest', name: 'latency', ms: seen.get('${route}') })`,
      ', onRequest: ({ name, latencyMs }) => seen.set(name, latencyMs)',
    )
    const [worker] = [...window.workers.values()]
    expect(worker?.timingError.percentileMs(100)).toBeGreaterThanOrEqual(leastMs)
    expect(worker?.timingError.percentileMs(100)).toBeLessThan(mostMs)
    const told = window.metrics.get('onRequest latency')?.duration.percentileMs(100) ?? Number.NaN
    expect(told).toBeCloseTo(window.requests.get(`GET ${route}`)?.latency.percentileMs(100) ?? 0, 0)
    expect(told).toBeLessThan(latencyMs)
  },
)
