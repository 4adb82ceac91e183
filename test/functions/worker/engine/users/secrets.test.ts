import { afterEach, expect, test } from 'vitest'
import { type RawTarget, answerOf, startRawTarget } from '../../../../targets/raw/raw-target.ts'
import { runSlice } from '../../slice-run.ts'

const token = 'tok-3n-0f-the-sh0p'
const options = { users: 1, iterations: 1, runTimeMs: 20_000, env: { API_TOKEN: token } }
/** Matches any remaining part of the token, even if only its first characters remain. */
const part = /tok-/
/** The lengths, in characters, to which burst shortens the different kinds of strings. */
const cuts = [100, 200, 300, 500, 600]

let target: RawTarget | undefined
afterEach(async () => {
  await target?.close()
  target = undefined
})

test('a string that is shortened in the middle of a secret does not show any part of the secret', async () => {
  target = await startRawTarget({ '*': (request, socket) => socket.write(answerOf(bodyFor(request.path))) })
  const { window } = await runSlice({
    host: target.origin,
    options,
    scenario: `import { HttpUser, scenario } from 'burst'
const ignore = () => undefined
const padded = (length: number) => 'x'.repeat(length - 5) + process.env.API_TOKEN
class U extends HttpUser {
  tasks = { all: 1 }
  async all() {
    for (const cut of ${JSON.stringify(cuts)}) {
      // In a message, other words or a host come before the string, and take up part of the permitted length.
      for (let before = 0; before < 60; before += 6) {
        const text = padded(cut - before)
        await this.http.get('/body/' + cut, { name: 'body' }).expect(201).catch(ignore)
        await this.http.get('/' + text, { name: 'path' }).expect(201).catch(ignore)
        await this.http.get('/' + text)
        await this.http.get('/', { name: text })
        await this.http.get('/', { name: 'own' }).expect(() => { throw new Error(text) }).catch(ignore)
        await this.http.get('/', { name: 'check' }).check({ [text]: () => { throw new Error(text) } })
        await (async () => this.http.get('http://' + text + ' /', { name: 'url' }))().catch((error) => void Promise.reject(error))
        await this.step(text, () => Promise.reject(new Error(text))).catch(ignore)
      }
    }
    throw new Error(padded(500))
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
  })
  const said = JSON.stringify(Object.values(window).map((one) => (one instanceof Map ? [...one] : one)))
  expect([...window.errors.values()].flatMap(({ exemplars }) => exemplars).length).toBeGreaterThan(5)
  expect([...window.exceptions.keys()].filter((text) => text.includes('not a valid URL')).length).toBeGreaterThan(0)
  expect(said).toContain('***')
  expect(said).not.toMatch(part)
})

test('the user name and password of a URL are not shown, wherever the scenario puts the URL', async () => {
  target = await startRawTarget({ '*': (_, socket) => socket.write(answerOf('ok')) })
  const url = target.origin.replace('//', '//ann:s3cretpw@')
  const { window } = await runSlice({
    host: target.origin,
    options: { ...options, env: {}, vars: { base: 'http://bob:0therpw@127.0.0.1' } },
    scenario: `import { HttpUser, scenario } from 'burst'
const url = '${url}'
const ignore = () => undefined
class U extends HttpUser {
  tasks = { all: 1 }
  async all() {
    await this.http.get(url + '/x', { name: url + '/named' }).check(url, () => true)
    await this.http.get(url + '/x').expect({ body: url }).catch(ignore)
    await this.http.get(url + '/x').expect({ body: url.replace('s3cretpw', 's3cretpw'.repeat(10)) }).catch(ignore)
    await this.http.get(url.replace('http', 'ht!tp'))
    await this.http.get('/0therpw/' + Buffer.from('bob:0therpw').toString('base64'))
    await this.step(url, async () => undefined)
    this.record({ method: url, name: url, ms: 1 })
    void Promise.reject(new Error(url))
    await this.http.get('/last')
    await this.ws(url.replace('http', 'wsx'))
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
  })
  const said = JSON.stringify(Object.values(window).map((one) => (one instanceof Map ? [...one] : one)))
  expect([...window.requests.keys()]).toContain(`GET ${target.origin.replace('//', '//***@')}/named`)
  expect([...window.exceptions.keys()].toSorted()).toEqual([
    `Error: ${target.origin}`,
    expect.stringMatching(/^TypeError: ws\(\) was given 'wsx:/),
  ])
  expect(said).not.toMatch(/s3cret|0therpw|Ym9iOjB0aGVycHc/)
})

/** Returns a body that burst shortens in the middle of the token. The path contains the length to which burst shortens the body. */
function bodyFor(path: string): string {
  const cut = Number(/^\/body\/(\d+)$/.exec(path)?.[1] ?? 10)
  return `${'y'.repeat(cut - 5)}${token}${'z'.repeat(50)}`
}

test('secrets are not shown if a scenario throws asynchronously while a worker loads it', async () => {
  const run = runSlice({
    host: 'http://127.0.0.1:1',
    options,
    scenario: `import { isMainThread } from 'node:worker_threads'
import { HttpUser, scenario } from 'burst'
if (!isMainThread) {
  setTimeout(() => { throw new Error('refused: ' + process.env.API_TOKEN) })
  await new Promise(() => setInterval(() => undefined, 1000))
}
class U extends HttpUser { tasks = { go: 1 }; async go() {} }
export default scenario({ host: 'http://127.0.0.1:1', users: [U] })`,
  })
  await expect(run).rejects.toMatchObject({ cause: { reason: 'scenarioThrew' }, message: 'refused: ***' })
})
