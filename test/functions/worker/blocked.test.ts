import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { decodeMessage } from '../../../core/window/codec/codec.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { reportOf } from '../../fixtures/reports/reported.ts'
import { answerOf, startRawTarget } from '../../targets/raw/raw-target.ts'
import { ended, listening } from '../../targets/server.ts'
import { runSlice } from './slice-run.ts'

let target: CountingTarget | undefined
afterEach(async () => {
  await target?.close()
  target = undefined
})

const head = `import { HttpUser, constant, scenario, task } from 'burst'`
const foot = (host: string): string => `export default scenario({ host: '${host}', users: [U] })`
const sum = (rows: Iterable<{ exchanges: number; interrupted: number }>): number =>
  [...rows].reduce((total, row) => total + row.exchanges + row.interrupted, 0)

test('a worker sends its counts while a user blocks the event loop of the engine, and ends when the run is stopped', async () => {
  target = await startCountingTarget()
  const sent: string[] = []
  const blockedWindows = (): number =>
    sent.filter((body) => [...decodeMessage(body).content.workers.values()].some((worker) => worker.blocked)).length
  const { messages, window } = await runSlice({
    scenario: `${head}
class U extends HttpUser { wait = constant('10ms')
  @task async go() { await this.http.get('/x'); if (this.index === 0) for (;;); } }
${foot(target.origin)}`,
    host: target.origin,
    options: { users: 5, runTimeMs: 600_000 },
    plan: (plan) => ({ ...plan, windowMs: 1_000, flushMs: 1_000 }),
    where: ({ queue }) => ({
      queue: {
        send: async (messages) => {
          sent.push(...messages.map(({ body }) => body))
          await queue.send(messages)
        },
      },
    }),
    // While the loop is blocked, the worker's main thread still reports. The user code never returns, so the run ends only when the test stops it.
    during: async ({ stop }) => {
      await expect.poll(blockedWindows, { timeout: 120_000 }).toBeGreaterThanOrEqual(2)
      await stop()
    },
  })
  const last = messages.at(-1)
  expect(last?.final).toBe(true)
  expect([...window.notices.keys()]).toContain('user code did not return in time, so the engine was ended')
  expect(sum(window.requests.values())).toBe(target.counts().received)
  expect(last?.totals.exchanges).toBe([...window.requests.values()].reduce((total, row) => total + row.exchanges, 0))
})

test('a user whose code never returns is terminated together with its engine, and its pending requests count as interrupted', async () => {
  target = await startCountingTarget()
  const { window, last } = await runSlice({
    scenario: `${head}
class U extends HttpUser { @task async go() { await this.http.get('/x'); if (this.index === 1) for (;;); } }
${foot(target.origin)}`,
    host: target.origin,
    options: { users: 3, runTimeMs: 600_000 },
    plan: (plan) => ({ ...plan, windowMs: 1_000, flushMs: 1_000, timing: { ...plan.timing, stopMs: 500 } }),
    during: async ({ stop, counted }) => {
      await expect.poll(() => counted().workers.get('0-0')?.blocked, { timeout: 120_000 }).toBe(true)
      await stop()
    },
  })
  expect(last.final).toBe(true)
  expect(window.workers.get('0-0')).toMatchObject({ terminated: true, finishedMs: null })
  expect(window.requests.get('* (cut off when the engine was ended)')?.interrupted).toBeGreaterThan(0)
  expect(sum(window.requests.values())).toBe(target.counts().received)
})

test('if an engine is terminated before it sends counts, the report does not say that the users never started', async () => {
  target = await startCountingTarget()
  const { messages, plan } = await runSlice({
    scenario: `${head}
class U extends HttpUser { @task async go() { for (;;); } }
${foot(target.origin)}`,
    host: target.origin,
    options: { users: 1, runTimeMs: 1_000, stopTimeoutMs: 200 },
  })
  const reasons = reportOf(messages, { plan }).verdict.reasons.join('\n')
  expect(reasons).toContain("the scenario's code did not return")
  expect(reasons).toContain('no request was reported')
  expect(reasons).not.toContain('no user ever started')
  expect(target.counts().received).toBe(0)
})

test('requests in flight at the end of the load may take as long as the stop timeout, and count as interrupted if they take longer', async () => {
  target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `${head}
class U extends HttpUser {
  @task async go() { await this.http.get('/delay/' + (this.index === 0 ? 100 : 60_000), { name: this.index === 0 ? 'quick' : 'slow' }) }
  async onStop() { if (this.index === 0) await this.http.post('/bye').expect(200) }
}
${foot(target.origin)}`,
    host: target.origin,
    options: { users: 4, runTimeMs: 1_000, stopTimeoutMs: 4_000 },
  })
  expect(window.requests.get('GET slow')).toMatchObject({ requests: 0, interrupted: 3 })
  expect(window.requests.get('GET quick')).toMatchObject({ interrupted: 0, failures: 0 })
  expect(window.requests.get('POST /bye')).toMatchObject({ requests: 1, failures: 0 })
  expect(sum(window.requests.values())).toBe(target.counts().received)
})

test('a lease that is not renewed ends the load', async () => {
  target = await startCountingTarget()
  const { last } = await runSlice({
    scenario: `${head}
class U extends HttpUser { wait = constant('50ms'); @task async go() { await this.http.get('/x') } }
${foot(target.origin)}`,
    host: target.origin,
    // The run is far longer than a test may take, so only the end of the lease can end it.
    options: { users: 2, runTimeMs: 600_000 },
    during: async ({ renew }) => {
      await expect.poll(() => target?.counts().received).toBeGreaterThan(0)
      await renew(Date.now() + 500)
    },
  })
  expect(last.final).toBe(true)
  expect(last.totals.exchanges + last.totals.interrupted).toBe(target.counts().received)
})

test('if a worker has no free file descriptors, requests that cannot be sent are counted as generator errors, and the worker still sends its counts', async () => {
  // The target holds back all answers until no new request has arrived for 500 ms. Until then, all connections are in use.
  const held: (() => void)[] = []
  let quiet: NodeJS.Timeout | undefined
  const raw = await startRawTarget({
    '*': (_, socket) => {
      held.push(() => socket.write(answerOf('ok')))
      clearTimeout(quiet)
      quiet = setTimeout(() => held.splice(0).forEach((answer) => answer()), 500)
    },
  })
  try {
    // The slice runs in a separate process, because the limit applies to a process.
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 64 && exec "$0" "$1" "$2"',
      process.execPath,
      join(import.meta.dirname, 'programs/few-descriptors.ts'),
      raw.origin,
    ])
    const told = JSON.parse(stdout) as Record<'requests' | 'latencies' | 'generatorErrors', number> & {
      failures: string[]
      final: boolean
    }
    expect(told.failures).toEqual(['generator: EMFILE: the generator has no resources left'])
    expect(told).toMatchObject({ requests: 300, final: true })
    expect(told.generatorErrors).toBeGreaterThan(0)
    expect(told.latencies).toBe(told.requests - told.generatorErrors)
    expect(told.latencies).toBe(raw.received.length)
  } finally {
    clearTimeout(quiet)
    await raw.close()
  }
}, 60_000)

test('if a worker needs more connections than it can open, it closes idle connections, and the report says so', async () => {
  // Requests to many addresses of this machine need a connection for each address.
  const server = createServer((_, response) => response.end('ok'))
  const port = new URL(await listening(server, '0.0.0.0')).port
  try {
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 64 && exec "$0" "$1" "$2"',
      process.execPath,
      join(import.meta.dirname, 'programs/many-hosts.ts'),
      port,
    ])
    const told = JSON.parse(stdout) as { failures: string[]; requests: number; notices: string[] }
    expect(told).toMatchObject({ failures: [], requests: 120 })
    expect(told.notices).toEqual([
      expect.stringMatching(/^idle connections were closed early: one worker can keep \d+ connections open\. /),
    ])
  } finally {
    await ended(server)
  }
}, 60_000)
