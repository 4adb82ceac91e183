import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCountingTarget } from '../../../../targets/counting-target.ts'
import { runSlice } from '../../slice-run.ts'

const [users, iterations] = [21, 20]
/** The histogram rounds a duration to whole microseconds. */
const roundingMs = 0.001

test.for([1, 3, 7])(
  'percentiles merged from %i worker(s) differ by less than a thousandth from the percentiles of all raw samples',
  async (workers) => {
    const target = await startCountingTarget()
    const folder = await mkdtemp(join(tmpdir(), 'burst-samples-'))
    const file = join(folder, 'samples')
    try {
      const { window } = await runSlice({
        host: target.origin,
        scenario: `import { appendFileSync } from 'node:fs'
import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() { await this.http.get('/delay/:ms', { params: { ms: Math.floor(60 * Math.random() ** 3) } }) }
}
export default scenario({
  host: '${target.origin}',
  users: [U],
  onRequest: ({ latencyMs }) => appendFileSync(${JSON.stringify(file)}, latencyMs + '\\n'),
})`,
        options: { users, iterations, workers, runTimeMs: 40_000 },
      })
      const samples = (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map(Number)
        .toSorted((a, b) => a - b)
      const [latency] = [...window.requests.values()].map((cell) => cell.latency)
      expect(window.workers.size).toBe(workers)
      expect([samples.length, latency?.count]).toEqual([users * iterations, users * iterations])
      for (const percentile of [50, 75, 90, 95, 99, 99.9]) {
        const exactMs = samples[Math.ceil((percentile / 100) * samples.length) - 1] as number
        const difference = Math.abs((latency?.percentileMs(percentile) ?? 0) - exactMs)
        expect(difference).toBeLessThanOrEqual(0.001 * exactMs + roundingMs)
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
      await target.close()
    }
  },
)
