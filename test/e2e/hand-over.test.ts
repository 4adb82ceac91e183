import { afterAll, expect, test } from 'vitest'
import type { LocalRun } from '../../cli/embedded/local-run.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Report } from '../../core/report/report.ts'
import { readersOf, startFeedTarget } from '../targets/feed-target.ts'
import { type UserRequest, type UserTarget, userTargets } from '../targets/user-target.ts'
import { replacedIn, runLocal } from './local.ts'

const targets = userTargets()
// The tests run concurrently, so the targets are closed only after the last test.
afterAll(() => targets.close())

/**
 * Changes a plan so that its run does not depend on the speed of the machine. A worker that starts late still takes over its users, and users have
 * enough time for their last iteration.
 */
const patient = (plan: RunPlan): RunPlan => ({
  ...plan,
  ...(plan.handOver && { handOver: { ...plan.handOver, waitMs: 60_000 } }),
  timing: { ...plan.timing, drainMs: 60_000, stopMs: 60_000 },
})

/** Returns a scenario in which users 0 and 1 cannot be handed over. All other users have fields, a header, a cookie and rows of data. */
const scenario = (host: string): string => `
import { HttpUser, constant, csv, hold, ramp, scenario } from 'burst'
const names = csv('names.csv', ['name'])
const [unique, next, any] = [names.unique({ recycle: true }), names.sequential(), names.random()]
class Cart { items = 0 }
class Named extends HttpUser {
  get wait() { return constant(this.vars.wait ?? '300ms') }
  begin() { this.http.headers.set('x-pid', String(process.pid)) }
  async onStart() {
    this.begin()
    this.http.headers.set('x-user', String(this.index))
    await this.http.post('/login')
  }
  async onStop() { this.begin(); await this.http.post('/logout') }
}
class Refuses extends Named {
  static count = 1
  static handOver = false
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
  async look() {
    this.begin()
    this.done.set('look', (this.done.get('look') ?? 0) + 1)
    this.history = [...this.history, any.next().name].slice(-3)
    const json = { done: this.done.get('look'), history: this.history, unique: unique.next().name, next: next.next().name }
    await this.http.post('/look/' + this.random.int(1, 1e9), { json })
  }
  async slow() { this.begin(); await this.http.get('/slow', { query: { n: this.done.get('look') } }) }
}
export default scenario({ host: '${host}', users: [Refuses, Holds, Carried], load: [ramp(12, '0s'), hold('10m')] })`

const files = { 'names.csv': `name\n${Array.from({ length: 50 }, (_, k) => `n${k}`).join('\n')}\n` }

const pidsOf = (sent: readonly UserRequest[] = []): Set<number> => new Set(sent.map(({ pid }) => pid))
const loginsOf = (sent: readonly UserRequest[] = []): number =>
  sent.filter(({ line }) => line.startsWith('POST /login')).length

/** Waits until each user has sent requests from three processes. */
async function movedTwice({ byUser }: UserTarget): Promise<void> {
  const moves = (): number[] => Array.from({ length: 12 }, (_, user) => pidsOf(byUser.get(String(user))).size)
  await expect.poll(() => Math.min(...moves()), { timeout: 150_000 }).toBeGreaterThanOrEqual(3)
}

test.concurrent('after a hand-over, each user continues exactly once in the next worker of the slice, with the complete state', async () => {
  const target = await targets.start()
  const { report } = await runLocal({
    scenario: scenario(target.origin),
    files,
    plan: patient,
    options: { intervalMs: 5_000, workers: 2, seed: 'x' },
    during: async (run: LocalRun) => {
      await movedTwice(target)
      await run.stop('all users have moved')
    },
  })
  const handed = new Map(target.byUser)
  const received = [...handed.values()].flat().length
  expect(Math.max(...report.seconds.map(({ users }) => users))).toBe(12)
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(report.totals.exchanges + report.totals.interrupted).toBe(received)

  const replaced = replacedIn(report)
  const ofSlices = [...handed].filter(([user]) => !replaced.has(Number(user) % 2))
  const carried = ofSlices.filter(([user]) => Number(user) > 1)
  // A user that is handed over logs in only once; a user that cannot be handed over logs in again in each process.
  expect(carried.map(([user, sent]) => [user, loginsOf(sent)])).toEqual(carried.map(([user]) => [user, 1]))
  const anew = ofSlices.filter(([user]) => Number(user) <= 1)
  for (const [user, sent] of anew) {
    const ends = sent.filter(({ line }) => line.startsWith('POST')).map(({ line }) => line.split(' ')[1])
    expect(ends, `user ${user}`).toEqual(Array.from({ length: ends.length }, (_, k) => ['/login', '/logout'][k % 2]))
    expect(loginsOf(sent), `user ${user}`).toBe(pidsOf(sent).size)
  }
  checkTakeOvers(new Map(ofSlices), report)
  if (replaced.size === 0) checkUsers(report, handed)

  // If a user existed twice or lost its state, its requests would differ or arrive in another order.
  target.byUser.clear()
  const iterations = Math.max(...carried.map(([, sent]) => sent.length))
  await runLocal({
    scenario: scenario(target.origin),
    files,
    options: { workers: 1, seed: 'x', iterations, vars: { wait: '1ms' } },
  })
  for (const [user, sent] of carried) {
    const lines = sent.map(({ line }) => line)
    const alone = target.byUser.get(user)?.map(({ line }) => line) ?? []
    expect(lines.slice(0, -1), `user ${user}`).toEqual(alone.slice(0, lines.length - 1))
    expect(lines.at(-1)).toContain('/logout')
  }
})

/** Checks the user counts in the report of a run without replaced workers. */
function checkUsers({ users, workers }: Report, sent: ReadonlyMap<string, UserRequest[]>): void {
  const handOvers = workers.reduce((sum, { attempts }) => sum + attempts - 1, 0)
  const all = [...sent]
  const moves = (some: typeof all): number => some.reduce((sum, [, mine]) => sum + pidsOf(mine).size - 1, 0)
  // Sometimes a user moves to a worker but sends no request from this worker: the run is stopped too early, or this worker starts so late that it
  // must hand over immediately. The target then does not see the move.
  const carriedMoves = moves(all.filter(([user]) => Number(user) > 1))
  expect(carriedMoves).toBeGreaterThanOrEqual(20)
  expect(users.carried).toBeGreaterThanOrEqual(carriedMoves)
  expect(users.carried).toBeLessThanOrEqual(5 * handOvers)
  const anewMoves = moves(all.filter(([user]) => Number(user) <= 1))
  expect(users.begunAnew).toBeGreaterThanOrEqual(anewMoves)
  expect(users.begunAnew).toBeLessThanOrEqual(handOvers)
  expect(users.started).toBeGreaterThanOrEqual(12 + anewMoves - 2)
  expect(users.started).toBeLessThanOrEqual(12 + users.begunAnew)
}

/** The time that each user waits between two iterations, in milliseconds. */
const waitMs = 300

/**
 * Checks the requests at the target: each user runs in only one worker at a time, and a hand-over does not interrupt the requests of a user or of a
 * slice.
 */
function checkTakeOvers(byUser: ReadonlyMap<string, UserRequest[]>, { totals }: Report): void {
  // The longest time from the planned start of a request to its response. This time includes every delay, even on a busy machine.
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
  const bySlice = Map.groupBy([...byUser], ([user]) => Number(user) % 2)
  for (const [slice, mine] of bySlice) {
    const sent = mine.flatMap(([, requests]) => requests)
    expect(longestGapOf(sent), `slice ${slice}`).toBeLessThanOrEqual(longestMs)
  }
}

function longestGapOf(sent: readonly UserRequest[]): number {
  const moments = sent.map(({ atMs }) => atMs).toSorted((a, b) => a - b)
  return moments.slice(1).reduce((most, at, k) => Math.max(most, at - (moments[k] as number)), 0)
}

test.concurrent('after a hand-over, the users of a run with arrivals continue in the next worker, and each arrival is served once or counted as dropped', async () => {
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
export default scenario({ host: '${target.origin}', users: [Visitor], load: [arrivals(30, '14s')], connections: 'shared' })`,
    files: { 'names.csv': `name\n${Array.from({ length: 420 }, (_, k) => `n${k}`).join('\n')}\n` },
    plan: patient,
    options: { intervalMs: 10_000, workers: 2 },
  })
  const lines = [...target.byUser].map(([, sent]) => sent.map(({ line }) => line))
  const visits = lines.map((sent) => sent.filter((line) => line.startsWith('GET')))
  const rows = visits.flat().map((line) => /row=(\w+)/.exec(line)?.[1])
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  const arrivals = report.arrivals as NonNullable<Report['arrivals']>
  expect(arrivals.offered).toBe(420)
  expect(rows).toHaveLength(arrivals.started)
  expect(new Set(rows).size).toBe(arrivals.started)
  if (replacedIn(report).size > 0) return
  expect(report.users).toMatchObject({ begunAnew: 0 })
  expect(report.users.carried).toBeGreaterThan(0)
  expect(arrivals.dropped.lost).toBe(0)
  // Each user numbers its visits 1, 2, 3 and so on. Every request has the cookie.
  for (const sent of visits) {
    expect(sent.map((line) => Number(/visits=(\d+)/.exec(line)?.[1]))).toEqual(sent.map((_, k) => k + 1))
    expect(sent.every((line) => line.includes('sid='))).toBe(true)
  }
})

test.concurrent('after a hand-over, event streams are opened again in the next worker, and users with a WebSocket connection start from the beginning', async ({
  onTestFinished,
}) => {
  const feed = await startFeedTarget()
  onTestFinished(() => feed.close())
  const { report } = await runLocal({
    scenario: readersOf(feed.origin, `[ramp(3, '0s'), hold('18s')]`),
    plan: patient,
    options: { intervalMs: 10_000, workers: 1 },
  })
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect([...report.errors, ...report.exceptions]).toEqual([])
  if (replacedIn(report).size > 0) return
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
})
