import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import type { WindowClosed } from '../../core/authoring/run-event.ts'
import { startCountingTarget } from '../targets/counting-target.ts'
import { ended, listening } from '../targets/server.ts'
import { runLocal } from './local.ts'

test('onEvent can send the values of each window to an endpoint, from a single process that is not a worker', async () => {
  const target = await startCountingTarget()
  const received: (WindowClosed & { pid: number })[] = []
  const endpoint = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      received.push(JSON.parse(body) as (typeof received)[number])
      response.end()
    })
  })
  try {
    const listener = await listening(endpoint)
    const { report } = await runLocal({
      scenario: `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = constant('100ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/'); await this.http.get('/status/500') }
}
export default scenario({
  host: '${target.origin}', users: [Shopper], load: [ramp(6, '0s'), hold('11s')],
  beforeRun: () => 'prepared',
  onEvent: async (event) => {
    if (event.type !== 'windowClosed') return
    await fetch('${listener}', { method: 'POST', body: JSON.stringify({ ...event, pid: process.pid }) })
    if (event.fromS === 5) throw new Error('the endpoint is full')
  },
})`,
      options: { workers: 2 },
    })
    expect(received.map(({ fromS }) => fromS)).toEqual([0, 5, 10])
    expect(new Set(received.map(({ pid }) => pid)).size).toBe(1)
    expect(received.map(({ users, data }) => [users, data]).slice(0, 2)).toEqual([
      [6, 'prepared'],
      [6, 'prepared'],
    ])
    const sum = (of: (event: WindowClosed) => number): number => received.reduce((total, event) => total + of(event), 0)
    expect([sum(({ requests }) => requests), sum(({ failures }) => failures)]).toEqual([
      report.totals.requests,
      report.totals.failures,
    ])
    expect(report.exceptions).toEqual([
      {
        message: expect.stringMatching(/^onEvent threw: the endpoint is full \(test\.burst\.ts:\d+\)$/),
        stack: '',
        count: 1,
      },
    ])
    expect(report.completeness.complete).toBe(true)
  } finally {
    await Promise.all([target.close(), ended(endpoint)])
  }
})
