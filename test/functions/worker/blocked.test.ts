import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { answerOf, startRawTarget } from '../../targets/raw-target.ts'
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

test('a user that blocks the loop for 10 s keeps the shell neither from reporting nor from stopping', async () => {
  target = await startCountingTarget()
  let stoppedAfterMs = Number.NaN
  const { messages, window } = await runSlice({
    scenario: `${head}
class U extends HttpUser { wait = constant('10ms')
  @task async go() { await this.http.get('/x'); if (this.index === 0) { const until = Date.now() + 10_000; while (Date.now() < until); } } }
${foot(target.origin)}`,
    host: target.origin,
    options: { users: 5, runTimeMs: 60_000 },
    during: async ({ stop, startAt }) => {
      await sleep(startAt - Date.now() + 4_500)
      await stop()
      stoppedAfterMs = Date.now()
    },
  })
  const last = messages.at(-1)
  // While blocked: said by the shell. Then stopped: 0.5 s to read it, 2 s for requests in flight, 1.5 s of patience.
  expect(
    messages.filter((one) => [...one.content.workers.values()].some((worker) => worker.blocked)).length,
  ).toBeGreaterThanOrEqual(2)
  expect(last?.final).toBe(true)
  expect((last?.sentAt ?? Infinity) - stoppedAfterMs).toBeLessThan(5_000)
  expect([...window.notices.keys()]).toContain('user code did not return in time and the engine was ended')
  expect(sum(window.requests.values())).toBe(target.counts().received)
  expect(last?.totals.exchanges).toBe([...window.requests.values()].reduce((total, row) => total + row.exchanges, 0))
})

test('a user that never returns is ended with its engine, and what it had sent is counted as interrupted', async () => {
  target = await startCountingTarget()
  const { window, last } = await runSlice({
    scenario: `${head}
class U extends HttpUser { @task async go() { await this.http.get('/x'); if (this.index === 1) for (;;); } }
${foot(target.origin)}`,
    host: target.origin,
    options: { users: 3, runTimeMs: 2_000, stopTimeoutMs: 500 },
  })
  expect(last.final).toBe(true)
  expect(window.workers.get('0-0')).toMatchObject({ terminated: true, finishedMs: null })
  expect(window.requests.get('* (cut off when the engine was ended)')?.interrupted).toBeGreaterThan(0)
  expect(sum(window.requests.values())).toBe(target.counts().received)
})

test('requests in flight get their time at the end and are then interrupted, counted apart', async () => {
  target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `${head}
class U extends HttpUser {
  @task async go() { await this.http.get('/delay/' + (this.index === 0 ? 100 : 5000), { name: this.index === 0 ? 'quick' : 'slow' }) }
  async onStop() { if (this.index === 0) await this.http.post('/bye').expect(200) }
}
${foot(target.origin)}`,
    host: target.origin,
    options: { users: 4, runTimeMs: 2_000, stopTimeoutMs: 1_000 },
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
    options: { users: 2, runTimeMs: 60_000 },
    during: ({ renew, startAt }) => renew(startAt + 1_500),
  })
  expect(last.final).toBe(true)
  expect(target.counts().received).toBeLessThan(2 * (3_000 / 50))
})

test('a worker without descriptors left counts what it sent, blames itself for the rest, and still reports', async () => {
  // Answers when nothing new has come for a while: until then all connections are in use.
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
    // In a process of its own, because the limit is the process's.
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 64 && exec "$0" "$1" "$2"',
      process.execPath,
      join(import.meta.dirname, 'few-descriptors.ts'),
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
