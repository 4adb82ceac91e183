import { expect, test } from 'vitest'
import { startCountingTarget } from '../../../../targets/counting-target.ts'
import { runSlice } from '../../slice-run.ts'

test('for each request name and for each failure, the counts per second add up to the total', async () => {
  const target = await startCountingTarget({ jitterMs: 20 })
  const { window } = await runSlice({
    scenario: `import { HttpUser, between, hold, ramp, scenario, task } from 'burst'
class Visitor extends HttpUser {
  wait = between('10ms', '60ms')
  @task async home() { await this.http.get('/') }
  @task async gone() { await this.http.get('/status/404') }
}
export default scenario({ host: '${target.origin}', users: [Visitor], load: [ramp(5, '0s'), hold('60s')] })`,
    host: target.origin,
    options: { iterations: 40 },
  })
  await target.close()
  const cells = [...window.requests.values()]
  expect(cells.map(({ name }) => name).toSorted()).toEqual(['/', '/status/404'])
  for (const cell of cells) {
    const seconds = [...cell.seconds.values()]
    const sum = (of: (second: (typeof seconds)[number]) => number): number =>
      seconds.reduce((total, second) => total + of(second), 0)
    expect(seconds.length).toBeGreaterThanOrEqual(1)
    expect(sum((second) => second.requests)).toBe(cell.requests)
    expect(sum((second) => second.failures)).toBe(cell.failures)
    expect(sum((second) => second.bytesIn)).toBe(cell.bytesIn)
    expect(sum((second) => second.statuses.get(cell.failures > 0 ? 404 : 200) ?? 0)).toBe(cell.requests)
    expect(sum((second) => second.latency.count)).toBe(cell.latency.count)
    expect(sum((second) => second.fromIntent.count)).toBe(cell.fromIntent.count)
    expect(Math.max(...seconds.map((second) => second.latency.maxUs))).toBe(cell.latency.maxUs)
  }
  const [error] = window.errors.values()
  expect([...(error?.seconds.values() ?? [])].reduce((total, count) => total + count, 0)).toBe(error?.count)
})
