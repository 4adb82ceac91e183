import { afterEach, expect, test } from 'vitest'
import { encodeControl } from '../../../core/fleet/control.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment } from '../../../functions/ports.ts'
import { markingEarlyFailures } from '../../../functions/worker/failed-before-claim.ts'
import { claim, work } from '../../../functions/worker/handler.ts'
import { planOf } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { runSlice } from './slice-run.ts'

let target: CountingTarget | undefined
afterEach(async () => {
  await target?.close()
  target = undefined
})

const simple = `
import { HttpUser, between, scenario, ramp, hold, task } from 'burst'
class U extends HttpUser {
  wait = between('100ms', '300ms')
  @task(3) async page() { await this.http.get('/page/:id', { params: { id: this.random.int(1, 50) } }).expect(200) }
  @task(1) async post() { await this.http.post('/things', { json: { a: 1 } }) }
}
export default scenario({ host: 'http://127.0.0.1:1', users: [U], load: [ramp(50, '1s'), hold('2s'), ramp(0, '1s')] })
`

const refuse = async (): Promise<never> => Promise.reject(new Error('this worker must not send messages'))
const idle: Omit<Environment, 'store'> = {
  queue: { send: refuse },
  invoker: { invoke: refuse, failed: refuse },
  clock: { nowMs: () => 0, sleep: refuse },
  build: planOf().build,
  remainingMs: () => 900_000,
  log: () => undefined,
}

test('the counts of a slice equal the counts of its target', async () => {
  target = await startCountingTarget({ jitterMs: 30 })
  const { window, last } = await runSlice({ scenario: simple, host: target.origin })
  const rows = [...window.requests.values()]
  const sent = rows.reduce((sum, row) => sum + row.exchanges + row.interrupted, 0)
  expect(sent).toBe(target.counts().received)
  expect(last.final).toBe(true)
  expect(last.totals.exchanges + last.totals.interrupted).toBe(sent)
  expect([...window.requests.keys()].toSorted()).toEqual(['GET /page/:id', 'POST /things'])
  expect(window.users.startedByClass.get('U')).toBe(50)
  expect(window.errors.size).toBe(0)
})

test.for([
  ['its run has ended', { startAt: -60_000, leaseUntil: 20_000 }],
  ['its coordinator is lost', { startAt: -1_000, leaseUntil: -500 }],
] as const)(
  'if a worker begins when %s, it does not claim a slice and does not send requests',
  async ([, { startAt, leaseUntil }]) => {
    const store = new MemoryStore()
    const plan = planOf()
    const nowMs = Date.now()
    await store.put(keys.plan(plan.run), JSON.stringify(plan))
    const control = { v: 1 as const, startAt: nowMs + startAt, leaseUntil: nowMs + leaseUntil, stop: null }
    await store.put(keys.control(plan.run), encodeControl(control))
    const clock = { nowMs: () => nowMs, sleep: refuse }
    await work({ run: plan.run, slice: 0, attempt: 0, startAt: nowMs + startAt }, { ...idle, store, clock })
    expect(await store.list(keys.claims(plan.run))).toEqual([])
  },
)

test('an error has the name FailedBeforeClaim only if the invocation fails before it tries to claim its slice', async () => {
  const store = new MemoryStore()
  const plan = planOf()
  const event = { run: plan.run, slice: 0, attempt: 0, startAt: 0 }
  const failing = async (): Promise<Error> =>
    work(event, { ...idle, store }).then(
      () => new Error('none'),
      (e) => e,
    )
  expect(await failing()).toMatchObject({ name: 'FailedBeforeClaim', message: expect.stringContaining(plan.run) })
  await store.put(keys.plan(plan.run), JSON.stringify(plan))
  await store.put(keys.control(plan.run), encodeControl({ v: 1, startAt: 0, leaseUntil: 1, stop: null }))
  expect(await failing()).toMatchObject({ name: 'FailedBeforeClaim', message: expect.stringContaining('bundle') })
  expect(await store.list(keys.claims(plan.run))).toEqual([])
  const error = await markingEarlyFailures(refuse, async (tryToClaim) => void (await tryToClaim())).catch((e) => e)
  expect(error).toMatchObject({ name: 'Error', message: 'this worker must not send messages' })
})

test('of two invocations of one attempt, exactly one claims the slice, even if the store answered the write of the claim with an error', async () => {
  const event = { run: 'r1', slice: 0, attempt: 0, startAt: 0 }
  const inner = new MemoryStore()
  const claimed = async (put: Environment['store']['put']): Promise<boolean> => {
    const store = { get: inner.get.bind(inner), list: inner.list.bind(inner), delete: inner.delete.bind(inner), put }
    return claim(event, { ...idle, store })
  }
  const failing: Environment['store']['put'] = async (...write) => {
    await inner.put(...write)
    throw new Error('500 Internal Error')
  }
  expect(await claimed(failing)).toBe(true)
  expect(await claimed(inner.put.bind(inner))).toBe(false)
  // An invocation that does not get the claim must not fail. If it failed, burst would count the worker that has the claim as lost.
  expect(await claimed(failing)).toBe(false)
  const second = { ...event, attempt: 1 }
  const both = await Promise.all([1, 2].map(async () => claim(second, { ...idle, store: inner })))
  expect(both.filter(Boolean)).toHaveLength(1)
})
