import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Window } from '../../../../../core/window/window.ts'
import { startProxy } from '../../../../targets/proxy.ts'
import { startTlsFront, tlsFixture } from '../../../../targets/tls-target.ts'
import { type WebSocketTarget, startWebSocketTarget } from '../../../../targets/web-socket-target.ts'
import { requestsIn, runClasses } from '../../class-run.ts'

let target: WebSocketTarget
beforeEach(async () => {
  target = await startWebSocketTarget()
})
afterEach(() => target.close())

const run = (classes: string, more: Parameters<typeof runClasses>[2] = {}): ReturnType<typeof runClasses> =>
  runClasses(target as never, classes, more)

function errorsIn(window: Window): string[] {
  return [...window.errors.values()]
    .map(({ name, kind, message, count }) => `${count} ${name} ${kind} ${message}`)
    .sort()
}

test('a connection stays open across tasks, and its opening and its named round trips count as requests', async () => {
  const { window } = await run(
    `import type { WebSocketConnection } from 'burst'
class U extends HttpUser {
  chat!: WebSocketConnection
  async onStart() {
    this.http.headers.set('cookie', 'a=1')
    this.chat = await this.ws('/rooms/:room', { params: { room: 7 }, protocols: ['one', 'two'], query: { q: 1 } })
  }
  @task async say() {
    await this.chat.send({ json: { n: this.index } })
    const answer = await this.chat.expect((m) => m.text().startsWith('echo'), { name: 'say' })
    if (answer.text() !== 'echo {"n":' + this.index + '}' || answer.binary) throw new Error(answer.text())
    await this.chat.send(new Uint8Array([1, 2, 3]))
    const bytes = await this.chat.expect()
    if (!bytes.binary || bytes.bytes.join() !== '1,2,3') throw new Error('bytes differ')
    if (this.chat.protocol !== 'two' || !this.chat.open) throw new Error('not open')
  }
}`,
    { options: { users: 3, iterations: 4 } },
  )
  expect([...window.exceptions.keys()]).toEqual([])
  expect(requestsIn(window)).toEqual({ 'WS /rooms/:room': 3, 'WS say': 12, 'WS /rooms/:room message': 12 })
  const opened = window.requests.get('WS /rooms/:room')
  expect([...(opened?.statuses ?? [])]).toEqual([[101, 3]])
  expect(opened).toMatchObject({ exchanges: 3, failures: 0, bytesIn: 12 * (12 + 3), bytesOut: 12 * (7 + 3) })
  expect([opened?.latency.count, opened?.connect.count, opened?.fromIntent.count]).toEqual([3, 3, 3])
  const trips = window.requests.get('WS say')
  expect(trips).toMatchObject({ exchanges: 0, failures: 0 })
  expect([trips?.latency.count, trips?.fromIntent.count]).toEqual([12, 12])
  const { messages, bytes, cookies } = target.counts()
  expect({ messages, bytes, cookies }).toEqual({ messages: 24, bytes: 120, cookies: ['a=1', 'a=1', 'a=1'] })
  const sent = window.metrics.get('WS /rooms/:room sent')
  expect(sent).toMatchObject({ count: 24, bytes: 120, failures: 0 })
  expect(window.metrics.get('WS /rooms/:room received')).toMatchObject({ count: 24, bytes: 180 })
  expect(window.metrics.get('WS /rooms/:room closed 1001')).toMatchObject({ count: 3, failures: 0 })
  expect([...window.notices.keys()]).toEqual([])
})

test('each kind of connection failure counts once, with its close code or its status, and ends the task', async () => {
  const { window } = await run(
    `const ways: ((user: U) => Promise<unknown>)[] = [
  (user) => user.ws('/declined'),
  (user) => user.ws('/plain'),
  (user) => user.ws('/never', { timeout: '100ms' }),
  (user) => user.ws('ws://127.0.0.1:1/closed'),
  async (user) => { const c = await user.ws('/a'); void c.send('close 1011 out of rooms'); await c.expect('x', { name: 'ask' }) },
  async (user) => { const c = await user.ws('/b'); void c.send('drop'); for await (const _ of c); },
  async (user) => { const c = await user.ws('/c'); void c.send('mute'); await c.expect('x', { timeout: '80ms', name: 'ask' }) },
  async (user) => { const c = await user.ws('/d'); void c.send('hi'); await c.expect((m) => m.json(), { name: 'ask' }) },
  async (user) => { const c = await user.ws('/e'); void c.send('close 1000'); for await (const _ of c); await c.send('late') },
]
class U extends HttpUser {
  at = 0
  @task async fail() {
    await ways[this.at++ % ways.length]!(this)
    throw new Error('the task did not end')
  }
}`,
    { options: { users: 1, iterations: 9 } },
  )
  expect([...window.exceptions.keys()]).toEqual([])
  expect(errorsIn(window)).toEqual([
    '1 /a lost protocol closed by the target with 1011: out of rooms',
    '1 /b lost network closed with 1006: the connection ended without a close frame',
    '1 /declined status HTTP 403',
    '1 /never timeout the connection did not open within 100 ms',
    '1 /plain protocol expected a switch to WebSocket (101), got 200',
    '1 ask expect the message could not be judged: SyntaxError: Unexpected token \'e\', "echo hi" is not valid JSON',
    '1 ask protocol closed by the target with 1011: out of rooms',
    '1 ask timeout the expected message did not arrive within 80 ms',
    '1 ws://127.0.0.1:1/closed network ECONNREFUSED: connection refused',
  ])
  expect([...window.metrics.keys()].filter((key) => key.includes('closed')).sort()).toEqual([
    'WS /a closed 1011',
    'WS /b closed 1006',
    'WS /c closed 1001',
    'WS /d closed 1001',
    'WS /e closed 1000',
  ])
  expect([...window.iterations.values()].map(({ count, failed }) => ({ count, failed }))).toEqual([
    { count: 9, failed: 9 },
  ])
})

test('expect() does not accept a message if its function returns a promise, a function, a generator or an Error', async () => {
  const { window } = await run(
    `const answers: Record<string, unknown> = {
  'promise': async () => false,
  'rejected promise': async () => { throw new Error('lost') },
  'thenable': () => ({ then() {} }),
  'function': () => () => false,
  'generator': () => (function* () {})(),
  'generator function': function* () { yield false },
  'error': () => new Error('not this one'),
}
class U extends HttpUser {
  names = Object.keys(answers)
  @task async ask() {
    const name = this.names.shift() as string
    const chat = await this.ws('/chat', { name: 'chat' })
    await chat.send('hi')
    await chat.expect(answers[name] as never, { name, timeout: '300ms' })
    throw new Error(name + ' was accepted')
  }
}`,
    { options: { users: 1, iterations: 7 } },
  )
  expect([...window.exceptions.keys()]).toEqual([
    'TypeError: the function of expect() is a generator function, which does not run when it is called: leave out the *',
  ])
  const returned = (what: string): string =>
    `expect the message could not be judged: TypeError: the function of expect() returned ${what}; it must return true or false`
  expect(errorsIn(window)).toEqual([
    '1 error timeout the expected message did not arrive within 300 ms',
    `1 function ${returned('a function')}`,
    `1 generator ${returned('a generator')}`,
    `1 promise ${returned('a promise')}`,
    `1 rejected promise ${returned('a promise')}`,
    `1 thenable ${returned('a promise')}`,
  ])
})

test('if a user reads from a connection before a request, the time from intent of the request does not include the time of this reading', async () => {
  const { window } = await run(`class U extends HttpUser {
  @task async go() {
    const chat = await this.ws('/chat')
    await chat.send('later 1500')
    for await (const message of chat) if (message.text() === 'late') break
    await chat.send('hi')
    await chat.expect('echo hi', { name: 'after' })
  }
}`)
  expect([...window.exceptions.keys()]).toEqual([])
  expect(window.requests.get('WS after')?.fromIntent.percentileMs(100)).toBeLessThan(1_400)
})

test('a connection over TLS uses the certificate of its user, and if this certificate is missing, the error says so', async () => {
  const front = await startTlsFront(target.origin)
  try {
    const { window } = await runClasses(
      // With TLS 1.3, the user without a certificate writes its request before the TLS server refuses the connection. burst counts this request as
      // sent, but the target does not receive it.
      { origin: front.origin, counts: () => ({ received: target.counts().received + 1 }) } as never,
      `const [ca, cert, key] = ${JSON.stringify(['ca.pem', 'client-0.pem', 'client-0.key'].map(tlsFixture))} as [string, string, string]
class U extends HttpUser {
  @task async go() {
    if (this.index === 0) this.http.tls = { ca, cert, key }
    for (let connection = 0; connection < 2; connection++) {
      const chat = await this.ws('/chat', { name: 'user ' + this.index })
      void chat.send('hi')
      await chat.expect('echo hi', { name: 'hi' })
    }
  }
}`,
      { options: { users: 2 }, more: `, tls: { ca }` },
    )
    expect([...window.exceptions.keys()]).toEqual([])
    expect(errorsIn(window)).toEqual([
      expect.stringMatching(/^1 user 1 network .*the target requires a client certificate/),
    ])
    expect(window.requests.get('WS user 0')?.tls.count).toBe(2)
    expect(front.resumed).toEqual([false, true])
  } finally {
    await front.close()
  }
})

test('a connection through a proxy uses a tunnel, even without TLS', async () => {
  const proxy = await startProxy()
  onTestFinished(() => proxy.close())
  const { window } = await run(
    `class U extends HttpUser {
  @task async go() {
    const connection = await this.ws('/chat')
    void connection.send('hello')
    await connection.expect('echo hello', { name: 'echo' })
    await connection.close()
  }
}`,
    { more: `, proxy: '${proxy.origin}'` },
  )
  expect([...window.errors.keys()]).toEqual([])
  expect(requestsIn(window)).toEqual({ 'WS /chat': 1, 'WS echo': 1 })
  expect(proxy.received).toEqual([`CONNECT 127.0.0.1:${new URL(target.origin).port} -`])
})
