import { describe, expect, test } from 'vitest'
import { runInChild } from '../targets/child.ts'
import type { Truth } from '../targets/exact-delay-target.ts'
import { runLocal } from './local.ts'

/** The target answers after exactly 20 ms (94 %) or 200 ms (6 %) and keeps its own record, which is the truth here. */
describe('against a target that tells the truth', () => {
  test('reported p50, p95 and p99 are within 1 ms and 2 % of it at low load', async () => {
    const target = await runInChild('exact-delay-target.ts')
    try {
      const { report } = await runLocal({
        scenario: `import { HttpUser, between, scenario, task } from 'burst'
class U extends HttpUser { wait = between('100ms', '300ms'); @task async go() { await this.http.get('/x') } }
export default scenario({ host: '${target.origin}', users: [U] })`,
        options: { users: 20, runTimeMs: 15_000, workers: 1 },
      })
      const truth = await target.ask<Truth>('truth')
      expect(report.totals.exchanges + report.totals.interrupted).toBe(truth.count)
      const { p50, p95, p99 } = report.totals.latencyMs
      for (const [reported, real] of [
        [p50, truth.p50],
        [p95, truth.p95],
        [p99, truth.p99],
      ] as const) {
        expect(Math.abs((reported ?? NaN) - real)).toBeLessThanOrEqual(1 + real * 0.02)
      }
    } finally {
      await target.close()
    }
  })

  test('p50 is within 3 ms of it at a worker whose event loop is more than 90 % busy with user code', async () => {
    const target = await runInChild('exact-delay-target.ts', { slowMs: 20 })
    try {
      const { report } = await runLocal({
        scenario: `import { HttpUser, between, scenario, task } from 'burst'
class U extends HttpUser {
  wait = between('20ms', '100ms')
  @task async go() { await this.http.get('/x'); const until = performance.now() + 2; while (performance.now() < until); }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
        options: { users: 60, runTimeMs: 15_000, workers: 1 },
      })
      const truth = await target.ask<Truth>('truth')
      expect(report.workers[0]?.loopUtilization).toBeGreaterThan(0.9)
      expect(Math.abs((report.totals.latencyMs.p50 ?? NaN) - truth.p50)).toBeLessThanOrEqual(3)
      // The user acts late and the report says whose fault that is.
      expect(report.generator.result).toBe('bound')
      expect(report.verdict.result).toBe('inconclusive')
    } finally {
      await target.close()
    }
  })
})
