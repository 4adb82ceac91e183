import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { debugScenario } from '../../../cli/local-runs/starting/debug-run.ts'
import { renderTrace } from '../../../cli/terminal/render-exchange.ts'
import { startWebSocketTarget } from '../../targets/web-socket-target.ts'
import { startRudeTarget } from '../../targets/raw/rude-targets.ts'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { burst, emptyFolder } from '../command-line.ts'

const source = `import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser {
  tasks = { home: 1, broken: 1, odd: 1 }
  async onStart() { await this.http.post('/login', { json: { user: 'ann', password: 's3cret' }, auth: { bearer: 's3cret' } }) }
  async home() { await this.http.get('/') }
  async broken() { await this.http.get('/status/500') }
  async odd() { throw new Error('no luck') }
}
export default scenario({ host: 'http://127.0.0.1:1', users: [Visitor] })
`

test('burst debug runs each task once with one user, and shows exchanges, failures and exceptions, but no secrets', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'tiny.burst.ts'), source)
  const target = await startCountingTarget()
  const { code, stdout, stderr } = await burst(['debug', '-H', target.origin], folder)
  const { byPath } = target.counts()
  await target.close()
  expect({ code, stderr }).toEqual({ code: 99, stderr: '' })
  expect(byPath).toEqual({ 'POST /login': 1, 'GET /': 1, 'GET /status/500': 1 })
  expect(stdout).toContain(`> POST ${target.origin}/login\n`)
  expect(stdout).toContain('user 0, task home')
  expect(stdout).toContain('< 500 Internal Server Error')
  expect(stdout).toContain('✗ Error: no luck')
  expect(stdout).toContain('tiny.burst.ts:7:')
  expect(stdout).not.toContain('s3cret')
})

test('burst debug with --tags runs only the tasks that have one of the tags', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'tiny.burst.ts'), source)
  const { code, stderr } = await burst(['debug', '-T', 'checkout', 'tiny.burst.ts'], folder)
  expect(code).toBe(104)
  expect(stderr).toContain('no task of this scenario has a tag')
})

type Target = Pick<Awaited<ReturnType<typeof startRudeTarget>>, 'origin' | 'close'>

/** Returns the output and the result of `burst debug` for a scenario with these classes. */
async function debugged(
  classes: string,
  names: string,
  { stuckMs, start = startRudeTarget }: { stuckMs?: number; start?: () => Promise<Target> } = {},
) {
  const folder = await emptyFolder()
  const target = await start()
  const text = `import { HttpUser, scenario } from 'burst'\n${classes}\nexport default scenario({ host: '${target.origin}', users: [${names}] })`
  await writeFile(join(folder, 'tiny.burst.ts'), text)
  const options = { tags: [], excludeTags: [], vars: {}, failOnError: false }
  let shown = ''
  try {
    const result = await debugScenario({
      file: 'tiny.burst.ts',
      options,
      cwd: folder,
      ...(stuckMs !== undefined && { stuckMs }),
      show: (event) => void (shown += `${renderTrace(event)}\n`),
    })
    const thrown = result.exceptions.map((one) => one.message)
    return {
      ...result,
      shown,
      thrown,
      heads: shown.split('\n').filter((line) => /^(user|[<>] (GET|POST|\d{3}))/.test(line)),
    }
  } finally {
    await target.close()
  }
}

test('burst debug shows onStart, onStop and every redirect in order; if a user stops itself, a new user runs the remaining tasks', async () => {
  const { heads, failures, thrown } = await debugged(
    `class Visitor extends HttpUser {
  static count = 3
  tasks = { first: 1, leaves: 1, last: 1 }
  async onStart() { await this.http.get('/echo') }
  async first() { await this.http.get('/redirect/2') }
  async leaves() { this.stop() }
  async last() { await this.http.get('/echo') }
  async onStop() { await this.http.post('/echo') }
}`,
    'Visitor',
  )
  const plain = heads.map((line) => line.replace(/ in .*/, '').replace(/http:\/\/[^/]+/, ''))
  const echo = ['> GET /echo', '< 200 OK']
  const chain = [
    '> GET /redirect/2',
    '< 302 Found',
    '> GET /redirect/1',
    '< 302 Found',
    '> GET /redirect/0',
    '< 200 OK',
  ]
  const bye = ['user 0, onStop', '> POST /echo', '< 200 OK']
  expect(plain).toEqual([
    'user 0, onStart',
    ...echo,
    'user 0, task first',
    ...chain,
    'user 0, task leaves',
    'user 0, leaves with this.stop()',
    ...bye,
    'user 0, onStart',
    ...echo,
    'user 0, task last',
    ...echo,
    ...bye,
  ])
  expect({ failures, thrown }).toEqual({ failures: 0, thrown: [] })
})

test('burst debug shows each cookie of a response on its own line, without the value', async () => {
  const { shown } = await debugged(
    `class Visitor extends HttpUser { tasks = { go: 1 }; async go() { await this.http.get('/cookies/set') } }`,
    'Visitor',
  )
  expect(shown.split('\n').filter((line) => line.startsWith('< set-cookie: '))).toHaveLength(7)
  expect(shown).toContain('< set-cookie: hidden=***; Path=/; HttpOnly; SameSite=Strict\n')
  expect(shown).not.toMatch(/^< set-cookie: \w+=(?!\*\*\*)/m)
})

test('burst debug ends a task that has sent 1,000 requests, and runs the other tasks', async () => {
  const { heads, thrown } = await debugged(
    `class Polls extends HttpUser {
  tasks = { polls: 1, last: 1 }
  async polls() { for (;;) await Promise.all(Array.from({ length: 250 }, () => this.http.get('/echo'))) }
  async last() { await this.http.get('/echo') }
}`,
    'Polls',
  )
  expect(thrown).toEqual(['Error: Polls, task polls did not end: it has sent 1000 requests'])
  expect(heads.filter((line) => line.startsWith('user'))).toEqual(['user 0, task polls', 'user 0, task last'])
})

test('burst debug names tasks that never end, and runs the other tasks, even if the scenario replaces timers', async () => {
  const { heads, thrown } = await debugged(
    `Object.assign(globalThis, { setInterval: () => 0 })
performance.now = () => 0
class Waits extends HttpUser {
  tasks = { forever: 1, check: 1, ticks: 1, last: 1 }
  async forever() { await new Promise(() => {}) }
  async check() { await this.http.get('/echo').check('never', () => new Promise(() => {})) }
  async ticks() { for (;;) await this.sleep('100ms') }
  async last() { await this.sleep('600ms') }
}
class Starts extends HttpUser { tasks = { never: 1 }; async onStart() { await new Promise(() => {}) }; async never() {} }`,
    'Waits, Starts',
    { stuckMs: 500 },
  )
  expect(heads.filter((line) => line.startsWith('user') && !line.includes('pauses'))).toEqual([
    'user 0, task forever',
    'user 0, task check',
    'user 0, task ticks',
    'user 0, task last',
    'user 1, onStart',
  ])
  const waited = 'did not end: it has spent 500 ms waiting for something that is not a request or a pause'
  expect(thrown.toSorted()).toEqual([
    `Error: Starts, onStart ${waited}`,
    `Error: Waits, task check ${waited}`,
    `Error: Waits, task forever ${waited}`,
    'Error: Waits, task ticks did not end: it has run for 5 s',
  ])
})

test('burst debug fails with a one-sentence error when a task loops forever without an await', async () => {
  const loop = `class Loops extends HttpUser { tasks = { loop: 1 }; async loop() { for (;;); } }`
  await expect(debugged(loop, 'Loops', { stuckMs: 500 })).rejects.toMatchObject({
    reason: 'scenarioThrew',
    message: "the scenario's code has run for 500 ms without an await, probably in an endless loop",
  })
})

test('burst debug shows up to 100 messages of a WebSocket connection, and the result of each round trip', async () => {
  const chat = `class Guest extends HttpUser {
  tasks = { talk: 1, flood: 1 }
  async onStart() { this.chat = await this.ws('/chat') }
  async talk() {
    await this.chat.send({ json: { token: 's3cret', say: 'hi' } })
    await this.chat.expect('hi', { name: 'greeting' })
    await this.chat.send(new Uint8Array([0, 255]))
    await this.chat.expect()
    await this.chat.send('mute')
    await this.chat.expect('never', { name: 'silence', timeout: 0.2 })
  }
  async flood() { await this.chat.send('flood 150'); await this.chat.expect('flood 149') }
}`
  const { shown, failures } = await debugged(chat, 'Guest', { start: startWebSocketTarget })
  expect(failures).toBe(1)
  expect(shown).toMatch(/> WS ws:\/\/127\.0\.0\.1:\d+\/chat\n/)
  expect(shown.match(/101 Switching Protocols/g)).toHaveLength(1)
  expect(shown).toContain(`message to /chat
> {
>   "token": "***",
>   "say": "hi"
> }

message from /chat
< echo`)
  expect(shown).toMatch(/\ngreeting\n✓ answered in [\d.]+ ms\n/)
  expect(shown).toContain('message to /chat\n> (2 bytes, not text)\n\nmessage from /chat\n< (2 bytes, not text)\n')
  expect(shown).toContain('message to /chat\n> mute\n\nsilence\n✗ the expected message did not arrive within 200 ms\n')
  expect(shown.match(/^message (?:to|from)/gm)).toHaveLength(101)
  expect(shown).toContain('message from /chat\n< (further messages are not shown)\n')
})

test('burst debug shows a WebSocket message as sent only if the connection has accepted the message', async () => {
  const chat = `class Guest extends HttpUser {
  tasks = { talk: 1 }
  async talk() {
    const chat = await this.ws('/chat')
    const ignore = () => undefined
    await chat.send('deaf 1500')
    await this.sleep('200ms')
    const stuck = chat.send('s'.repeat(40 * 1024 * 1024)).catch(ignore)
    await chat.send('beyond the limit').catch(ignore)
    await stuck
    await chat.send('after the end').catch(ignore)
  }
}`
  const { shown, thrown } = await debugged(chat, 'Guest', { start: startWebSocketTarget })
  expect(thrown).toEqual([])
  expect(shown).toContain('message to /chat\n> deaf 1500\n')
  expect(shown.match(/^message to/gm)).toHaveLength(1)
})
