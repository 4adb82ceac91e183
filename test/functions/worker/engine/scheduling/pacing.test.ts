import { expect, test } from 'vitest'
import { ownTarget } from '../../../../targets/own-target.ts'
import { runClasses } from '../../class-run.ts'

test('a paced user makes up for overdue slots of its pacing grid, and a paced user without catchUp skips and counts overdue slots', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished, { jitterMs: 5 })
  // Every fifth iteration takes 100 ms, which is two and a half slots of 40 ms.
  const paced = (name: string, wait: string, onGrid: number): string => `class ${name} extends HttpUser { wait = ${wait}
  begun: number[] = []
  @task async go() {
    this.begun.push(performance.now())
    await this.http.get('/x')
    if (this.begun.length % 5 === 0) await foreignSleep(100)
    if (this.begun.length === 50) this.record({ method: 'took', name: '${name}', ms: this.begun[49] - gridBegin(this.begun, ${onGrid}) })
  } }`
  const { window } = await runClasses(
    target,
    `// Iterations may begin late, so the grid is computed from the iteration that is the least late. 'Drops' skips slots after its fifth iteration.
const gridBegin = (begun: number[], onGrid: number) => Math.min(...begun.slice(0, onGrid).map((at, slot) => at - 40 * slot))
${paced('Catches', "pacing('40ms')", 45)}\n${paced('Drops', "pacing('40ms', { catchUp: false })", 5)}`,
    { names: 'Catches, Drops', options: { users: 2, runTimeMs: 50_000, iterations: 50 } },
  )
  const took = (name: string): number =>
    ([...window.metrics.values()].find((one) => one.name === name)?.duration.maxUs ?? Number.NaN) / 1000
  const { missedIterations } = window.users
  // Before the last iteration there are nine long iterations. In each long iteration, the user misses at least one slot.
  expect(missedIterations).toBeGreaterThanOrEqual(9)
  // No iteration begins before its slot. The tolerance of 10 ms is necessary because the test computes the grid from iterations that may all have
  // begun late.
  expect(took('Catches')).toBeGreaterThan(49 * 40 - 10)
  expect(took('Drops')).toBeGreaterThan((49 + 9) * 40 - 10)
  // The machine delays both users. These delays cost the user that catches up less time than the user without catchUp.
  expect(took('Catches')).toBeLessThan(took('Drops'))
})
