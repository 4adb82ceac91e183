import { expect, test } from 'vitest'
import { keepCoresBusy } from '../../targets/busy-cores.ts'
import { runInChild } from '../../targets/child.ts'
import { runSlice } from './slice-run.ts'

/** Two clocks of two processes, each told in fractions of a millisecond. */
const resolutionMs = 0.01

test('no latency is below what the target itself took, while other processes keep all cores busy', async () => {
  const target = await runInChild('exact-delay-target.ts', { slowMs: 20 })
  const busy = await keepCoresBusy()
  try {
    const { window } = await runSlice({
      scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    const { latencyMs, headers } = await this.http.get('/')
    const tookMs = Number(headers.get('took-ms'))
    const name = tookMs >= 20 && latencyMs >= tookMs - ${resolutionMs} ? 'right' : 'below the truth'
    this.record({ method: 'latency', name, ms: latencyMs })
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
      host: target.origin,
      options: { users: 60, runTimeMs: 8_000 },
    })
    const measured = Object.fromEntries([...window.metrics.values()].map(({ name, count }) => [name, count]))
    expect(measured['right']).toBeGreaterThan(100)
    expect(Object.keys(measured)).toEqual(['right'])
    const [latency] = [...window.requests.values()].map((cell) => cell.latency)
    expect((latency?.minUs ?? 0) / 1000).toBeGreaterThanOrEqual(20 - resolutionMs)
  } finally {
    await busy.close()
    await target.close()
  }
})
