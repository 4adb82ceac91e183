import { describe, expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { mayBeInaccurate } from '../../core/verdict/generator/doubts.ts'
import { runInChild } from '../targets/child.ts'
import type { Truth } from '../targets/measuring/exact-delay-target.ts'
import type { Reference } from '../targets/measuring/reference-client.ts'
import { runLocal } from './local.ts'

const percentiles = ['p50', 'p95', 'p99'] as const
type Percentiles = Record<(typeof percentiles)[number], number>

interface Measured {
  report: Report
  /** The latencies that the target recorded. */
  truth: Truth
  /**
   * The delay that this machine adds to a latency: the sum of two delays. The first delay is the latency that a client with bare sockets measures,
   * minus the latency that its target records. The second delay is the average time that the engine's thread waited for a core.
   */
  machineMs: Percentiles
}

/** Each user records the average time that the engine's thread waited for a core. Only Linux measures this time. */
const tellWaits = `async onStop() {
    if (process.platform !== 'linux') return
    const [, waitedNs = 0, turns = 1] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ').map(Number)
    this.record({ method: 'wait', name: 'for a core', ms: waitedNs / 1e6 / turns })
  }`

/** The target answers after exactly 20 ms (94 %) or 200 ms (6 %) and records its own latencies. The test compares the report with these records. */
describe('a run against a target that measures its own latency', () => {
  test('at low load, the reported percentiles are within 1 ms and 2 % of the latencies that the target measures, plus the stated timing error if the report says that latencies may be inaccurate', async () => {
    const { report, truth, machineMs } = await measure({
      user: `wait = between('100ms', '300ms'); @task async go() { await this.http.get('/x') }`,
      users: 20,
    })
    expect(report.totals.exchanges + report.totals.interrupted).toBe(truth.count)
    for (const p of percentiles) {
      const aboveMs = (report.totals.latencyMs[p] ?? NaN) - truth[p]
      expect(aboveMs).toBeGreaterThanOrEqual(-1 - truth[p] * 0.02)
      // On a busy machine, burst reads many responses late, and the report must say that latencies may be inaccurate. Only a few responses are late
      // enough to change the median.
      const isDoubted = mayBeInaccurate(report.generator)
      const lateMs = isDoubted && p !== 'p50' ? (report.generator.timingErrorMs.p99 ?? NaN) : 0
      expect(aboveMs).toBeLessThanOrEqual(1 + truth[p] * 0.02 + machineMs[p] + lateMs)
    }
  })

  test("p50 is within 3 ms of the latency that the target measures, even if user code keeps the worker's event loop more than 90 % busy", async () => {
    // The thread sleeps to block the loop. A computation would also block the loop, but would take longer if other processes used the same core.
    const { report, truth, machineMs } = await measure({
      user: `wait = between('20ms', '100ms')
  @task async go() { await this.http.get('/x'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2) }`,
      users: 60,
      slowMs: 20,
    })
    expect(report.workers[0]?.loopUtilization).toBeGreaterThan(0.9)
    const aboveMs = (report.totals.latencyMs.p50 ?? NaN) - truth.p50
    expect(aboveMs).toBeGreaterThanOrEqual(-3)
    expect(aboveMs).toBeLessThanOrEqual(3 + machineMs.p50)
    // The busy loop makes users late, and the report names this cause.
    expect(report.generator.result).toBe('bound')
    expect(report.verdict.result).toBe('inconclusive')
  })
})

/** Runs one worker for 15 s. At the same time, the reference client measures a second target. */
async function measure(load: { user: string; users: number; slowMs?: number }): Promise<Measured> {
  const options = load.slowMs === undefined ? {} : { slowMs: load.slowMs }
  const target = await runInChild('measuring/exact-delay-target.ts', options)
  const other = await runInChild('measuring/exact-delay-target.ts', options)
  const client = await runInChild('measuring/reference-client.ts', { origin: other.origin })
  try {
    const { report } = await runLocal({
      scenario: `import { readFileSync } from 'node:fs'
import { HttpUser, between, scenario, task } from 'burst'
class U extends HttpUser {
  ${load.user}
  ${tellWaits}
}
export default scenario({ host: '${target.origin}', users: [U] })`,
      options: { users: load.users, runTimeMs: 15_000, workers: 1 },
    })
    const reference = await client.ask<Reference>('finish')
    const truth = await target.ask<Truth>('truth')
    const referenceTruth = await other.ask<Truth>('truth')
    expect(reference.count).toBe(referenceTruth.count)
    const waitMs = report.metrics.find(({ name }) => name === 'for a core')?.durationMs.p50 ?? 0
    const machine = percentiles.map((p) => [p, Math.max(0, reference[p] - referenceTruth[p]) + waitMs])
    return { report, truth, machineMs: Object.fromEntries(machine) as Percentiles }
  } finally {
    for (const one of [client, target, other]) await one.close()
  }
}
