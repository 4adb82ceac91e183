import { expect, test } from 'vitest'
import type { RunPlan } from '../../../../../core/plan/plan.ts'
import { isOverdue } from '../../../../../functions/worker/engine/http/overdue.ts'
import { answerOf, startRawTarget } from '../../../../targets/raw/raw-target.ts'
import { runSlice } from '../../slice-run.ts'

test('a request is overdue after twice the greatest latency of its name, but not before 5 s; if no request of its name was answered, it is overdue after 10 s', () => {
  const limits = [0, 100, 4_000].map((greatestMs) =>
    [5_000, 5_001, 8_000, 8_001, 10_000, 10_001].find((ms) => isOverdue(1_000, { greatestMs }, 1_000 + ms)),
  )
  expect(limits).toEqual([10_001, 5_001, 8_001])
})

test('in a search, a worker counts overdue requests, and never counts a stream as overdue', async () => {
  const target = await startRawTarget({
    '/hangs': ({ turn }, socket) => {
      if (turn === 1) socket.write(answerOf('ok'))
    },
    '/stream': (_, socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'),
    '*': (_, socket) => socket.write(answerOf('ok')),
  })
  const scenario = `import { HttpUser, constant, scenario, task } from 'burst'
class Hangs extends HttpUser { static count = 2; @task async go() { await this.http.get('/hangs') } }
class Streams extends HttpUser { static count = 1; @task async go() { for await (const piece of this.http.stream('/stream')) void piece } }
class Answered extends HttpUser { static count = 1; wait = constant('100ms'); @task async go() { await this.http.get('/') } }
export default scenario({ host: '${target.origin}', users: [Hangs, Streams, Answered] })`
  const search: RunPlan['search'] = {
    start: 4,
    max: 4,
    whole: true,
    stepMs: 10_000,
    settleMs: 5_000,
    precision: 0.1,
    until: [{ expression: 'p95 < 1s', at: null }],
  }
  const options = { users: 4, runTimeMs: 7_500, stopTimeoutMs: 100 }
  const slice = { scenario, host: target.origin, options }
  const [searching, plain] = await Promise.all([
    runSlice({ ...slice, plan: (plan) => ({ ...plan, search }) }),
    runSlice(slice),
  ])
  await target.close()
  const overdue = [searching, plain].map(({ window }) => [...window.workers.values()].map((cell) => cell.overdue))
  expect(overdue).toEqual([[2], [0]])
}, 60_000)
