import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, listening } from '../../../../targets/server.ts'
import { requestsIn } from '../../class-run.ts'
import { runSlice } from '../../slice-run.ts'

/** Ends each event stream immediately, and tells the client to wait an hour before it opens the stream again. */
const server = createServer((request, response) => {
  request.resume()
  response.setHeader('set-cookie', 'sid=1')
  const isAllowed = request.url === '/login' || request.headers.cookie === 'sid=1'
  response.writeHead(isAllowed ? 200 : 403, { 'content-type': 'text/event-stream' }).end('retry: 3600000\n\n')
})
let host = ''
beforeAll(async () => (host = await listening(server)))
afterAll(() => ended(server))

test.concurrent.for([
  ['users', {}],
  ['users with a single iteration', { iterations: 1 }],
] as const)(
  'if a hand-over begins while %s wait to reopen an event stream, they continue in the next worker with their state',
  async ([, limit]) => {
    const { window } = await runSlice({
      host,
      scenario: `import { HttpUser, constant, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('10ms')
  tasks = { listen: 1 }
  async onStart() { await this.http.post('/login') }
  async listen() { for await (const _ of this.http.sse('/events')); }
}
export default scenario({ host: '${host}', users: [U] })`,
      options: { users: 3, runTimeMs: 600_000, ...limit },
      plan: (plan) => ({
        ...plan,
        windowMs: 1_000,
        flushMs: 1_000,
        handOver: { intervalMs: 5_000, aheadMs: 1_000, waitMs: 60_000 },
      }),
      attempts: 'until stopped',
      during: async ({ stop, counted }) => {
        // If the machine is busy, a user may move to the next worker before it has opened the stream again. The test therefore waits for the number
        // of opened streams.
        const streams = (): number => counted().requests.get('GET /events')?.requests ?? 0
        await expect.poll(streams, { timeout: 120_000 }).toBeGreaterThanOrEqual(6)
        await stop()
      },
    })
    expect([...window.exceptions.keys(), ...window.errors.keys()]).toEqual([])
    expect(window.users.begunAnew).toBe(0)
    const { 'POST /login': logins, 'GET /events': streams } = requestsIn(window)
    expect(logins).toBe(3)
    // Each user opens the stream when the user begins, and at most once more in each worker that takes the user over: only a hand-over ends the pause
    // of an hour.
    expect(streams).toBeGreaterThanOrEqual(6)
    expect(streams).toBeLessThanOrEqual(3 + window.users.carried)
  },
)
