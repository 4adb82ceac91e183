import { expect, test } from 'vitest'
import { runInChild } from '../targets/child.ts'
import { runLocal } from './local.ts'

const limit = { timeout: 120_000 }

test.concurrent(
  'in a ramp to 1,000 users in 10 s and back, the number of users differs from the plan by at most 1 % plus one user',
  limit,
  async () => {
    const target = await runInChild('counting-target.ts')
    try {
      const { report } = await runLocal({
        scenario: `import { HttpUser, constant, ramp, scenario, task } from 'burst'
class U extends HttpUser { wait = constant('5s'); @task async go() { await this.http.get('/x') } }
export default scenario({ host: '${target.origin}', users: [U], load: [ramp(1000, '10s'), ramp(0, '10s')] })`,
        options: { workers: 2 },
      })
      expect(report.completeness).toMatchObject({ complete: true, lost: [] })
      // 100 users start or stop per second. If a worker stalls, each second of the stall therefore delays up to 100 users.
      const stalled = (100 * Math.max(...report.workers.map(({ loopDelayMs }) => loopDelayMs.max))) / 1000
      const off = report.seconds
        .filter((one) => Math.abs(one.users - one.plannedUsers) > one.plannedUsers * 0.01 + 1 + stalled)
        .map(({ at, plannedUsers, users }) => ({ at, plannedUsers, users }))
      expect(off).toEqual([])
      expect(report.users.started).toBe(1000)
    } finally {
      await target.close()
    }
  },
)

test.concurrent('of ten users of two classes with the weights 9 and 1, nine belong to the first class and one belongs to the second class', async () => {
  const target = await runInChild('counting-target.ts')
  try {
    const { report } = await runLocal({
      scenario: `import { HttpUser, constant, scenario, task } from 'burst'
class Nine extends HttpUser { static weight = 9; wait = constant('200ms'); @task async go() { await this.http.get('/nine') } }
class One extends HttpUser { static weight = 1; wait = constant('200ms'); @task async go() { await this.http.get('/one') } }
export default scenario({ host: '${target.origin}', users: [Nine, One] })`,
      options: { users: 10, runTimeMs: 2_000, workers: 3 },
    })
    expect(report.users.byClass).toEqual({ Nine: 9, One: 1 })
  } finally {
    await target.close()
  }
})
