import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { runInChild } from '../../targets/child.ts'
import { emptyFolder, startBurst } from '../command-line.ts'

test.concurrent.for([20_000, -3_600_000])(
  'if the system clock is changed by %i ms during a run, the report has a notice, and all counts are exact',
  async (stepMs, { expect, onTestFinished }) => {
    const target = await runInChild('counting-target.ts')
    onTestFinished(() => target.close())
    const folder = await emptyFolder()
    const preload = new URL('../../fixtures/stepping-clock.mjs', import.meta.url).href
    await writeFile(
      join(folder, 'step.burst.ts'),
      `import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'
class U extends HttpUser {
  wait = constant('50ms')
  @task async go() { await this.http.get('/step${stepMs}', { name: '/' }) }
}
export default scenario({ host: '${target.origin}', users: [U], load: [ramp(4, '100ms'), hold('8s')], thresholds: ['errors < 1%'] })`,
    )
    const stepFile = join(folder, 'stepped')
    const run = startBurst(['run', 'step.burst.ts', '--local', '--workers', '2', '--json'], folder, {
      NODE_OPTIONS: `--import ${preload}`,
      BURST_TEST_STEP_MS: String(stepMs),
      BURST_TEST_STEP_FILE: stepFile,
    })
    const begunMs = performance.now()
    const before = await target.ask<{ received: number }>('counts')
    await expect
      .poll(async () => (await target.ask<{ received: number }>('counts')).received, { timeout: 30_000 })
      .toBeGreaterThan(before.received + 20)
    await writeFile(stepFile, '')
    const { stdout, stderr, code } = await run.ended
    const tookS = (performance.now() - begunMs) / 1000
    const report = JSON.parse(stdout) as Report
    expect({ code, result: report.verdict.result, stderr }).toMatchObject({ code: 0 })
    expect(report.completeness.lost).toEqual([])
    const after = await target.ask<{ received: number }>('counts')
    expect(report.totals.exchanges + report.totals.interrupted).toBe(after.received - before.received)
    // The whole load was sent: one of the last seconds of the plan has requests. No second after the end of the run has requests.
    const seconds = report.seconds.filter(({ requests }) => requests > 0).map(({ at }) => at)
    expect(Math.max(...seconds)).toBeGreaterThanOrEqual(7)
    expect(Math.max(...seconds)).toBeLessThan(tookS)
    const sign = stepMs > 0 ? '+' : '−'
    expect(report.events.map(({ text }) => text).join('\n')).toContain(`the wall clock jumped by ${sign}`)
  },
)
