import { expect, test } from 'vitest'
import { keys } from '../../../../../functions/keys.ts'
import { startUserTarget } from '../../../../targets/user-target.ts'
import { runSlice } from '../../slice-run.ts'

test('a user whose iteration outlasts the stop timeout begins a new life in the next worker, and all other users continue there', async ({
  onTestFinished,
}) => {
  const target = await startUserTarget()
  onTestFinished(() => target.close())
  const linesOf = (user: string): string[] => target.byUser.get(user)?.map(({ line }) => line) ?? []
  const { window } = await runSlice({
    host: target.origin,
    scenario: `import { HttpUser, constant, scenario } from 'burst'
class Named extends HttpUser {
  wait = constant('40ms')
  tasks = { go: 1 }
  async onStart() { this.http.headers.set('x-user', String(this.index)); await this.http.post('/login') }
  async go() { await this.http.get('/hang') }
}
class Hangs extends Named { static count = 1 }
class Quick extends Named {
  async go() { await this.http.get('/quick', { query: { data: this.data.key, pid: globalThis.worker ??= Math.random() } }) }
}
export default scenario({ host: '${target.origin}', users: [Hangs, Quick] })`,
    options: { users: 3, runTimeMs: 600_000, stopTimeoutMs: 6_000 },
    stored: { [keys.hook('r1', 'beforeRun')]: JSON.stringify({ key: 'k7' }) },
    plan: (plan) => ({
      ...plan,
      windowMs: 1_000,
      flushMs: 1_000,
      hooks: { ...plan.hooks, beforeRun: true },
      handOver: { intervalMs: 8_000, aheadMs: 1_000, waitMs: 60_000 },
    }),
    attempts: 'until stopped',
    during: async ({ stop }) => {
      await expect.poll(() => linesOf('0').length, { timeout: 150_000 }).toBeGreaterThanOrEqual(4)
      await stop()
    },
  })
  const [hanging, logins] = ['GET /hang', 'POST /login'].map((start) =>
    linesOf('0').filter((line) => line.startsWith(start)),
  )
  // Each life of the hanging user logs in once and sends one request, which is cut off when the life ends.
  expect(linesOf('0').map((line) => line.split(' ')[1])).toEqual(
    linesOf('0').map((_, k) => (k % 2 === 0 ? '/login' : '/hang')),
  )
  expect(window.requests.get('GET /hang')).toMatchObject({ requests: 0, interrupted: hanging?.length })
  expect(window.users.begunAnew).toBe((logins?.length ?? 0) - 1)
  for (const user of ['1', '2']) {
    expect(linesOf(user).filter((line) => line.startsWith('POST'))).toHaveLength(1)
    const visits = linesOf(user).slice(1)
    expect(visits.filter((line) => !line.includes('data=k7'))).toEqual([])
    // The other users move to the next worker while the hanging user stays in the old worker.
    expect(new Set(visits.map((line) => /pid=([\d.]+)/.exec(line)?.[1])).size).toBeGreaterThanOrEqual(2)
  }
  expect([...window.exceptions.keys()]).toEqual([])
})
