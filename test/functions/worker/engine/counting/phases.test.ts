import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RequestCell } from '../../../../../core/window/window.ts'
import { runSlice } from '../../slice-run.ts'

async function answerSlowly(response: ServerResponse): Promise<void> {
  await sleep(60)
  response.write('a')
  await sleep(120)
  response.end('b')
}

test('the time to the first byte of a response and the time from the first byte to the last byte are measured', async () => {
  const server = createServer((_, response) => void answerSlowly(response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const { window } = await runSlice({
      scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser { @task async go() { await this.http.get('/x') } }
export default scenario({ host: '${host}', users: [U] })`,
      host,
      options: { users: 1, iterations: 5 },
    })
    const { firstByte, body, latency } = [...window.requests.values()][0] as RequestCell
    expect([firstByte.count, body.count]).toEqual([5, 5])
    // Timers of the server may fire slightly early, so the limits are below the planned times. On a busy machine, the first byte may arrive late, and
    // the rest of the response then takes less time. The test therefore checks the sum of both times.
    expect(firstByte.minUs / 1000).toBeGreaterThanOrEqual(58)
    expect(Number(body.percentileMs(50)) + Number(firstByte.percentileMs(50))).toBeGreaterThanOrEqual(175)
    expect(body.percentileMs(100)).toBeLessThan(Number(latency.percentileMs(100)))
  } finally {
    server.close()
  }
})
