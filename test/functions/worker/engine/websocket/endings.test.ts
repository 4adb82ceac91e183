import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocketTarget, startWebSocketTarget } from '../../../../targets/web-socket-target.ts'
import { requestsIn, runClasses } from '../../class-run.ts'

let target: WebSocketTarget
beforeEach(async () => {
  target = await startWebSocketTarget()
})
afterEach(() => target.close())

const run = (classes: string, more: Parameters<typeof runClasses>[2] = {}): ReturnType<typeof runClasses> =>
  runClasses(target as never, classes, more)

test('a stopped user leaves a loop over messages immediately, but a call of expect() may wait until the stop timeout', async () => {
  let stoppedAt = Number.NaN
  const { window, last } = await run(
    `class U extends HttpUser {
  @task async go() {
    if (this.index === 0) { for await (const _ of await this.ws('/loop')); throw new Error('the loop ended') }
    if (this.index === 1) { const c = await this.ws('/await'); void c.send('mute'); await c.expect('x', { name: 'awaited' }) }
    if (this.index === 2) await this.ws('/never')
    if (this.index === 3) { this.chat = await this.ws('/kept'); await this.sleep('10m') }
  }
  chat: any
  async onStop() {
    if (this.index !== 3) return
    void this.chat.send('bye')
    await this.chat.expect('echo bye', { name: 'bye' })
    await this.chat.close(3001, 'done')
  }
}`,
    {
      options: { users: 4, iterations: undefined as never, runTimeMs: 600_000 },
      plan: (plan) => ({ ...plan, timing: { ...plan.timing, stopMs: 1_000 } }),
      during: async ({ stop }) => {
        await expect.poll(() => target.counts(), { timeout: 120_000 }).toMatchObject({ received: 4, messages: 1 })
        stoppedAt = Date.now()
        await stop()
      },
    },
  )
  expect(last.sentAt - stoppedAt).toBeLessThan(10_000)
  expect([...window.exceptions.keys()]).toEqual([])
  expect([...window.errors.keys()]).toEqual([])
  expect([...window.iterations.values()].map(({ count, hung }) => [count, hung])).toEqual([])
  expect(requestsIn(window)).toMatchObject({
    'WS /loop': 1,
    'WS /await': 1,
    'WS /never': 0,
    'WS /kept': 1,
    'WS bye': 1,
  })
  expect(window.requests.get('WS /never')?.interrupted).toBe(1)
  expect(window.requests.get('WS awaited')?.requests ?? 0).toBe(0)
  await expect.poll(() => target.counts().closes.toSorted((a, b) => a - b)).toEqual([1001, 1001, 3001])
  await expect.poll(() => target.counts().open).toBe(0)
})

test('a WebSocket connects only to allowed hosts, and a call with wrong arguments ends the task with an error message of one sentence', async () => {
  const { window } = await run(
    `const calls: ((user: U) => unknown)[] = [
  (user) => user.ws('ftp://x' as never),
  (user) => user.ws('/a', { protocol: 'x' } as never),
  (user) => user.ws('/a', { protocols: ['a', 'a'] }),
  (user) => user.ws('/a/:id', {} as never),
  async (user) => (await user.ws('/a')).send(7 as never),
  async (user) => (await user.ws('/a')).expect(7 as never),
  async (user) => (await user.ws('/a')).expect('x', { timout: 1 } as never),
  async (user) => (await user.ws('/a')).close(1006),
  async (user) => { const c = await user.ws('/a'); void c.send('hi'); await c.expect(async () => true, { name: 'judged' }) },
  (user) => user.ws('wss://forbidden.example/x?q=1'),
]
class U extends HttpUser {
  @task async go() {
    for (const call of calls) await (async () => call(this))().catch((error) => this.record({ method: 'E', name: String(error), ms: 0 }))
    const c = await this.ws('/flood')
    void c.send('flood 1500')
    await Promise.all(['flood 1499', 'flood 0', /flood 7$/].map((one) => c.expect(one, { name: 'concurrent' })))
  }
}`,
    { allow: ['127.0.0.1'], options: { users: 1 } },
  )
  expect([...window.exceptions.keys()]).toEqual([])
  // The names are in order within each message of the worker. On a busy machine, the names are in several messages, so the test sorts all names.
  const told = [...window.metrics.keys()].filter((key) => key.startsWith('E ')).map((key) => key.slice(2))
  expect(told.toSorted()).toEqual([
    "BurstError: expect() has an unknown option 'timout'",
    "BurstError: ws() has an unknown option 'protocol'",
    'TaskEnd: forbidden.example is not among the hosts that this stack may load-test',
    'TaskEnd: the message could not be judged: TypeError: the function of expect() returned a promise; it must return true or false',
    'TypeError: expect() was given 7; it takes a string, a RegExp or a function of the message',
    'TypeError: protocols is a list of 2 items; it must be a name, or a list of different names',
    'TypeError: send() was given 7; it takes a string, bytes or { json }',
    'TypeError: the code of close() is 1006; it must be 1000, or a number from 3000 to 4999',
    'TypeError: the route needs params: { id }',
    "TypeError: ws() was given 'ftp://x…'; it takes a path such as '/chat', or a URL that begins with 'ws://' or 'wss://'",
  ])
  expect(window.requests.get('WS concurrent')).toMatchObject({ requests: 3, failures: 0 })
  expect(window.requests.get('WS wss://forbidden.example/x')).toMatchObject({ requests: 1, failures: 1, exchanges: 0 })
})
