import { type ServerResponse, createServer } from 'node:http'
import { expect, test } from 'vitest'
import { ended, listening } from '../targets/server.ts'
import { runLocal } from './local.ts'

const loadS = 3

const scenario = (host: string): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
await fetch('${host}/load')
class Shopper extends HttpUser {
  wait = constant('100ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/go').expect(200) }
}
export default scenario({ host: '${host}', users: [Shopper], load: [ramp(40, '0s'), hold('${loadS}s')], thresholds: ['errors < 1%'] })`

/**
 * Starts a target to which every process sends a request while the process loads the scenario. The first process gets its answer immediately. The
 * other processes get their answers shortly after the end of the load.
 */
async function startTarget() {
  const waiting: ServerResponse[] = []
  const counts = { loads: 0, requests: 0 }
  const server = createServer((request, response) => {
    if (request.url === '/load') counts.loads++
    else if (counts.requests++ === 0)
      setTimeout(() => waiting.splice(0).forEach((one) => one.end()), 1000 * loadS + 500)
    if (request.url === '/load' && counts.loads > 1) waiting.push(response)
    else response.end()
  })
  return { origin: await listening(server), counts, close: async () => ended(server) }
}

test('a run is inconclusive if three of four workers are ready only after the end of the load, even if all requests succeed', async () => {
  const target = await startTarget()
  try {
    const { report } = await runLocal({
      scenario: scenario(target.origin),
      options: { workers: 4 },
      plan: (plan) => {
        // burst has already loaded the scenario once to plan the run. The test counts how often the workers load it, so the counter is reset here.
        target.counts.loads = 0
        return plan
      },
    })
    expect(target.counts.loads).toBe(4)
    expect(report.completeness).toMatchObject({ complete: true, slicesReported: 4, lost: [] })
    expect(report.totals).toMatchObject({ requests: target.counts.requests, failures: 0 })
    expect(report.thresholds.map(({ passed }) => passed)).toEqual([true])
    expect(Math.max(...report.seconds.map(({ users }) => users))).toBeLessThanOrEqual(10)
    expect(report.load?.plannedUserSeconds).toBe(40 * loadS)
    // User times are rounded to whole microseconds. In each second, the sum of the user times may therefore be too great by 1 µs per user.
    expect(report.load?.deliveredShare).toBeLessThan(0.25 + 1e-6)
    const reason =
      /^part of the planned load did not happen: users were active for [\d.]+ of 120 planned user-seconds \([\d.]+ %\); less than planned on workers /
    expect(report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 0 })
    expect(report.verdict.reasons.filter((text) => reason.test(text))).toHaveLength(1)
  } finally {
    await target.close()
  }
})
