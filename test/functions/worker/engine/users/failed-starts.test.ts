import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../../../../core/report/report.ts'
import { type CountingTarget, startCountingTarget } from '../../../../targets/counting-target.ts'
import { reportOf } from '../../../../fixtures/reports/reported.ts'
import { type SliceRunInput, type SliceRunResult, runSlice } from '../../slice-run.ts'

let target: CountingTarget
beforeAll(async () => (target = await startCountingTarget()))
afterAll(() => target.close())

/** Runs a scenario and makes its report. All requests succeed, and a threshold on them holds. */
async function reported(
  classes: string,
  load: string,
  more: Partial<SliceRunInput> = {},
): Promise<SliceRunResult & { report: Report }> {
  const result = await runSlice({
    scenario: `import { HttpUser, arrivals, constant, hold, ramp, scenario, task } from 'burst'
${classes}
export default scenario({ host: '${target.origin}', load: [${load}], thresholds: ['errors < 1%'], users: [Locked, Open] })`,
    host: target.origin,
    ...more,
  })
  return { ...result, report: reportOf(result.messages, { plan: result.plan }) }
}

const locked = `class Locked extends HttpUser { async onStart() { throw new Error('no key') } @task async go() { await this.http.get('/locked') } }
class Open extends HttpUser { wait = constant('50ms'); @task async go() { await this.http.get('/open') } }`

test('a run does not pass if onStart keeps failing for some users, because these users generate no load', async () => {
  const { report } = await reported(locked, `ramp(4, '0s'), hold('3s')`)
  expect(report.thresholds).toMatchObject([{ passed: true }])
  expect(report.verdict.result).toBe('inconclusive')
  expect(report.verdict.reasons.join('\n')).toMatch(
    /part of the planned load did not happen: users were active for [\d.]+ of 12 planned user-seconds .*; onStart failed [4-9]\d* times/,
  )
  // onStart of two of the four users always fails. The time of each of these users counts as delivered only until its first onStart has failed.
  expect(report.load?.deliveredShare).toBeLessThan(0.6)
  expect(report.users.byClass).toEqual({ Locked: 0, Open: 2 })
  expect(Math.max(...report.seconds.map(({ users }) => users))).toBe(4)
})

test('the time from the first failure of onStart until onStart succeeds counts as missing; if a later try hangs, its time does not also count as hung', async () => {
  const { window } = await reported(
    `let gapMs = 0
class Locked extends HttpUser {
  static count = 1
  failedAt = 0
  async onStart() {
    if (this.failedAt === 0) { this.failedAt = performance.now(); throw new Error('no key') }
    this.record({ method: 'time', name: 'gap', ms: performance.now() - this.failedAt })
  }
  wait = constant('50ms')
  @task async go() { await this.http.get('/late') }
}
class Open extends HttpUser {
  tries = 0
  async onStart() { if (this.tries++ === 0) throw new Error('no key'); await new Promise(() => {}) }
  @task async go() {}
}`,
    `ramp(2, '0s'), hold('6s')`,
    { options: { stopTimeoutMs: 1_000 } },
  )
  const gap = [...window.metrics.values()].find(({ name }) => name === 'gap')?.duration
  expect(gap?.count).toBe(1)
  const userMs = [...window.seconds.values()].reduce((sum, cell) => sum + cell.userUs / 1000, 0)
  // The user of the class Open is missing as soon as its first onStart has failed. The user of the class Locked is missing only during the gap.
  expect(userMs).toBeLessThan(6_000 - (gap?.minUs ?? 0) / 1000 + 1_000)
  expect(userMs).toBeGreaterThan(1_000)
  expect(window.iterations.get('Open\tonStart')?.hung).toBe(1)
  expect([...window.seconds.values()].reduce((sum, cell) => sum + cell.hungUs, 0)).toBe(0)
})

test('a run is inconclusive if arrivals run no iteration because onStart fails', async () => {
  const { report, window } = await reported(locked, `arrivals(10, '2s')`)
  const iterations = [...window.iterations.values()].reduce((sum, { count }) => sum + count, 0)
  expect(window.users.unserved).toBeGreaterThan(0)
  expect(iterations + window.users.unserved).toBe(window.arrivals.started)
  expect(report.thresholds).toMatchObject([{ passed: true }])
  expect(report.verdict.result).toBe('inconclusive')
  expect(report.verdict.reasons.join('\n')).toMatch(
    /\d+ of 20 arrivals \([\d.]+ %\) ran no iteration, because onStart of their users failed \(\d+ times in the run\)/,
  )
})
