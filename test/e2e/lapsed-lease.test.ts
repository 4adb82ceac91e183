import { afterAll, expect, test } from 'vitest'
import type { LocalRun } from '../../cli/embedded/local-run.ts'
import { decodeControl } from '../../core/fleet/control.ts'
import { keys } from '../../functions/keys.ts'
import { type UserTarget, startUserTarget } from '../targets/user-target.ts'
import { runLocal } from './local.ts'

const targets: UserTarget[] = []
// The tests run concurrently, so the targets are closed only after the last test.
afterAll(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()))
})

const scenario = (host: string): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = constant('50ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/go', { headers: { 'x-user': String(this.index), 'x-pid': String(process.pid) } }) }
}
export default scenario({ host: '${host}', users: [Shopper], load: [ramp(4, '0s'), hold('120s')] })`

const sent = (target: UserTarget): { atMs: number }[] => [...target.byUser.values()].flat()

async function leaseUntil({ store }: LocalRun): Promise<number> {
  const stored = await store.get(keys.control('e2e'))
  return stored ? decodeControl(stored.body).leaseUntil : 0
}

/**
 * Freezes all processes of the run until the lease of the run has ended. Returns the time at which the processes continue, in milliseconds on the
 * target's clock.
 */
async function freezeUntilLapsed(run: LocalRun): Promise<number> {
  const frozen = run.pids()
  for (const pid of frozen) process.kill(pid, 'SIGSTOP')
  await expect.poll(async () => Date.now() - (await leaseUntil(run)), { timeout: 40_000 }).toBeGreaterThan(500)
  const awakeMs = performance.now()
  for (const pid of frozen) process.kill(pid, 'SIGCONT')
  return awakeMs
}

test.concurrent.each([
  [
    'has users',
    async (_: LocalRun, target: UserTarget) =>
      expect.poll(() => sent(target).length, { timeout: 30_000 }).toBeGreaterThan(40),
  ],
  [
    'waits for the start of the load',
    async ({ store }: LocalRun) =>
      expect.poll(async () => (await store.list(keys.claims('e2e'))).length, { timeout: 30_000 }).toBe(2),
  ],
])(
  'if a worker freezes while it %s, and the lease ends before the worker continues, the worker sends no more requests',
  async (_, hasCome) => {
    const target = await startUserTarget()
    targets.push(target)
    let awakeMs = Number.NaN
    const { report } = await runLocal({
      scenario: scenario(target.origin),
      options: { workers: 2 },
      plan: (plan) => ({ ...plan, timing: { ...plan.timing, leaseMs: 12_000, startNoticeMs: 3_000 } }),
      during: async (run) => {
        await hasCome(run, target)
        awakeMs = await freezeUntilLapsed(run)
      },
    })
    expect(sent(target).filter(({ atMs }) => atMs > awakeMs)).toEqual([])
    expect(report.totals.exchanges + report.totals.interrupted).toBe(sent(target).length)
    expect(report.verdict.exitCode).toBe(97)
  },
)
