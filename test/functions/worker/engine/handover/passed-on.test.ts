import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startUserTarget } from '../../../../targets/user-target.ts'
import { runSlice } from '../../slice-run.ts'

test('if users are not handed over, they begin a new life in the next worker, even if this worker is ready only at the end of its turn', async ({
  onTestFinished,
}) => {
  const target = await startUserTarget()
  const folder = await mkdtemp(join(tmpdir(), 'burst-passed-on-'))
  onTestFinished(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })
  const loginsOf = (): string[][] =>
    [...target.byUser.values()].map((sent) => sent.map(({ line }) => line).filter((line) => line.startsWith('POST')))
  const { window } = await runSlice({
    host: target.origin,
    // In every third worker, loading the scenario takes until the turn of the worker is over.
    scenario: `import { HttpUser, constant, scenario } from 'burst'
import { appendFileSync, readFileSync } from 'node:fs'
appendFileSync('${folder}/loads', '.')
if (readFileSync('${folder}/loads').length % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 7_000))
class U extends HttpUser {
  static handOver = false
  wait = constant('40ms')
  tasks = { go: 1 }
  async onStart() {
    this.http.headers.set('x-user', String(this.index))
    await this.http.post('/login/' + this.random.int(1, 1e9))
  }
  async go() { await this.http.get('/go') }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    options: { users: 5, runTimeMs: 600_000 },
    plan: (plan) => ({
      ...plan,
      windowMs: 1_000,
      flushMs: 1_000,
      // The drain time is long, because on a busy machine the delay with which workers begin grows from turn to turn.
      timing: { ...plan.timing, drainMs: 60_000 },
      handOver: { intervalMs: 3_000, aheadMs: 3_000, waitMs: 60_000 },
    }),
    attempts: 'until stopped',
    during: async ({ stop }) => {
      // In some hand-overs to a late worker, the first part does not contain all users. The test therefore waits until several workers have been
      // late.
      await expect
        .poll(() => Math.max(0, ...loginsOf().map(({ length }) => length)), { timeout: 540_000 })
        .toBeGreaterThanOrEqual(6)
      await stop()
    },
  })
  const logins = loginsOf()
  expect(logins).toHaveLength(5)
  for (const mine of logins) expect(new Set(mine).size).toBe(mine.length)
  expect(window.users.begunAnew).toBeGreaterThanOrEqual(logins.flat().length - 5)
}, 600_000)
