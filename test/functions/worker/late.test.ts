import { expect, test } from 'vitest'
import type { Window } from '../../../core/window/window.ts'
import { keys } from '../../../functions/keys.ts'
import { ownTarget } from '../../targets/own-target.ts'
import { runSlice } from './slice-run.ts'

const scenario = (
  host: string,
  more = '',
): string => `import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'
class U extends HttpUser { wait = constant('100ms'); @task async go() { await this.http.get('/x')${more} } }
export default scenario({ host: '${host}', users: [U], load: [ramp(40, '0s'), hold('10m')] })`

function mostUsers({ seconds }: Window): number {
  return Math.max(...[...seconds.values()].map(({ users }) => users))
}

test.concurrent('a late worker spreads the start of its due users over 5 s, and counts these users as late', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const { window, messages } = await runSlice({
    scenario: scenario(target.origin),
    host: target.origin,
    startedAgoMs: 6_000,
    during: async ({ stop, counted }) => {
      await expect.poll(() => mostUsers(counted()), { timeout: 120_000 }).toBe(40)
      await stop()
    },
  })
  expect(messages[0]?.window).toBeGreaterThanOrEqual(1)
  expect(window.users.late).toBe(40)
  expect(window.users.startedByClass.get('U')).toBe(40)
  const users = [...window.seconds].toSorted(([a], [b]) => a - b).map(([at, cell]) => ({ at, users: cell.users }))
  // When the worker is ready, all 40 users are due. From then on, the worker must start at most 8 users per second, with a tolerance of 2 s. A worker
  // that starts all users together fails this check.
  const joinedAtS = Math.min(...[...window.workers.values()].map((worker) => (worker.activeFromMs ?? Infinity) / 1000))
  for (const { at, users: alive } of users) expect(alive).toBeLessThanOrEqual(Math.max(0, at + 1 - joinedAtS) * 8 + 16)
  expect(mostUsers(window)).toBe(40)
})

test.concurrent('users continue after the event loop was blocked for 6 s, because the coordinator renewed the lease in that time', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const block = `
    if (this.index === 0 && !(globalThis as any).blocked) { (globalThis as any).blocked = true; const until = Date.now() + 6_000; while (Date.now() < until); }
    if ((globalThis as any).blocked) await this.http.get('/after')`
  const { window } = await runSlice({
    scenario: scenario(target.origin, block),
    host: target.origin,
    options: { users: 4 },
    during: async ({ stop }) => {
      await expect.poll(() => target.counts().byPath['GET /after'], { timeout: 120_000 }).toBeGreaterThan(0)
      await stop()
    },
  })
  expect(window.requests.get('GET /after')?.requests).toBeGreaterThan(0)
})

test.concurrent('if burst cuts off an iteration after a block of the event loop, the iteration does not count towards --iterations, and a notice gives the reason', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const { window } = await runSlice({
    scenario: `import { HttpUser, constant, scenario, task } from 'burst'
class U extends HttpUser {
  wait = constant('20ms')
  tries = 0
  @task async go() {
    this.tries++
    if (this.index === 0 && this.tries === 2) { const until = Date.now() + 6_000; while (Date.now() < until); }
    await this.http.get('/of/' + this.index)
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    host: target.origin,
    options: { users: 2, iterations: 3, runTimeMs: 600_000 },
  })
  expect(window.iterations.get('U\tgo')).toMatchObject({ count: 6, failed: 0 })
  expect(target.counts().byPath).toMatchObject({ 'GET /of/0': 3, 'GET /of/1': 3 })
  const notices = [...window.notices.keys()].join('\n')
  expect(notices).toContain('requests were held back, because the process of the worker was blocked for more than 5 s')
  expect(notices).not.toContain('lease')
})

test.concurrent('if burst cuts off an onStart after a block of the event loop, the user tries onStart again, and the first onStart does not count as failed', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const { window } = await runSlice({
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  tries = 0
  async onStart() {
    if (this.tries++ === 0) { const until = Date.now() + 6_000; while (Date.now() < until); }
    await this.http.get('/start')
  }
  @task async go() { await this.http.get('/x') }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    host: target.origin,
    options: { users: 1, iterations: 1, runTimeMs: 600_000 },
  })
  expect(window.users).toMatchObject({ failedToStart: 0 })
  expect(target.counts().byPath).toMatchObject({ 'GET /start': 1, 'GET /x': 1 })
})

test.concurrent('a worker sends no requests if another worker runs its slice, even if the worker learns of the other worker late', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const { messages } = await runSlice({
    scenario: scenario(target.origin),
    host: target.origin,
    startedAgoMs: 3_000,
    claimed: true,
  })
  expect(messages).toEqual([])
  expect(target.counts().received).toBe(0)
})

test('a worker that starts after the run was stopped, or after the lease has ended, sends no load', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const startAt = Date.now() - 3_000
  const over = [
    { leaseUntil: Date.now() + 60_000, stop: { reason: 'Ctrl-C', at: Date.now() } },
    { leaseUntil: Date.now() - 1, stop: null },
  ]
  for (const one of over) {
    const { messages } = await runSlice({
      scenario: scenario(target.origin),
      host: target.origin,
      startedAgoMs: 3_000,
      stored: { [keys.control('r1')]: JSON.stringify({ v: 1, startAt, ...one }) },
    })
    expect(messages).toEqual([])
  }
  expect(target.counts().received).toBe(0)
})
