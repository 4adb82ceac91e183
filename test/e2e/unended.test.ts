import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { runLocal } from './local.ts'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Starts a server that answers the first `answers` requests after `afterMs`. Later requests get no answer. */
async function target(answers: number, afterMs: number): Promise<{ origin: string; received: () => number }> {
  let received = 0
  const server = createServer((_, response) => {
    if (received++ < answers) setTimeout(() => response.end('ok'), afterMs)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => received }
}

const scenario = (origin: string, load: string): string => `
import { HttpUser, constant, hold, arrivals, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/') }
}
export default scenario({ host: '${origin}', users: [Visitor], ${load}, thresholds: ['GET /: p95 < 60s', 'errors < 1%'] })`

test.concurrent.for([
  ['users', "load: [ramp(4, '0s'), hold('6s')]", 12],
  ['arrivals', "load: [arrivals(5, '6s', { maxUsers: 40 })]", 10],
] as const)(
  'a run with %s against a target that stops answering is inconclusive, and the verdict gives the number of unended requests',
  async ([, load, answers]) => {
    const { origin, received } = await target(answers, 5)
    const { report, outputs } = await runLocal({
      scenario: scenario(origin, load),
      options: { workers: 2, stopTimeoutMs: 1500 },
    })
    const { requests, interrupted } = report.totals
    expect([requests, requests + interrupted]).toEqual([answers, received()])
    expect(report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 0 })
    const sentence = report.verdict.reasons.find((one) => one.startsWith('GET /: '))
    expect(sentence).toMatch(
      /^GET \/: burst cut off \d+ of \d+ requests \(\d.*%\), the longest after \d.* s; the other requests took at most /,
    )
    expect(outputs['report.md']).toMatch(/burst cut off \d+ of/)
  },
)

test.concurrent('if a run is cut off while requests of normal duration are in flight, the verdict does not mention these requests', async () => {
  const { origin, received } = await target(Number.POSITIVE_INFINITY, 800)
  const { report } = await runLocal({
    scenario: scenario(origin, "load: [ramp(8, '0s'), hold('4s')]"),
    options: { workers: 1, stopTimeoutMs: 0 },
  })
  const { exchanges, interrupted } = report.totals
  expect([interrupted > 0, exchanges + interrupted]).toEqual([true, received()])
  expect(report.verdict.reasons.join('\n')).not.toContain('burst cut off')
})
