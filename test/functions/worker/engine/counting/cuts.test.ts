import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Cuts } from '../../../../../functions/worker/engine/counting/cuts.ts'
import { ownTarget } from '../../../../targets/own-target.ts'
import { runSlice } from '../../slice-run.ts'

test('windows begin at multiples of their length after the start of the run, regardless of when the counts are handed over', () => {
  const cuts = new Cuts({ slice: 0, attempt: 0, windowMs: 5_000 })
  const startMs = performance.now() - 12_300
  cuts.startAt(startMs)
  const placeAt = (ms: number): number => cuts.at(startMs + ms).place
  expect([-2_000, 0, 4_999, 5_000, 9_999].map(placeAt)).toEqual([0, 0, 0, 1, 1])
  // The time is 12.3 s after the start, so windows 0 and 1 are over.
  expect(cuts.take(true).map(({ place }) => place)).toEqual([0, 1])
  expect([14_999, 15_000, 480_000].map(placeAt)).toEqual([2, 3, 96])
  // A count that arrives after its window was handed over still belongs to this window.
  expect(placeAt(4_000)).toBe(0)
})

test('the windows of a worker begin at the same times as the windows of the run, regardless of when the worker starts', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const run = { startAt: Number.NaN }
  const { messages } = await runSlice({
    scenario: `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('20ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/status/500') }
}
export default scenario({ host: '${target.origin}', users: [U], load: [ramp(4, '0s'), hold('10m')] })`,
    host: target.origin,
    plan: (plan) => ({ ...plan, windowMs: 1_000, flushMs: 1_000 }),
    startedAgoMs: 1_450,
    during: async ({ stop, counted, startAt }) => {
      run.startAt = startAt
      while ([...counted().seconds.values()].filter(({ requests }) => requests > 0).length < 4) await sleep(50)
      await stop()
    },
  })
  const failed = messages.flatMap(({ window, content }) =>
    [...content.errors.values()].map(({ firstAt, lastAt, count }) => ({ window, count, times: [firstAt, lastAt] })),
  )
  expect(new Set(failed.map(({ window }) => window)).size).toBeGreaterThan(3)
  // Times are rounded to milliseconds.
  const isInWindow = (window: number) => (at: number) => Math.abs(at - run.startAt - (window + 0.5) * 1_000) <= 501
  expect(failed.filter(({ window, times }) => !times.every(isInWindow(window)))).toEqual([])
  const requests = messages.reduce(
    (sum, { content }) => sum + (content.requests.get('GET /status/500')?.requests ?? 0),
    0,
  )
  expect(failed.reduce((sum, { count }) => sum + count, 0)).toBe(requests)
})
