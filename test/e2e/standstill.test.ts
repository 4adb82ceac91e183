import { expect, test } from 'vitest'
import { startUserTarget } from '../targets/user-target.ts'
import { runLocal } from './local.ts'

const scenario = (host: string): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = constant('50ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/slow', { headers: { 'x-user': String(this.index), 'x-pid': String(process.pid) } }) }
}
export default scenario({ host: '${host}', users: [Shopper], load: [ramp(8, '0s'), hold('15s')] })`

const frozenMs = 4_000

test('if a worker is frozen while answers arrive, the report does not attribute the greatest latency to the target', async () => {
  const target = await startUserTarget()
  try {
    const { report } = await runLocal({
      scenario: scenario(target.origin),
      options: { workers: 1 },
      during: async () => {
        const sent = () => [...target.byUser.values()].flat()
        await expect.poll(() => sent().length, { timeout: 60_000 }).toBeGreaterThan(40)
        const pid = sent()[0]?.pid ?? 0
        process.kill(pid, 'SIGSTOP')
        await new Promise((resolve) => setTimeout(resolve, frozenMs))
        process.kill(pid, 'SIGCONT')
      },
    })
    // The target answers each request after 400 ms.
    const max = report.totals.latencyMs.max ?? 0
    expect(max).toBeGreaterThan(frozenMs - 400)
    const { timingErrorMs, reasons } = report.generator
    expect(timingErrorMs.max).toBeGreaterThan(frozenMs - 500)
    expect(max - (timingErrorMs.max ?? 0)).toBeLessThan(2_000)
    expect(reasons).toContainEqual(
      expect.stringMatching(/^some latencies may be too long by up to [4-9][\d.]* s, because/),
    )
    expect(report.load?.deliveredShare).toBeLessThan(0.99)
    expect(report.verdict.result).toBe('inconclusive')
  } finally {
    await target.close()
  }
})
