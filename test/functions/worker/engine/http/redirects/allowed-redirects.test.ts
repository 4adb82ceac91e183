import { afterEach, expect, test } from 'vitest'
import { keys } from '../../../../../../functions/keys.ts'
import { Redirects } from '../../../../../../functions/worker/engine/http/redirects/allowed-redirects.ts'
import { type RawAnswer, type RawTarget, answerOf, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { runSlice } from '../../../slice-run.ts'

const targets: RawTarget[] = []
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()))
})
async function start(answers: Readonly<Record<string, RawAnswer>>): Promise<RawTarget> {
  const target = await startRawTarget(answers)
  targets.push(target)
  return target
}

const ok = answerOf('ok')
const found = (location: string): string => `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`

test('burst follows a redirect to the host of the run, to the host that sent the redirect, to a host that the code names, or to an allowed host', () => {
  const redirects = new Redirects('https://shop.example/base', ['cdn.example', '*.static.example', 'api.example:8443'])
  const may = (from: string, to: string): boolean => redirects.mayGo(from, new URL(to))
  const home = 'https://shop.example/'
  redirects.name('https://auth.example')
  for (const to of [
    'http://shop.example/x',
    'https://auth.example/home',
    'http://auth.example/',
    'https://cdn.example:444/',
    'https://a.static.example/',
    'https://api.example:8443/',
  ])
    expect([to, may(home, to)]).toEqual([to, true])
  for (const to of ['https://shop.example:8443/', 'https://other.example/', 'https://api.example/'])
    expect([to, may(home, to)]).toEqual([to, false])
  expect(may('https://other.example/a', 'https://other.example/b')).toBe(true)
  expect(may('https://other.example/a', 'https://other.example:81/b')).toBe(false)
})

test('a user name and a password in the URL of the host are sent only to that host', async () => {
  const third = await start({ '*': (_, socket) => socket.write(ok) })
  const second = await start({
    '/login': (_, socket) => socket.write(found('/home')),
    '*': (_, socket) => socket.write(ok),
  })
  const first = await start({
    '/to-second': (_, socket) => socket.write(found(`${second.origin}/landed`)),
    '/to-third': (_, socket) => socket.write(found(`${third.origin}/x`)),
    '*': (_, socket) => socket.write(ok),
  })
  const host = first.origin.replace('//', '//ann:s3cret%21@')
  let stored: string | undefined
  const { window, plan } = await runSlice({
    host,
    during: async ({ store }) => void (stored = (await store.get(keys.plan('r1')))?.body),
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/own')
    await this.http.get('/bearer', { auth: { bearer: 't' } })
    await this.http.get('${second.origin}/login')
    await this.http.get('/to-second')
    await this.http.get('/to-third')
    throw new Error('at ${host}/own, echoed s3cret! and ${Buffer.from('ann:s3cret!').toString('base64')}')
  }
}
export default scenario({ host: '${first.origin}', users: [U] })`,
    options: { users: 1, iterations: 1, runTimeMs: 20_000 },
  })
  const sent = ({ received }: RawTarget): string[] =>
    received.map(({ path, lines }) => `${path} ${lines.find((line) => /^authorization:/i.test(line)) ?? '-'}`)
  const basic = `authorization: Basic ${Buffer.from('ann:s3cret!').toString('base64')}`
  expect(sent(first)).toEqual([
    `/own ${basic}`,
    '/bearer authorization: Bearer t',
    `/to-second ${basic}`,
    `/to-third ${basic}`,
  ])
  expect(sent(second)).toEqual(['/login -', '/home -', '/landed -'])
  expect(third.received).toEqual([])
  expect([...window.errors.values()].map(({ name, kind }) => `${name} ${kind}`)).toEqual(['/to-third refused'])
  expect(plan.hostUserinfo).toBe('ann:s3cret%21')
  expect(stored).toContain('"hostUserinfo":"***"')
  const said = [[...window.exceptions.keys()], [...window.errors], [...window.requests.keys()]]
  expect(JSON.stringify([stored, said])).not.toMatch(/s3cret/)
  expect([...window.exceptions.keys()]).toEqual([`Error: at ${first.origin}/own, echoed *** and ***`])
})

test('a redirect may lead to a host to which the code has opened a WebSocket connection', async () => {
  const chat = await start({ '*': (_, socket) => socket.write(ok) })
  const first = await start({ '*': (_, socket) => socket.write(found(`${chat.origin}/landed`)) })
  const { window } = await runSlice({
    host: first.origin,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/before')
    await this.ws('${chat.origin.replace('http', 'ws')}/chat').catch(() => undefined)
    await this.http.get('/after')
  }
}
export default scenario({ host: '${first.origin}', users: [U] })`,
    options: { users: 1, iterations: 1, runTimeMs: 20_000 },
  })
  expect(chat.received.map(({ path }) => path)).toEqual(['/chat', '/landed'])
  expect(window.requests.get('GET /before')).toMatchObject({ failures: 1, exchanges: 1 })
  expect(window.requests.get('GET /after')).toMatchObject({ failures: 0, exchanges: 2 })
})

test('if the run stops during a chain of redirects, the chain counts as interrupted, and the 302 response is not judged', async () => {
  let answerHeld = (): void => undefined
  const arrived = Promise.withResolvers<void>()
  const target = await start({
    '/held': (_, socket) => {
      answerHeld = () => void socket.write(found('/after'))
      arrived.resolve()
    },
    // At this point the run is already stopping.
    '/stopping': (_, socket) => {
      answerHeld()
      socket.write(ok)
    },
    '*': (_, socket) => socket.write(ok),
  })
  const { window } = await runSlice({
    host: target.origin,
    scenario: `import { HttpUser, constant, scenario, task } from 'burst'
class Held extends HttpUser { @task async go() { await this.http.get('/held').expect(200) } }
class Waiting extends HttpUser {
  wait = constant('60s')
  @task async go() { await this.http.get('/x') }
  async onStop() { await this.http.get('/stopping') }
}
export default scenario({ host: '${target.origin}', users: [Held, Waiting] })`,
    options: { users: 2, runTimeMs: 60_000 },
    during: async ({ stop }) => {
      await arrived.promise
      await stop()
    },
  })
  expect(window.requests.get('GET /held')).toMatchObject({ requests: 0, failures: 0, exchanges: 0, interrupted: 1 })
  expect(window.errors.size).toBe(0)
  expect(target.received.map(({ path }) => path)).not.toContain('/after')
})
