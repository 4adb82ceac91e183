import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ended, listening } from '../../targets/server.ts'
import { openLocalRuns } from '../local-runs/local-runs.ts'
import { heard, reportIn } from '../journey.ts'

const users = 10

test('a run whose target is down for 3 s loses no worker and no count, and requests after the outage succeed', async ({
  onTestFinished,
}) => {
  let received = 0
  const target = createServer((_, response) => {
    received++
    response.end('ok')
  })
  const origin = await listening(target)
  onTestFinished(() => ended(target))
  const { folder, here, start, close } = await openLocalRuns(() => ({
    'down.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/') }
}
export default scenario({ host: '${origin}', users: [Visitor] })
`,
  }))
  onTestFinished(close)
  const more = async (requests: number): Promise<void> => {
    const enough = received + requests
    await expect.poll(() => received, { timeout: 120_000 }).toBeGreaterThan(enough)
  }
  const run = start(
    'run',
    'down.burst.ts',
    '--local',
    '-t',
    '10m',
    '-u',
    String(users),
    '--workers',
    '2',
    '--out',
    'out',
  )
  await heard(run, /10\/10 users/)
  await more(100)
  await ended(target)
  await sleep(3_000)
  target.listen({ port: Number(new URL(origin).port), host: '127.0.0.1' })
  await more(200)
  expect(await here('stop', '--all', '--local')).toMatchObject({ code: 0 })
  await run.ended
  const { totals, errors, seconds, completeness, workers } = await reportIn(folder)
  // When the target goes down, each user may have written one request that the target has not read or has not answered.
  const unread = totals.exchanges + totals.interrupted - received
  expect(unread).toBeGreaterThanOrEqual(0)
  expect(unread).toBeLessThanOrEqual(users)
  const succeeded = totals.requests - totals.failures
  expect(received - succeeded).toBeGreaterThanOrEqual(0)
  expect(received - succeeded).toBeLessThanOrEqual(2 * users)
  expect(errors.map(({ kind }) => kind)).toEqual(errors.map(() => 'network'))
  expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(totals.failures)
  const failing = seconds.filter(({ failures }) => failures > 0)
  expect(failing.length).toBeGreaterThanOrEqual(2)
  const lastFailure = Math.max(...failing.map(({ at }) => at))
  const later = seconds.filter(({ at }) => at > lastFailure)
  expect(later.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(50)
  expect(workers.map(({ attempts }) => attempts)).toEqual([1, 1])
  expect(completeness).toMatchObject({ complete: true, lost: [] })
}, 180_000)
