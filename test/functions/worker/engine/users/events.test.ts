import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunEvent } from '../../../../../core/authoring/run-event.ts'
import { type CountingTarget, startCountingTarget } from '../../../../targets/counting-target.ts'
import { runClasses } from '../../class-run.ts'

let target: CountingTarget
let folder: string
beforeEach(async () => {
  target = await startCountingTarget()
  folder = mkdtempSync(join(tmpdir(), 'burst-events-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  return target.close()
})

test('onEvent is called for each start, end, failure and exception of a user, and an exception that onEvent throws is counted', async () => {
  const file = join(folder, 'events')
  const { window } = await runClasses(
    target,
    `import { appendFileSync } from 'node:fs'
class U extends HttpUser {
  async onStart() { if (this.index === 2) throw new Error('not today') }
  @task async go() {
    await this.http.get('/status/500', { name: 'bad' })
    if (this.index === 1) throw new Error('broken')
    if (this.index === 2) this.stop()
  }
}`,
    {
      options: { users: 3, iterations: 2, runTimeMs: 600_000 },
      // User 2 tries to start until the run is stopped.
      during: async ({ stop }) => {
        const stops = (): number => (existsSync(file) ? readFileSync(file, 'utf8').split('"userStop"').length - 1 : 0)
        await expect.poll(stops, { timeout: 120_000 }).toBe(2)
        await stop()
      },
      more: `, onEvent: async (event) => {
  appendFileSync(${JSON.stringify(file)}, JSON.stringify(event) + '\\n')
  if (event.type === 'userStop' && event.user === 0) throw new Error('onEvent fails')
}`,
    },
  )
  const events = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent & { user: number })
  const of = (type: RunEvent['type']): unknown[] => events.filter((one) => one.type === type)
  const failures = of('failure')
  expect(failures).toHaveLength(window.requests.get('GET bad')?.failures ?? -1)
  expect(failures[0]).toEqual({
    type: 'failure',
    user: expect.any(Number),
    class: 'U',
    method: 'GET',
    name: 'bad',
    url: `${target.origin}/status/500`,
    status: 500,
    kind: 'status',
    message: 'HTTP 500',
  })
  expect(events.filter(({ type }) => type === 'userStart').map(({ user }) => user)).toEqual([0, 1])
  expect(of('userStop')).toEqual(
    expect.arrayContaining([0, 1].map((user) => ({ type: 'userStop', user, class: 'U', iterations: 2 }))),
  )
  expect(of('userStop')).toHaveLength(2)
  const thrown = [...window.exceptions].map(([message, { count }]) => [message, count] as const)
  expect(Object.fromEntries(thrown)).toMatchObject({ 'Error: broken': 2, 'Error: onEvent fails': 1 })
  const counted = thrown.reduce((sum, [, count]) => sum + count, 0)
  expect(of('exception')).toHaveLength(counted - 1)
})
