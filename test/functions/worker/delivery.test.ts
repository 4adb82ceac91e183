import { afterEach, expect, test } from 'vitest'
import { userTimeOf } from '../../../core/verdict/completeness/user-time.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { runSlice } from './slice-run.ts'

let target: CountingTarget | undefined
afterEach(async () => {
  await target?.close()
  target = undefined
})

test('users that have finished their iterations or used all of their data do not count as missing before the planned end', async () => {
  target = await startCountingTarget()
  const { plan, window } = await runSlice({
    scenario: `import { HttpUser, constant, csv, hold, ramp, scenario, task } from 'burst'
const rows = csv('rows.csv', ['id']).unique()
class Short extends HttpUser { wait = constant('10ms'); @task async go() { await this.http.get('/x') } }
class Data extends HttpUser { wait = constant('10ms'); @task async go() { rows.next(); await this.http.get('/y') } }
export default scenario({ host: '${target.origin}', users: [Short, Data], load: [ramp(4, '0s'), hold('300s')] })`,
    host: target.origin,
    files: { 'rows.csv': 'id\n1\n2\n3\n4\n' },
    options: { iterations: 3 },
  })
  const { profile } = plan
  const { plannedS, deliveredS, short } = userTimeOf({
    slices: plan.slices,
    profile,
    lastMs: 0,
    seconds: window.seconds,
    workers: window.workers.values(),
  })
  expect(window.users.exhausted).toBeGreaterThan(0)
  expect(plannedS).toBe(1200)
  // Of the planned user time, only the time before the start of the users is missing. The length of this time depends on the machine. The test
  // therefore uses an upper limit: all four users have started before the end of second `lastS`, which is the last second with a request.
  const lastS = Math.max(...[...window.seconds].filter(([, cell]) => cell.requests > 0).map(([at]) => at))
  expect(deliveredS).toBeGreaterThanOrEqual(1200 - 4 * (lastS + 1))
  expect(short).toEqual([])
})

test("if the scenario ends the engine's thread, the worker reports that the engine failed, and does not report a blocked event loop", async () => {
  target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'
class Leaver extends HttpUser { wait = constant('10ms'); @task async go() { await this.http.get('/x'); process.exit(3) } }
export default scenario({ host: '${target.origin}', users: [Leaver], load: [ramp(1, '0s'), hold('60s')] })`,
    host: target.origin,
  })
  expect([...window.notices.keys()]).toContain('the engine failed')
  expect([...window.workers.values()].map(({ blocked, terminated }) => [blocked, terminated])).toEqual([[false, false]])
})
