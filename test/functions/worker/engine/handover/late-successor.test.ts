import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { decodeControl, encodeControl } from '../../../../../core/fleet/control.ts'
import { keys } from '../../../../../functions/keys.ts'
import { type UserTarget, userTargets } from '../../../../targets/user-target.ts'
import { type SliceRunInput, type SliceRunResult, runSlice } from '../../slice-run.ts'

const targets = userTargets()
afterAll(() => targets.close())

const intervalMs = 8_000
/** The delay between the hand-over and the beginning of the worker that takes over the users, in milliseconds. */
const lateMs = 5_000

/**
 * Runs two workers of one slice. The planned successor of the first worker does not begin, so the coordinator starts another worker 5 s after the
 * hand-over.
 */
async function withLateSuccessor(
  target: UserTarget,
  scenario: string,
  { options = {}, isOver }: Pick<SliceRunInput, 'options'> & { isOver: () => boolean },
): Promise<SliceRunResult> {
  return runSlice({
    host: target.origin,
    scenario,
    options,
    // The coordinator has blocked the claim of attempt 1.
    stored: { [keys.claim('r1', 0, 1)]: '{}' },
    plan: (plan) => ({
      ...plan,
      windowMs: 1_000,
      flushMs: 1_000,
      timing: { ...plan.timing, drainMs: 60_000, stopMs: 1_000 },
      handOver: { intervalMs, aheadMs: 8_000, waitMs: 2_000 },
    }),
    attempts: 3,
    during: async ({ store, startAt, stop }) => {
      await sleep(startAt + intervalMs + lateMs - Date.now())
      const { body = '' } = (await store.get(keys.control('r1'))) ?? {}
      const floors = [{ slice: 0, attempt: 2, sinceMs: intervalMs }]
      await store.put(keys.control('r1'), encodeControl({ ...decodeControl(body), floors }))
      await vi.waitUntil(isOver, { timeout: 60_000 })
      await stop()
    },
  })
}

test.concurrent('if the next worker does not begin, a later worker continues all users, including users in the middle of an iteration', async () => {
  const target = await targets.start()
  const linesOf = (user: string): string[] => target.byUser.get(user)?.map(({ line }) => line) ?? []
  const { window } = await withLateSuccessor(
    target,
    `import { HttpUser, constant, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('40ms')
  tasks = { go: 1 }
  visits = 0
  async onStart() { this.http.headers.set('x-user', String(this.index)); await this.http.post('/login') }
  async go() { await this.http.get(this.index === 0 ? '/slow/15000' : '/go', { query: { n: ++this.visits } }) }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    {
      options: { users: 3, runTimeMs: 600_000 },
      isOver: () => linesOf('0').some((line) => line.includes('n=2')),
    },
  )
  for (const user of ['0', '1', '2']) {
    const [login, ...visits] = linesOf(user)
    expect(login).toMatch(/^POST \/login/)
    expect(visits).toEqual(visits.map((_, k) => expect.stringContaining(`n=${k + 1} `)))
  }
  expect(window.users).toMatchObject({ carried: 3, begunAnew: 0 })
  expect([...window.exceptions.keys()]).toEqual([])
})

test.concurrent('users of a worker that takes over late do not send the requests of the missed time', async () => {
  const target = await targets.start()
  const timesOf = (): number[] => [...target.byUser.values()].flat().map(({ atMs }) => atMs)
  await withLateSuccessor(
    target,
    `import { HttpUser, pacing, scenario } from 'burst'
class U extends HttpUser {
  wait = pacing('500ms')
  tasks = { go: 1 }
  async onStart() { this.http.headers.set('x-user', String(this.index)) }
  async go() { await this.http.get('/go') }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    {
      options: { users: 20, runTimeMs: 600_000 },
      // 20 users send 40 requests per second. They send for 8 s before the hand-over, and for at most 3 s after the late worker has begun: the turn
      // of this worker ends 16 s after the start.
      isOver: () => timesOf().length >= 40 * 9,
    },
  )
  const times = timesOf().toSorted((a, b) => a - b)
  const gapAt = times.findIndex((atMs, k) => k > 0 && atMs - (times[k - 1] ?? atMs) > lateMs / 2)
  expect(gapAt).toBeGreaterThan(0)
  const resumedMs = times[gapAt] ?? Number.NaN
  // Each user waits for the rest of its pause, and then sends a request every 500 ms.
  expect(times.filter((atMs) => atMs >= resumedMs && atMs < resumedMs + 1_000).length).toBeLessThanOrEqual(60)
})

test.concurrent('a worker that takes over late drops the arrivals of the missed time', async () => {
  const target = await targets.start()
  const count = (): number => [...target.byUser.values()].flat().length
  const { window } = await withLateSuccessor(
    target,
    `import { HttpUser, arrivals, scenario } from 'burst'
class U extends HttpUser { tasks = { go: 1 }; async go() { await this.http.get('/go') } }
export default scenario({ host: '${target.origin}', users: [U], load: [arrivals(40, '10m', { maxUsers: 50 })] })`,
    { isOver: () => count() >= 40 * 9 },
  )
  expect(window.arrivals.droppedGenerator).toBeGreaterThanOrEqual((40 * lateMs) / 1_000 - 40)
})

test.concurrent('if the first worker of a slice never begins, the users of the slice count as late, and do not count as begun anew', async () => {
  const target = await targets.start()
  const { window } = await runSlice({
    host: target.origin,
    scenario: `import { HttpUser, constant, scenario } from 'burst'
class U extends HttpUser { wait = constant('40ms'); tasks = { go: 1 }; async go() { await this.http.get('/go') } }
export default scenario({ host: '${target.origin}', users: [U] })`,
    options: { users: 3, runTimeMs: 600_000 },
    // The coordinator has blocked the claim of attempt 0.
    stored: { [keys.claim('r1', 0, 0)]: '{}' },
    plan: (plan) => ({ ...plan, handOver: { intervalMs: 30_000, aheadMs: 8_000, waitMs: 2_000 } }),
    attempts: 2,
    during: async ({ store, startAt, stop, counted }) => {
      await sleep(startAt + 3_000 - Date.now())
      const { body = '' } = (await store.get(keys.control('r1'))) ?? {}
      const floors = [{ slice: 0, attempt: 1, sinceMs: 0 }]
      await store.put(keys.control('r1'), encodeControl({ ...decodeControl(body), floors }))
      await vi.waitUntil(() => counted().users.startedByClass.get('U') === 3, { timeout: 60_000 })
      await stop()
    },
  })
  expect(window.users).toMatchObject({ late: 3, begunAnew: 0 })
})
