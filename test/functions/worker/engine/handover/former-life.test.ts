import { afterAll, expect, test, vi } from 'vitest'
import { type UserTarget, userTargets } from '../../../../targets/user-target.ts'
import { runSlice } from '../../slice-run.ts'

const targets = userTargets()
afterAll(() => targets.close())

/** User 1 sends one slow request in each life. The other users send short requests. */
const scenario = (host: string, { load, slowMs }: Pick<Given, 'load' | 'slowMs'>): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('40ms')
  tasks = { go: 1 }
  async onStart() { this.http.headers.set('x-user', String(this.index)); await this.http.post('/login') }
  async go() { await this.http.get(this.index === 1 ? '/slow/${slowMs}' : '/go') }
}
export default scenario({ host: '${host}', users: [U], load: [${load}, hold('10m')] })`

interface Given {
  load: string
  /** The time between two hand-overs, in milliseconds. */
  intervalMs: number
  /** The duration of a request of user 1, in milliseconds. */
  slowMs: number
}

function sentBy1({ byUser }: UserTarget): { path: string; atMs: number; answeredMs: number }[] {
  return (byUser.get('1') ?? []).map(({ line, atMs, answeredMs }) => ({
    path: line.split(' ')[1] ?? '',
    atMs,
    answeredMs,
  }))
}

test.concurrent.for<[string, Given]>([
  [
    'ends after the hand-over',
    {
      load: "ramp(2, '0s'), hold('8500ms'), ramp(1, '0s'), hold('1s'), ramp(2, '0s')",
      intervalMs: 8_000,
      slowMs: 14_000,
    },
  ],
  [
    'ends at the time of the hand-over',
    { load: "ramp(2, '0s'), hold('8s'), ramp(1, '0s'), hold('1s'), ramp(2, '0s')", intervalMs: 8_000, slowMs: 14_000 },
  ],
  [
    'ended shortly before the hand-over',
    { load: "ramp(2, '0s'), hold('7s'), ramp(1, '0s'), hold('2s'), ramp(2, '0s')", intervalMs: 8_000, slowMs: 14_000 },
  ],
  [
    'ended shortly before the hand-over, and the new life was due before the hand-over',
    {
      load: "ramp(2, '0s'), hold('7s'), ramp(1, '0s'), hold('500ms'), ramp(2, '0s')",
      intervalMs: 8_000,
      slowMs: 14_000,
    },
  ],
  [
    'ended two hand-overs earlier',
    { load: "ramp(2, '0s'), hold('7s'), ramp(1, '0s'), hold('10s'), ramp(2, '0s')", intervalMs: 8_000, slowMs: 22_000 },
  ],
])(
  'if the previous life of a user %s, the new life begins only after the last iteration of the previous life has ended in the previous worker',
  async ([, given]) => {
    const target = await targets.start()
    const { window } = await runSlice({
      host: target.origin,
      scenario: scenario(target.origin, given),
      plan: (plan) => ({
        ...plan,
        windowMs: 1_000,
        flushMs: 1_000,
        timing: { ...plan.timing, drainMs: 60_000, stopMs: 1_000 },
        handOver: { intervalMs: given.intervalMs, aheadMs: 8_000, waitMs: 60_000 },
      }),
      attempts: 4,
      during: async ({ stop }) => {
        const count = (): number => sentBy1(target).filter(({ path }) => path.startsWith('/slow')).length
        await vi.waitUntil(() => count() >= 2, { timeout: 120_000 })
        await stop()
      },
    })
    const [login, slow, secondLogin, secondSlow] = sentBy1(target)
    expect([login, slow, secondLogin, secondSlow].map((one) => one?.path.slice(0, 6))).toEqual([
      '/login',
      '/slow/',
      '/login',
      '/slow/',
    ])
    expect(secondLogin?.atMs).toBeGreaterThanOrEqual(slow?.answeredMs ?? Number.NaN)
    expect(window.users.begunAnew).toBe(0)
    expect([...window.exceptions.keys()]).toEqual([])
  },
)
