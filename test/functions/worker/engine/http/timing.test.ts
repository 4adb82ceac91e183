import { expect, test } from 'vitest'
import { tooMany } from '../../../../../core/verdict/generator/rule.ts'
import { GeneratorWatch } from '../../../../../core/verdict/generator/watch.ts'
import { keepCoresBusy } from '../../../../targets/measuring/busy-cores.ts'
import { runInChild } from '../../../../targets/child.ts'
import { runSlice } from '../../slice-run.ts'

/** The resolution of the comparison in milliseconds. Both processes read their clock in fractions of a millisecond. */
const resolutionMs = 0.01

test('latencies are never below the time that the target itself measured, even if other processes keep all cores busy', async () => {
  const target = await runInChild('measuring/exact-delay-target.ts', { slowMs: 20 })
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
      options: { users: 60, iterations: 40, runTimeMs: 40_000 },
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

test('code that blocks the event loop causes uncertain latencies and late requests, and both are reported for each second', async () => {
  const target = await runInChild('measuring/exact-delay-target.ts', { slowMs: 20 })
  try {
    const { window, messages } = await runSlice({
      // A timer, which is not user code, blocks the loop for 40 ms at a time, and for half of the time in total. The pauses between the blocks have
      // different lengths. With equal pauses, all requests would be sent just after the timer, so responses would never arrive while the timer runs.
      scenario: `import { HttpUser, between, scenario, task } from 'burst'
const spin = () => { const end = performance.now() + 40; while (performance.now() < end); }
setInterval(spin, 80).unref()
class U extends HttpUser {
  wait = between('5ms', '45ms')
  @task async go() { await this.http.get('/') }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
      host: target.origin,
      options: { users: 10, iterations: 60, runTimeMs: 50_000 },
      plan: (planned) => ({ ...planned, windowMs: 1_000, flushMs: 1_000 }),
    })
    const watch = new GeneratorWatch()
    watch.see(window.workers.values())
    const { requests, late, uncertain } = watch.total
    const [latency] = [...window.requests.values()].map((cell) => cell.latency)
    const [worker] = [...window.workers.values()]
    // burst judges more than half of the requests. It does not judge requests in the first second in which a request of the worker ends.
    expect(requests).toBeGreaterThan((latency?.count ?? 0) / 2)
    expect(late).toBeGreaterThan(requests / 10)
    expect(uncertain).toBeGreaterThan(requests / 10)
    expect(worker?.timingError.count).toBe(latency?.count)
    expect(worker?.timingError.percentileMs(99)).toBeGreaterThan(20)
    expect(tooMany(uncertain, requests)).toBe(true)

    // The counts of a second are in the window of this second, even if the counts were handed over late.
    for (const { window: place, content } of messages) {
      const seconds = [...content.seconds.keys()]
      expect(seconds.every((second) => second === place)).toBe(true)
      const inSeconds = [...content.seconds.values()].reduce((sum, cell) => sum + cell.requests, 0)
      expect([...content.requests.values()].reduce((sum, cell) => sum + cell.requests, 0)).toBe(inSeconds)
    }
    expect(new Set(messages.map((message) => message.window)).size).toBeGreaterThan(2)
  } finally {
    await target.close()
  }
})
