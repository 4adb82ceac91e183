import { expect, test } from 'vitest'
import { keys } from '../../../functions/keys.ts'
import { userTargets } from '../../targets/user-target.ts'
import { replacedIn, runLocal } from '../local.ts'
import { heldParts } from './stages-that-hold.ts'

const users = 6
const scenario = (host: string): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = constant('100ms')
  tasks = { go: 1 }
  visits = 0
  async onStart() { this.http.headers.set('x-user', String(this.index)); await this.send('/login') }
  async go() { this.visits++; await this.send('/go') }
  async onStop() { await this.send('/logout') }
  private async send(path: string) {
    await this.http.post(path, { json: { visits: this.visits }, headers: { 'x-pid': String(process.pid) } })
  }
}
export default scenario({ host: '${host}', users: [Shopper], load: [ramp(${users}, '0s'), hold('10m')] })`

test('if a run is stopped during a hand-over, each user runs onStop once, in the next process, and all counts are exact', async ({
  onTestFinished,
}) => {
  const targets = userTargets()
  onTestFinished(() => targets.close())
  const target = await targets.start()
  const { report } = await runLocal({
    scenario: scenario(target.origin),
    stages: new URL('stages-that-hold.ts', import.meta.url).href,
    options: { intervalMs: 5_000, workers: 2, seed: 'x' },
    // On a busy machine, workers start slowly, and users may need more than 2 s to log out.
    plan: ({ timing, ...plan }) => ({
      ...plan,
      timing: { ...timing, drainMs: 60_000, stopMs: 60_000 },
      ...(plan.handOver && { handOver: { ...plan.handOver, waitMs: 60_000 } }),
    }),
    during: async (run) => {
      const held = async (): Promise<number> => (await run.store.list(heldParts)).length
      await expect.poll(held, { timeout: 120_000 }).toBe(2)
      for (const slice of [0, 1]) {
        await expect.poll(() => run.store.get(keys.claim('e2e', slice, 1)), { timeout: 60_000 }).toBeDefined()
      }
      await run.stop('the users are being handed over')
    },
  })
  expect(target.byUser.size).toBe(users)
  const replaced = replacedIn(report)
  for (const [user, requests] of target.byUser) {
    if (replaced.has(Number(user) % 2)) continue
    const lines = requests.map(({ line }) => line)
    const visits = lines.length - 2
    const ways = ['/login', ...Array.from({ length: visits }, () => '/go'), '/logout']
    const states = [0, ...Array.from({ length: visits }, (_, k) => k + 1), visits]
    expect(lines, `user ${user}`).toEqual(
      ways.map((path, k) => `POST ${path} {"visits":${states[k]}} ${k === 0 ? '-' : `sid=${user}`}`),
    )
    const pids = requests.map(({ pid }) => pid)
    expect(new Set(pids.slice(0, -1)).size, `user ${user}`).toBe(1)
    expect(pids.at(-1), `user ${user}`).not.toBe(pids[0])
  }
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  const received = [...target.byUser.values()].flat().length
  expect(report.totals.exchanges + report.totals.interrupted).toBe(received)
  if (replaced.size > 0) return
  expect(report.users).toMatchObject({ started: users, carried: users, begunAnew: 0 })
  expect(report.events.filter(({ text }) => text.includes('onStop'))).toEqual([])
})
