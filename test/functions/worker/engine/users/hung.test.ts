import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliveryFindings } from '../../../../../core/verdict/completeness/delivery.ts'
import type { Window } from '../../../../../core/window/window.ts'
import { type CountingTarget, startCountingTarget } from '../../../../targets/counting-target.ts'
import { reportOf } from '../../../../fixtures/reports/reported.ts'
import { goodDelivery } from '../../../../fixtures/findings.ts'
import { runSlice } from '../../slice-run.ts'

let target: CountingTarget
beforeAll(async () => (target = await startCountingTarget()))
afterAll(() => target.close())

const head = `import { HttpUser, arrivals, constant, hold, ramp, scenario, task } from 'burst'`

function hungIn({ iterations }: Window): Record<string, number> {
  return Object.fromEntries([...iterations].map(([key, { hung }]) => [key.replace('\t', ' '), hung]))
}

test('users whose promise never settles are counted by task, and the time for which these users hang does not count as delivered load', async () => {
  const { window, messages, plan } = await runSlice({
    scenario: `${head}
const never = () => new Promise<void>(() => {})
class Hangs extends HttpUser { static count = 1; @task async go() { await this.http.get('/x'); await never() } }
class Judges extends HttpUser { static count = 1; @task async go() { await this.http.get('/x').expect(never) } }
class Starts extends HttpUser { static count = 1; async onStart() { await never() }; @task async go() {} }
class Patches extends HttpUser { static count = 1; @task async go() {
  await this.http.get('/x')
  await new (class { then() {} })()
} }
class Sleeps extends HttpUser { static count = 1; @task async go() { await this.http.get('/x'); await this.sleep('1m') } }
class Waits extends HttpUser { static count = 1; wait = constant('1m'); @task async go() { await this.http.get('/x') } }
class Foreign extends HttpUser { static count = 1; @task async go() {
  await this.http.get('/x')
  await new Promise((resolve) => setTimeout(resolve, 200))
} }
class Late extends HttpUser { static count = 1; @task async go() { await new Promise((resolve) => setTimeout(resolve, 3_200)) } }
export default scenario({ host: '${target.origin}', users: [Hangs, Judges, Starts, Patches, Sleeps, Waits, Foreign, Late] })`,
    host: target.origin,
    options: { users: 8, runTimeMs: 3_000, stopTimeoutMs: 2_000 },
  })
  const hung = hungIn(window)
  expect(
    Object.entries(hung)
      .filter(([, count]) => count > 0)
      .map(([key]) => key)
      .toSorted(),
  ).toEqual(['Hangs go', 'Judges go', 'Patches go', 'Starts onStart'])
  const hungUs = [...window.seconds.values()].reduce((sum, cell) => sum + cell.hungUs, 0)
  // Each of the four users hangs until the end of the plan, and then for at most the stop timeout.
  expect(hungUs).toBeGreaterThan(0)
  expect(hungUs / 1e6).toBeLessThanOrEqual(4 * (3 + 2))
  const report = reportOf(messages, { plan })
  expect(report.verdict.result).toBe('inconclusive')
  expect(report.verdict.reasons.join('\n')).toMatch(
    /1 user of task go of Hangs awaited a promise that never settled, from 0\S+ on/,
  )
  expect(report.iterations.find((one) => one.class === 'Hangs')).toMatchObject({ hung: 1, count: 0 })
  const hungPlannedUs = [...window.seconds].reduce((sum, [at, cell]) => sum + (at < 3 ? cell.hungUs : 0), 0)
  expect(hungPlannedUs).toBeGreaterThan(0)
  expect(report.load?.deliveredShare).toBeLessThanOrEqual(1 - hungPlannedUs / 1e6 / (8 * 3) + 1e-6)
})

test('arrivals count as hung if their iteration awaits a promise that never settles', async () => {
  const { window } = await runSlice({
    scenario: `${head}
class U extends HttpUser { @task async go() { await this.http.get('/x'); if (this.index < 2) await new Promise(() => {}) } }
export default scenario({ host: '${target.origin}', users: [U], load: [arrivals(4, '2s')] })`,
    host: target.origin,
    options: { stopTimeoutMs: 300 },
  })
  expect(hungIn(window)).toEqual({ 'U go': 2 })
})

test('if users hung, the run is inconclusive, and the reason names their task and the time at which the first of them hung', () => {
  const hung = [{ task: 'task go of U', users: 3, sinceS: 2 }]
  expect(deliveryFindings({ ...goodDelivery, hung })).toMatchObject([
    {
      result: 'inconclusive',
      sentence: '3 users of task go of U awaited a promise that never settled, the first from 00:02 on',
    },
  ])
})
