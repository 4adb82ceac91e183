import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { Control } from '../../../../../core/fleet/control.ts'
import type { Window } from '../../../../../core/window/window.ts'
import { stopRun } from '../../../../../functions/control/change-control.ts'
import { type CountingTarget, startCountingTarget } from '../../../../targets/counting-target.ts'
import { startRudeTarget } from '../../../../targets/raw/rude-targets.ts'
import { runSlice } from '../../slice-run.ts'

let target: CountingTarget | undefined
afterEach(async () => {
  await target?.close()
  target = undefined
})

const head = `import { HttpUser, arrivals, hold, ramp, scenario, task } from 'burst'`
const clock = { nowMs: () => Date.now(), sleep: async (ms: number) => sleep(ms) }
const engineEnded = 'user code did not return in time, so the engine was ended'

function sent({ requests }: Window): number {
  return [...requests.values()].reduce((total, row) => total + row.exchanges + row.interrupted, 0)
}

test('if a user stops while its response is being judged, the response is counted; if the judgement never ends, the response counts as interrupted', async () => {
  target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `${head}
const slow = (ms: number) => ({ '~standard': { version: 1 as const, vendor: 'test',
  validate: (value: unknown) => new Promise<{ value: unknown }>((resolve) => { if (ms > 0) setTimeout(() => resolve({ value }), ms) }) } })
class U extends HttpUser {
  @task async go() { await this.http.get('/x', { name: this.index === 0 ? 'slowly' : 'never' }).json(slow(this.index === 0 ? 400 : 0)) }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    host: target.origin,
    options: { users: 2, runTimeMs: 5_000, stopTimeoutMs: 1_000 },
  })
  expect(window.requests.get('GET never')).toMatchObject({ requests: 0, interrupted: 1 })
  expect(window.requests.get('GET slowly')?.interrupted).toBe(0)
  expect(sent(window)).toBe(target.counts().received)
  expect([...window.notices.keys()]).not.toContain(engineEnded)
})

test('a user does not start if its planned time ends before burst can start the user', async () => {
  target = await startCountingTarget()
  const { window, last } = await runSlice({
    scenario: `${head}
class U extends HttpUser {
  async onStart() { const until = Date.now() + 900; while (this.index === 0 && Date.now() < until); }
  @task async go() { await this.http.get('/x', { name: 'user ' + this.index }); await this.sleep('50ms') }
}
export default scenario({ host: '${target.origin}', users: [U], load: [ramp(2, '0s'), hold('300ms'), ramp(1, '0s'), hold('2s')] })`,
    host: target.origin,
    options: { stopTimeoutMs: 500 },
  })
  expect([...window.requests.keys()]).toEqual(['GET user 0'])
  expect(last.final).toBe(true)
  expect([...window.notices.keys()]).not.toContain(engineEnded)
})

test.each([
  ['users', `load: [ramp(3, '0s'), hold('3s')]`],
  // A busy machine drops late arrivals. Many arrivals are due, so that some arrivals begin nevertheless. At most three arrivals can begin, because
  // the pool has three users.
  ['arrivals', `load: [arrivals(60, '3s', { maxUsers: 3 })]`],
])('after the end of the load, a stop by a person limits how long %s continue', async (_, load) => {
  target = await startCountingTarget()
  let stoppedAt = Number.NaN
  const { window, last } = await runSlice({
    scenario: `${head}
class U extends HttpUser { @task async go() { await this.http.get('/delay/20000', { name: 'slow' }) } }
export default scenario({ host: '${target.origin}', users: [U], ${load} })`,
    host: target.origin,
    options: { stopTimeoutMs: 15_000 },
    during: async ({ stop, startAt }) => {
      // At this point the load has ended, and requests are in flight.
      await expect.poll(() => target?.counts().received, { timeout: 120_000 }).toBeGreaterThan(0)
      await sleep(Math.max(0, startAt - Date.now() + 3_500))
      stoppedAt = Date.now()
      await stop()
    },
  })
  expect(window.requests.get('GET slow')).toMatchObject({ requests: 0, interrupted: target.counts().received })
  expect(window.requests.size).toBe(1)
  expect(last.sentAt - stoppedAt).toBeGreaterThan(1_900)
  expect([...window.notices.keys()]).not.toContain(engineEnded)
})

test.each([
  ['users', `load: [ramp(3, '0s'), hold('10m')]`],
  ['arrivals', `load: [arrivals(20, '10m', { maxUsers: 3 })]`],
])(
  'if a person stops the run a second time, %s end immediately: no onStop runs, and requests in flight count as interrupted',
  async (_, load) => {
    target = await startCountingTarget()
    let control: Control | undefined
    let before: Record<string, number> = {}
    const { window, last } = await runSlice({
      scenario: `${head}
class U extends HttpUser {
  // One user is in onStop when the engine must stop immediately.
  async onStart() { if (this.index === 0) this.stop() }
  @task async go() { await this.http.get('/delay/600000', { name: 'slow' }) }
  async onStop() {
    await this.http.get('/bye')
    await this.sleep('10m')
    await this.http.get('/bye')
  }
}
export default scenario({ host: '${target.origin}', users: [U], ${load} })`,
      host: target.origin,
      // With this stop timeout, a graceful stop would exceed the time limit of the test.
      plan: (plan) => ({ ...plan, timing: { ...plan.timing, stopMs: 600_000 } }),
      during: async ({ store }) => {
        // The other users wait for their responses, so no further user or arrival can begin.
        await expect
          .poll(() => target?.counts().byPath, { timeout: 120_000 })
          .toMatchObject({ 'GET /bye': 1, 'GET /delay/600000': 2 })
        before = { ...target?.counts().byPath }
        await stopRun({ store, clock }, 'r1', 'enough')
        control = await stopRun({ store, clock }, 'r1', 'more than enough', true)
      },
    })
    expect(control?.stop).toMatchObject({ reason: 'enough', now: true })
    expect(target.counts().byPath).toEqual(before)
    expect(window.requests.get('GET slow')).toMatchObject({ requests: 0, interrupted: before['GET /delay/600000'] })
    expect(last.final).toBe(true)
    expect([...window.notices.keys()]).not.toContain(engineEnded)
  },
)

test('if the code of an arrival awaits a promise that never settles, the arrival ends after the stop timeout', async () => {
  target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `${head}
class U extends HttpUser { @task async go() { await this.http.get('/x'); await new Promise(() => {}) } }
export default scenario({ host: '${target.origin}', users: [U], load: [arrivals(100, '2s', { maxUsers: 5 })] })`,
    host: target.origin,
    options: { stopTimeoutMs: 300 },
  })
  expect(target.counts().received).toBeGreaterThan(0)
  expect(window.requests.get('GET /x')).toMatchObject({ requests: target.counts().received })
  expect([...window.notices.keys()]).not.toContain(engineEnded)
})

test('an iteration or a step that is cut off does not count as passed or failed', async () => {
  target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `${head}
class U extends HttpUser {
  @task async go() {
    await this.step('quick', () => this.http.get('/x').then(() => {}))
    if (this.index === 0) await this.step('thinks', () => this.sleep('20s'))
    if (this.index === 1) await this.step('waits', () => this.http.get('/delay/20000').then(() => {}))
    await this.sleep('100ms')
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    host: target.origin,
    options: { users: 3, runTimeMs: 600_000 },
    plan: (plan) => ({ ...plan, timing: { ...plan.timing, stopMs: 200 } }),
    during: async ({ stop, counted }) => {
      await expect.poll(() => target?.counts().byPath['GET /delay/20000'], { timeout: 120_000 }).toBe(1)
      await expect.poll(() => counted().iterations.get('U\tgo')?.count, { timeout: 120_000 }).toBeGreaterThan(0)
      await stop()
    },
  })
  expect([...window.steps.keys()]).toEqual(['quick'])
  expect(window.iterations.get('U\tgo')?.failed).toBe(0)
  // Only user 2 completes iterations, and its last iteration may be cut off.
  const quick = window.steps.get('quick')?.count ?? 0
  expect(window.iterations.get('U\tgo')?.count).toBeGreaterThanOrEqual(Math.max(1, quick - 3))
  expect(window.iterations.get('U\tgo')?.count).toBeLessThan(quick)
})

test.each([
  ['users', `load: [ramp(5, '0s'), hold('3s')]`],
  ['arrivals', `load: [arrivals(10, '3s')]`],
])('the counts contain a notice for each of the %s that had no time to finish onStop', async (_, load) => {
  target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `${head}
class Slow extends HttpUser {
  @task async go() { await this.sleep('500ms') }
  async onStop() { if (this.index > 0) await new Promise(() => {}) }
}
export default scenario({ host: '${target.origin}', users: [Slow], ${load} })`,
    host: target.origin,
    options: { stopTimeoutMs: 500 },
  })
  const cut = (window.users.startedByClass.get('Slow') ?? 0) - 1
  expect(cut).toBeGreaterThan(0)
  expect(Object.fromEntries(window.notices)).toEqual({
    'onStop of a user of class Slow did not finish before burst had to end the user': cut,
  })
})

test('redirects are followed in onStop', async () => {
  const rude = await startRudeTarget()
  try {
    const { window } = await runSlice({
      scenario: `${head}
class U extends HttpUser {
  @task async go() { await this.sleep('100ms') }
  async onStop() { await this.http.get('/redirect/2') }
}
export default scenario({ host: '${rude.origin}', users: [U] })`,
      host: rude.origin,
      options: { users: 1, runTimeMs: 500 },
    })
    expect(window.requests.get('GET /redirect/2')).toMatchObject({ requests: 1, exchanges: 3 })
  } finally {
    await rude.close()
  }
})
