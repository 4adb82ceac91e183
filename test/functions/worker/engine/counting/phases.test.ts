import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runSlice } from '../../slice-run.ts'

test('a response is timed to its first byte, and from there to its last one', async () => {
  const server = createServer(async (_, response) => {
    await sleep(60)
    response.write('a')
    await sleep(120)
    response.end('b')
  })
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
    expect(cell?.firstByte.count).toBe(5)
    expect(cell?.body.count).toBe(5)
    // Timers of the server may fire up to 1 ms early; a busy machine makes all of them later.
    expect((cell?.firstByte.minUs ?? 0) / 1000).toBeGreaterThanOrEqual(58)
    expect((cell?.body.minUs ?? 0) / 1000).toBeGreaterThanOrEqual(100)
    for (const q of [50, 100]) {
      const [first = 0, body = 0, all = 0] = [cell?.firstByte, cell?.body, cell?.latency].map(
        (one) => one?.percentileMs(q) ?? 0,
      )
      expect(Math.max(first, body)).toBeLessThan(all)
    }
  } finally {
    server.close()
  }
})
