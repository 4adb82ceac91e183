import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type TlsTarget, startTlsTarget } from '../../../../../targets/tls-target.ts'
import { runSlice } from '../../../slice-run.ts'

let target: TlsTarget
beforeEach(async () => {
  target = await startTlsTarget()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await target.close()
})

const scenario = (host: string): string => `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/a')
    await this.http.head('/b')
    await this.http.get('/c', { headers: { host: 'shop.example' } })
    await this.http.delete('/d', { json: {} })
  }
}
export default scenario({ host: '${host}', users: [U] })`

test('one user keeps one TLS connection for all of its requests, and the time of its setup is measured', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const { window } = await runSlice({
    host: target.origin,
    scenario: scenario(target.origin),
    options: { users: 1, iterations: 2, runTimeMs: 20_000 },
  })
  expect([...window.errors.values()]).toEqual([])
  expect(target.connections()).toBe(1)
  expect(target.received).toHaveLength(8)
  expect(target.received.every(({ servername }) => servername === 'localhost')).toBe(true)
  expect(target.received[2]?.host).toBe('shop.example')
  const first = window.requests.get('GET /a')
  expect([first?.connect.count, first?.tls.count, first?.latency.count]).toEqual([1, 1, 2])
})

test('an untrusted certificate fails the request, and leaves no socket behind', async () => {
  const { window } = await runSlice({
    host: target.origin,
    scenario: scenario(target.origin),
    options: { users: 1, iterations: 1, runTimeMs: 20_000 },
  })
  const errors = [...window.errors.values()]
  expect(errors.map(({ name, kind }) => `${kind} ${name}`).toSorted()).toEqual([
    'network /a',
    'network /b',
    'network /c',
    'network /d',
  ])
  expect(errors.every(({ message }) => message.includes('TLS failed'))).toBe(true)
  expect(target.received).toEqual([])
  // The last connection may still be closing.
  expect(Math.max(...[...window.workers.values()].map(({ sockets }) => sockets))).toBeLessThanOrEqual(1)
})
