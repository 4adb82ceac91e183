import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runSlice } from '../../slice-run.ts'

async function answerSlowly(response: ServerResponse): Promise<void> {
  await sleep(60)
  response.write('a')
  await sleep(120)
  response.end('b')
}

test('a response is timed to its first byte, and from there to its last one', async () => {
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
    const [cell] = [...window.requests.values()]
    const minMs = [cell?.firstByte, cell?.body].map((one) => (one?.minUs ?? 0) / 1000)
    expect([cell?.firstByte.count, cell?.body.count]).toEqual([5, 5])
    // Timers of the server may fire a little early; a busy machine makes all of them later, and the first byte may arrive late.
    expect(minMs[0]).toBeGreaterThanOrEqual(58)
    expect((cell?.body.percentileMs(50) ?? 0) + (cell?.firstByte.percentileMs(50) ?? 0)).toBeGreaterThanOrEqual(175)
    expect(cell?.body.percentileMs(100)).toBeLessThan(cell?.latency.percentileMs(100) ?? 0)
  } finally {
    server.close()
  }
})
