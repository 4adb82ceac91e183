import { expect, test } from 'vitest'
import { project, runIn } from '../journey.ts'

test('a scenario without requests is judged by its samples and steps, and the summary shows its samples and steps', async () => {
  const folder = await project({
    'feed.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
class Listener extends HttpUser {
  wait = constant(0.01)
  wait_time = constant(1)
  tasks = { listen: 1 }
  async listen() {
    await this.step('subscribe', () => this.sleep(0.005))
    this.record({ method: 'MQTT', name: 'price', ms: 3, bytes: 10 })
    this.record({ method: 'MQTT', name: 'price', ms: 40, error: 'late' })
  }
}
export default scenario({
  host: 'http://127.0.0.1:1',
  users: [Listener],
  thresholds: ['errors < 51%', 'MQTT price: max < 41ms', 'price: errors > 49%', 'subscribe: p50 < 1h'],
})`,
  })
  const { code, stdout, report } = await runIn(folder, ['-u', '2', '--iterations', '20', '-t', '10m'])
  expect({ code, complete: report.completeness.complete }).toEqual({ code: 0, complete: true })
  expect(report.thresholds.map(({ value, passed }) => [value, passed])).toEqual([
    [50, true],
    [expect.closeTo(40, 0), true],
    [50, true],
    [expect.any(Number), true],
  ])
  expect(report.metrics).toMatchObject([{ method: 'MQTT', name: 'price', count: 80, failures: 40, bytes: 400 }])
  expect(report.steps).toMatchObject([{ name: 'subscribe', count: 40, failed: 0 }])
  expect(stdout).toMatch(/^MQTT price +80 +50 % +/m)
  expect(stdout).toMatch(/^subscribe +40 +0 % +/m)
  expect(stdout).toContain(
    "note: feed.burst.ts:4: class Listener has a 'wait_time', which burst does not read: did you mean wait?",
  )
  expect(stdout).not.toContain('no request was made')
})
