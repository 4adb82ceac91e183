import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { CookieBudget, Cookies } from '../../../../../functions/worker/engine/http/cookies.ts'
import { answerOf, startRawTarget } from '../../../../targets/raw/raw-target.ts'
import { runSlice } from '../../slice-run.ts'

const url = 'https://shop.example/'
const namesIn = (cookies: Cookies): string[] =>
  (cookies.headerFor('https://shop.example/') ?? '').split('; ').map((pair) => pair.replace(/=.*/, ''))

describe('the cookies of a user', () => {
  test('a user keeps at most 180 cookies, and drops its oldest cookies when it receives more', () => {
    const cookies = new Cookies(new CookieBudget())
    for (let i = 0; i < 1000; i++) cookies.store(`c${i}=1`, url)
    cookies.store('c900=2', url)
    expect(namesIn(cookies)).toHaveLength(180)
    expect(namesIn(cookies)).toContain('c999')
    expect(namesIn(cookies)).toContain('c900')
    expect(namesIn(cookies)).not.toContain('c819')
  })

  test('deleted cookies and expired cookies do not displace other cookies, and do not count towards the memory limit', () => {
    const cookies = new Cookies(new CookieBudget(10_000))
    cookies.store('session=1', url)
    for (let i = 0; i < 200; i++) {
      cookies.store(`correlation.${i}=${'x'.repeat(1_000)}; max-age=60`, url)
      cookies.store(`correlation.${i}=; max-age=0`, url)
      cookies.store(`old.${i}=${'x'.repeat(1_000)}; expires=Thu, 01 Jan 1970 00:00:00 GMT`, url)
    }
    expect(namesIn(cookies)).toEqual(['session'])
    cookies.store(`large=${'x'.repeat(4_000)}`, url)
    expect(namesIn(cookies)).toEqual(['session', 'large'])
  })

  test('the lifetime of a cookie begins with the response that sets it, and not with its last use', () => {
    let nowMs = Date.now()
    const cookies = new Cookies(new CookieBudget(), () => nowMs)
    cookies.store(['short=1; max-age=10', 'long=1; max-age=1e300'], url)
    for (let second = 1; second <= 9; second++) {
      nowMs += 1_000
      expect(cookies.headerFor(`${url}page/${second}`)).toContain('short=1')
    }
    nowMs += 1_000
    expect(cookies.headerFor(`${url}page/10`)).not.toContain('short=1')
  })

  test.for([3_600_000, -3_600_000])(
    'if the system clock is changed by %i ms during a run, users keep their cookies for the same time as without the change',
    (stepMs, { onTestFinished }) => {
      const begunMs = Date.now()
      let nowMs = begunMs
      const cookies = new Cookies(new CookieBudget(), () => nowMs)
      const inTenMinutes = new Date(begunMs + 600_000).toUTCString()
      cookies.store(['aged=1; max-age=600', `dated=1; expires=${inTenMinutes}`], url)
      vi.useFakeTimers({ toFake: ['Date'], now: begunMs + stepMs })
      onTestFinished(() => void vi.useRealTimers())
      nowMs += 590_000
      expect(namesIn(cookies)).toEqual(['aged', 'dated'])
      expect(cookies.headerFor(`${url}first-use`)).toBe('aged=1; dated=1')
      nowMs += 20_000
      expect(cookies.headerFor(url)).toBeUndefined()
      expect(cookies.headerFor(`${url}later`)).toBeUndefined()
    },
  )

  test('a cookie larger than 4 KiB is not kept', () => {
    const cookies = new Cookies(new CookieBudget())
    cookies.store(['small=1', `large=${'x'.repeat(5_000)}`, `vast=${'x'.repeat(50_000)}`], url)
    expect(namesIn(cookies)).toEqual(['small'])
  })

  test('a cookie that exceeds a limit has no effect: an earlier cookie with the same name keeps its value', () => {
    const budget = new CookieBudget(6_000)
    const cookies = new Cookies(budget)
    const other = `other=${'x'.repeat(3_000)}`
    cookies.store(['a=1', other], url)
    for (const large of [`a=${'x'.repeat(5_000)}`, `a=${'x'.repeat(5_000)}; max-age=0`]) cookies.store(large, url)
    expect([cookies.headerFor(url), budget.refused]).toEqual([`a=1; ${other}`, false])
    cookies.store(`a=${'x'.repeat(4_000)}`, url)
    expect([cookies.headerFor(url), budget.refused]).toEqual([`a=1; ${other}`, true])
    cookies.store(`a=${'x'.repeat(2_900)}`, url)
    expect(cookies.headerFor(url)).toBe(`a=${'x'.repeat(2_900)}; ${other}`)
  })

  test('cookies are added to a copy of the headers, and all requests with the same headers and cookies share this copy', () => {
    const cookies = new Cookies(new CookieBudget())
    const shared = Object.freeze({ accept: '*/*' })
    expect(cookies.addTo(shared, url)).toBe(shared)
    cookies.store(['a=1', 'deep=2; path=/deep'], url)
    const first = cookies.addTo(shared, `${url}?page=1`)
    expect(first).toEqual({ accept: '*/*', cookie: 'a=1' })
    expect(cookies.addTo(shared, `${url}other`)).toBe(first)
    expect(cookies.addTo(shared, `${url}deep/x`)).toEqual({ accept: '*/*', cookie: 'deep=2; a=1' })
    expect(cookies.addTo({ accept: 'text/html' }, url)).toEqual({ accept: 'text/html', cookie: 'a=1' })
    const own = { cookie: 'own=1' }
    expect(cookies.addTo(own, url)).toBe(own)
    cookies.store(['a=3', 'deep=; path=/deep; max-age=0'], url)
    expect(cookies.addTo(shared, url)).toEqual({ accept: '*/*', cookie: 'a=3' })
    expect(cookies.addTo(shared, 'https://other.example/')).toBe(shared)
    cookies.clear()
    expect(cookies.addTo(shared, url)).toBe(shared)
  })

  test('the cookies of all users share one memory limit, and cookies that a user has cleared no longer count towards this limit', () => {
    const budget = new CookieBudget(10_000)
    const [ann, bob] = [new Cookies(budget), new Cookies(budget)]
    for (let i = 0; i < 4; i++) ann.store(`a${i}=${'x'.repeat(2_000)}`, url)
    bob.store(`b=${'x'.repeat(4_000)}`, url)
    expect(bob.headerFor('https://shop.example/')).toBeUndefined()
    expect(budget.refused).toBe(true)
    ann.clear()
    bob.store(`b=${'x'.repeat(4_000)}`, url)
    expect(namesIn(bob)).toEqual(['b'])
  })
})

test('bodies that are kept at the same time take at most 256 MiB together, and a request whose body would exceed this limit is a failure of the generator', async () => {
  const bytes = 40 * 1024 * 1024
  const body = answerOf(Buffer.alloc(bytes, 'x'))
  // Every user receives all but the last byte of its body before the first body is complete.
  const waiting: (() => void)[] = []
  const target = await startRawTarget({
    '*': (_, socket) => {
      socket.write(body.subarray(0, -1), () => {
        waiting.push(() => socket.write(body.subarray(-1)))
        if (waiting.length === 10) for (const end of waiting) end()
      })
    },
  })
  try {
    const { window } = await runSlice({
      host: target.origin,
      scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser { @task async go() { await this.http.get('/x').text() } }
export default scenario({ host: '${target.origin}', users: [U] })`,
      options: { users: 10, iterations: 1, runTimeMs: 60_000 },
    })
    const [error] = window.errors.values()
    expect(error).toMatchObject({ kind: 'generator', message: expect.stringContaining('256 MiB together') as string })
    expect(window.requests.get('GET /x')).toMatchObject({ requests: 10, bytesIn: 10 * bytes })
    expect(error?.count).toBeGreaterThanOrEqual(4)
    expect(error?.count).toBeLessThan(10)
  } finally {
    await target.close()
  }
}, 60_000)

test.each([
  ['expect', `expect(read, 'not read')`],
  ['check', `check('read', read)`],
])(
  'bodies that a function of %s() keeps take at most 256 MiB together, and a request whose body would exceed this limit is a failure of the generator',
  async (_, judged) => {
    const body = answerOf(gzipSync(Buffer.alloc(40 * 1024 * 1024, 'x')), 'Content-Encoding: gzip')
    const target = await startRawTarget({ '*': (_, socket) => socket.write(body) })
    try {
      const { window } = await runSlice({
        host: target.origin,
        // Each user keeps its text in memory until all ten users have read their texts.
        scenario: `import { HttpUser, scenario, task } from 'burst'
let count = 0
const all = Promise.withResolvers<void>()
const read = async (response: { text(): string }) => {
  try { response.text() } finally { if (++count === 10) all.resolve() }
  await all.promise
  return true
}
class U extends HttpUser { @task async go() { await this.http.get('/x').${judged} } }
export default scenario({ host: '${target.origin}', users: [U] })`,
        options: { users: 10, iterations: 1, runTimeMs: 60_000 },
      })
      expect([...window.errors.values()]).toMatchObject([
        { kind: 'generator', message: expect.stringContaining('256 MiB together') as string, count: 4 },
      ])
      expect(window.requests.get('GET /x')).toMatchObject({ requests: 10, failures: 4 })
      expect([...window.checks.values()]).toEqual(judged.startsWith('check') ? [{ passed: 6, failed: 0 }] : [])
    } finally {
      await target.close()
    }
  },
  60_000,
)

test('an engine with a full heap is terminated, and the worker reports the counts of that engine', async () => {
  const target = await startRawTarget({ '*': (_, socket) => socket.write(answerOf('ok')) })
  try {
    const { window, last } = await runSlice({
      host: target.origin,
      memoryMb: 256,
      scenario: `import { HttpUser, constant, scenario, task } from 'burst'
const kept: unknown[] = []
class U extends HttpUser {
  wait = constant('20ms')
  @task async go() {
    await this.http.get('/x')
    kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i })))
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
      options: { users: 2, runTimeMs: 60_000 },
    })
    expect(last.final).toBe(true)
    expect(last.failure).toMatch(/memory/)
    const sum = [...window.requests.values()].reduce((total, row) => total + row.exchanges + row.interrupted, 0)
    expect(sum).toBe(target.received.length)
  } finally {
    await target.close()
  }
}, 60_000)
