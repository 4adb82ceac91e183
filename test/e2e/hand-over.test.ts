import { afterAll, expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { readersOf, startFeedTarget } from '../targets/feed-target.ts'
import { type UserRequest, type UserTarget, userTargets } from '../targets/user-target.ts'
import { runLocal } from './local.ts'

const targets = userTargets()
// The tests run concurrently, so the targets are closed only after the last test.
afterAll(() => targets.close())

/** Users 0 and 1 cannot be handed over. All other users have fields, a header, a cookie and rows of data. */
const scenario = (host: string): string => `
import { HttpUser, constant, csv, hold, ramp, scenario } from 'burst'
const names = csv('names.csv', ['name'])
const [unique, next, any] = [names.unique({ recycle: true }), names.sequential(), names.random()]
class Cart { items = 0 }
class Named extends HttpUser {
  async onStart() {
    this.http.headers.set('x-user', String(this.index))
    await this.http.post('/login')
  }
  async onStop() { await this.http.post('/logout') }
}
class Refuses extends Named {
  static count = 1
  static handOver = false
  wait = constant('300ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/go') }
}
class Holds extends Refuses {
  static handOver = true
  cart = new Cart()
}
class Carried extends Named {
  tasks = { look: 3, slow: 1 }
  done = new Map([['look', 0]])
  history: string[] = []
  get wait() { return constant(this.vars.wait ?? '300ms') }
  async look() {
    this.done.set('look', (this.done.get('look') ?? 0) + 1)
    this.history = [...this.history, any.next().name].slice(-3)
    const json = { done: this.done.get('look'), history: this.history, unique: unique.next().name, next: next.next().name }
    await this.http.post('/look/' + this.random.int(1, 1e9), { json })
  }
  async slow() { await this.http.get('/slow', { query: { n: this.done.get('look') } }) }
}
export default scenario({ host: '${host}', users: [Refuses, Holds, Carried], load: [ramp(12, '0s'), hold('14s')] })`

const files = { 'names.csv': `name\n${Array.from({ length: 50 }, (_, k) => `n${k}`).join('\n')}\n` }

test.concurrent('after a hand-over, each user continues exactly once in the next worker of the slice, with the complete state', async () => {
  const target = await targets.start()
  const { report } = await runLocal({
    scenario: scenario(target.origin),
    files,
    options: { intervalMs: 5_000, workers: 2, seed: 'x' },
  })
  const handed = new Map([...target.byUser].map(([user, sent]) => [user, sent.map(({ line }) => line)]))
  const received = [...handed.values()].flat().length

  // At 5 s and at 10 s, ten users are handed over; two users cannot be handed over and start again.
  expect(report.users).toMatchObject({ carried: 20, begunAnew: 4, started: 12 + 4 })
  expect(report.workers.map(({ attempts }) => attempts)).toEqual([3, 3])
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(report.totals.exchanges + report.totals.interrupted).toBe(received)
  expect(report.verdict.exitCode).toBe(0)

  checkTakeOvers(target, report)
  for (const user of ['0', '1']) {
    const ends = handed
      .get(user)
      ?.filter((line) => line.startsWith('POST'))
      .map((line) => line.split(' ')[1])
    expect(ends).toEqual(['/login', '/logout', '/login', '/logout', '/login', '/logout'])
  }
  // If a user existed twice or lost its state, its requests would differ or arrive in another order.
  target.byUser.clear()
  await runLocal({
    scenario: scenario(target.origin),
    files,
    options: { workers: 1, seed: 'x', iterations: 60, vars: { wait: '1ms' } },
  })
  const carried = [...handed].filter(([user]) => Number(user) > 1)
  expect(carried).toHaveLength(10)
  for (const [user, sent] of carried) {
    const alone = target.byUser.get(user)?.map(({ line }) => line) ?? []
    expect(sent.slice(0, -1), `user ${user}`).toEqual(alone.slice(0, sent.length - 1))
    expect(sent.at(-1)).toContain('/logout')
  }
})

/** The time that each user waits between two iterations, in milliseconds. */
const waitMs = 300

/** Checks that, at the target, each user exists once, no user that is handed over is missing, and no slice stops sending. */
function checkTakeOvers({ byUser }: UserTarget, { totals }: Report): void {
  // The longest time from the moment at which a request was due until the request was answered. This time includes every delay, even on a busy machine.
  const lateMs = totals.fromIntentMs.max ?? 0
  // A request takes at most `lateMs`, and the next request starts at most `lateMs` after the wait.
  const longestMs = waitMs + 2 * lateMs
  for (const [user, sent] of byUser) {
    for (const [k, one] of sent.slice(1).entries()) {
      expect(one.atMs, `user ${user}, request ${k + 1}`).toBeGreaterThanOrEqual((sent[k] as UserRequest).answeredMs)
    }
    // After a user has moved to the next worker, it never uses its old connection again. If the old worker still ran the user, the user's old
    // connection would be used again.
    const changes = sent.filter(({ port }, k) => k > 0 && port !== sent[k - 1]?.port).length
    expect(changes, `connections of user ${user}`).toBe(new Set(sent.map(({ port }) => port)).size - 1)
  }
  const carried = [...byUser].filter(([user]) => Number(user) > 1)
  for (const [user, sent] of carried) expect(longestGapOf(sent), `user ${user}`).toBeLessThanOrEqual(longestMs)
  for (const slice of [0, 1]) {
    const sent = [...byUser].flatMap(([user, mine]) => (Number(user) % 2 === slice ? mine : []))
    expect(longestGapOf(sent), `slice ${slice}`).toBeLessThanOrEqual(longestMs)
  }
}

function longestGapOf(sent: readonly UserRequest[]): number {
  const moments = sent.map(({ atMs }) => atMs).toSorted((a, b) => a - b)
  return moments.slice(1).reduce((most, at, k) => Math.max(most, at - (moments[k] as number)), 0)
}

test.concurrent('pooled users of arrivals, which share connections, continue in the next worker, and each arrival is served once or counted as dropped', async () => {
  const target = await targets.start()
  const { report } = await runLocal({
    scenario: `
import { HttpUser, arrivals, csv, scenario } from 'burst'
const rows = csv('names.csv', ['name']).unique()
class Visitor extends HttpUser {
  visits = 0
  tasks = { visit: 1 }
  async onStart() { this.http.headers.set('x-user', String(this.index)); await this.http.post('/login') }
  async visit() { this.visits++; await this.http.get('/visit', { query: { row: rows.next().name, visits: this.visits } }) }
}
export default scenario({ host: '${target.origin}', users: [Visitor], load: [arrivals(30, '12s')], connections: 'shared' })`,
    files: { 'names.csv': `name\n${Array.from({ length: 360 }, (_, k) => `n${k}`).join('\n')}\n` },
    options: { intervalMs: 5_000, workers: 2 },
  })
  const lines = [...target.byUser].map(([, sent]) => sent.map(({ line }) => line))
  const visits = lines.map((sent) => sent.filter((line) => line.startsWith('GET')))
  const rows = visits.flat().map((line) => /row=(\w+)/.exec(line)?.[1])
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(report.users).toMatchObject({ begunAnew: 0 })
  expect(report.users.carried).toBeGreaterThan(0)
  const arrivals = report.arrivals as NonNullable<Report['arrivals']>
  expect(arrivals.offered).toBe(360)
  expect(arrivals.dropped.lost).toBe(0)
  expect(rows).toHaveLength(arrivals.started)
  expect(new Set(rows).size).toBe(arrivals.started)
  // The visits of each user count up from 1, and every request has the cookie.
  for (const sent of visits) {
    expect(sent.map((line) => Number(/visits=(\d+)/.exec(line)?.[1]))).toEqual(sent.map((_, k) => k + 1))
    expect(sent.every((line) => line.includes('sid='))).toBe(true)
  }
})

test.concurrent('a hand-over ends event streams, which reopen in the next worker; response bodies are read to the end; WebSocket users start again', async ({
  onTestFinished,
}) => {
  const feed = await startFeedTarget()
  onTestFinished(() => feed.close())
  const { report } = await runLocal({
    scenario: readersOf(feed.origin, `[ramp(3, '0s'), hold('9s')]`),
    options: { intervalMs: 5_000, workers: 1 },
  })
  expect(report.users).toMatchObject({ carried: 2, begunAnew: 1, started: 4 })
  const of = (user: string): typeof feed.log => feed.log.filter((one) => one.user === user)
  const names = (user: string): string[] => of(user).map(({ what }) => what)
  expect(names('reader')).toEqual(['login', 'events open', 'events closed', 'events open', 'events closed', 'logout'])
  const opened = of('reader').filter(({ what }) => what === 'events open')
  expect(opened.map(({ cookie }) => cookie)).toEqual(['sid=reader', 'sid=reader'])
  expect(new Set(opened.map(({ pid }) => pid)).size).toBe(2)
  expect(names('member').filter((what) => what.startsWith('chat'))).toEqual([
    'chat open',
    'chat closed 1001',
    'chat open',
    'chat closed 1001',
  ])
  expect(names('member').filter((what) => what === 'logout')).toHaveLength(2)
  expect(names('loader')).not.toContain('body cut')
  expect(names('loader').filter((what) => what === 'login')).toHaveLength(1)
  expect(new Set(of('loader').map(({ pid }) => pid)).size).toBe(2)
  expect([...report.errors, ...report.exceptions]).toEqual([])
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
})
