import { describe, expect, test } from 'vitest'
import { refuseWhileRunning } from '../../../../cli/aws/deploying/refuse-while-running.ts'
import { launch } from '../../../../cli/aws/running/launch.ts'
import { checkAllowed, checkBudget } from '../../../../cli/aws/running/prepare.ts'
import { startedPlan } from '../../../../cli/aws/running/watch.ts'
import {
  type Stopping,
  activeRuns,
  halt,
  resume,
  stopAll,
  unmarkReported,
} from '../../../../cli/aws/running/active-runs.ts'
import { decodeControl, encodeControl } from '../../../../core/fleet/control.ts'
import { keys } from '../../../../functions/keys.ts'
import { planOf } from '../../../fixtures/run.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'

const clock = { nowMs: () => 1_000_000, sleep: async () => undefined }

async function stackWith(leases: Record<string, number>): Promise<{ store: MemoryStore; clock: typeof clock }> {
  const store = new MemoryStore()
  for (const [run, leaseUntil] of Object.entries(leases)) {
    await store.put(keys.active(run), '')
    await store.put(keys.control(run), encodeControl({ v: 1, startAt: 0, leaseUntil, stop: null }))
  }
  return { store, clock }
}

test('a run counts as active until its lease expires', async () => {
  const place = await stackWith({ old: 999_999, on: 1_000_001 })
  expect(await activeRuns(place)).toEqual([
    { run: 'old', alive: false },
    { run: 'on', alive: true },
  ])
})

test('burst stop --all forbids new runs and stops every run, and burst resume allows new runs again', async () => {
  const place = await stackWith({ a: 1_000_001, b: 5 })
  expect(await stopAll(place, { reason: 'enough', now: true })).toEqual({ asked: ['a', 'b'], uncontrolled: [] })
  for (const run of ['a', 'b']) {
    const stored = await place.store.get(keys.control(run))
    expect(decodeControl(stored?.body ?? '').stop).toEqual({ reason: 'enough', at: 1_000_000, now: true })
  }
  expect(await place.store.get(halt)).toBeDefined()
  expect(await activeRuns(place)).toHaveLength(2)
  expect(await resume(place)).toBe(true)
  expect(await resume(place)).toBe(false)
})

test('a run whose control file cannot be read counts as active, and burst stop --all ends this run by deleting the control file', async () => {
  const place = await stackWith({ a: 1_000_001 })
  for (const [run, control] of Object.entries({ b: '{"v":1', c: '{"v":9}', d: '[]' })) {
    await place.store.put(keys.active(run), '')
    await place.store.put(keys.control(run), control)
  }
  const active = await activeRuns(place)
  expect(active.map(({ run, alive, problem }) => [run, alive, problem !== undefined])).toEqual([
    ['a', true, false],
    ['b', true, true],
    ['c', true, true],
    ['d', true, true],
  ])
  await expect(refuseWhileRunning(place as never, false)).rejects.toThrow('runs are still running: a, b, c, d')
  expect(await stopAll(place, { reason: 'enough', now: false })).toEqual({
    asked: ['a'],
    uncontrolled: ['b', 'c', 'd'],
  })
  expect(decodeControl((await place.store.get(keys.control('a')))?.body ?? '').stop?.reason).toBe('enough')
  for (const run of ['b', 'c', 'd']) expect(await place.store.get(keys.control(run))).toBeUndefined()
})

test('burst stop --all can be repeated after it deleted a control file that cannot be read', async () => {
  const place = await stackWith({ a: 1_000_001, c: 1_000_001 })
  await place.store.put(keys.active('b'), '')
  await place.store.put(keys.control('b'), 'damaged')
  for (const now of [false, true])
    expect(await stopAll(place, { reason: 'enough', now })).toEqual({ asked: ['a', 'c'], uncontrolled: ['b'] })
  expect(decodeControl((await place.store.get(keys.control('c')))?.body ?? '').stop?.now).toBe(true)
})

test('if one run cannot be stopped, burst stop --all stops the other runs, and the error names the run that was not stopped', async () => {
  const place = await stackWith({ a: 1_000_001, b: 1_000_001, c: 1_000_001 })
  const put = place.store.put.bind(place.store)
  place.store.put = async (key, ...rest) => (key === keys.control('b') ? undefined : put(key, ...rest))
  await expect(stopAll(place, { reason: 'enough', now: false })).rejects.toMatchObject({
    exitCode: 97,
    message: expect.stringMatching(/^b could not be stopped: the control file of run b could not be changed/) as string,
  })
  for (const run of ['a', 'c']) {
    expect(decodeControl((await place.store.get(keys.control(run)))?.body ?? '').stop?.reason).toBe('enough')
  }
})

test.each([
  ['whose lease has expired', encodeControl({ v: 1, startAt: 0, leaseUntil: 999_999, stop: null }), []],
  ['without a control file', undefined, []],
  ['whose coordinator may be alive', encodeControl({ v: 1, startAt: 0, leaseUntil: 1_000_001, stop: null }), ['r1']],
  ['whose control file cannot be read', 'damaged', ['r1']],
])('burst removes the mark of a run %s only if no coordinator can remove the mark', async (_, control, remaining) => {
  const place = await stackWith({})
  await place.store.put(keys.active('r1'), '')
  if (control !== undefined) await place.store.put(keys.control('r1'), control)
  await unmarkReported(place, 'r1')
  expect((await activeRuns(place)).map(({ run }) => run)).toEqual(remaining)
})

test('a stack can be changed during a run only with --force', async () => {
  const on = (await stackWith({ on: 1_000_001 })) as never
  await expect(refuseWhileRunning(on, false)).rejects.toThrow('a run is still running: on')
  await expect(refuseWhileRunning(on, true)).resolves.toBeUndefined()
  await expect(refuseWhileRunning((await stackWith({ old: 5 })) as never, false)).resolves.toBeUndefined()
})

test('the error for a host that the stack does not allow contains the command that allows the host', () => {
  const allow = ['shop.example.com', '*.example.org']
  for (const host of ['https://shop.example.com', 'http://a.example.org:8080/x']) checkAllowed({ host }, allow)
  expect(() => checkAllowed({ host: 'https://example.org' }, allow)).toThrow(
    expect.objectContaining({
      message: 'this stack may not load-test example.org: it may load-test shop.example.com, *.example.org',
      hint: "burst deploy --allow 'shop.example.com' --allow '*.example.org' --allow 'example.org'",
    }),
  )
})

test('a run does not start if it would cost more than its budget', () => {
  checkBudget({ usd: 5 }, 5)
  checkBudget({ usd: 5000 }, undefined)
  expect(() => checkBudget({ usd: 5.01 }, 5)).toThrow('the run would cost $5.01, but the budget is $5.00')
})

describe('a run whose start is refused', () => {
  const run = planOf({ backend: 'aws', vars: { password: 's3cret' } })
  const start = async (halted: boolean, invoke: () => Promise<void>) => {
    const store = new MemoryStore()
    if (halted) await store.put(keys.halt, '{"reason":"enough"}')
    const cloud = { store, clock, invoke, stack: { name: 'burst' } } as never
    const started = launch(cloud, run, { hash: 'h', code: '' })
    return { store, cloud, started }
  }
  const coordinated: unknown[] = []
  const invokes = async (): Promise<void> => void coordinated.push(1)

  test.each([
    ['refused because burst was halted after the confirmation', true, invokes, 'all runs of this stack are halted'],
    ['refused by Lambda', false, async () => Promise.reject(new Error('TooManyRequests')), 'TooManyRequests'],
  ])(
    'if the start of a run is %s, the run is not active, its secret variables are deleted, and it counts as never started',
    async (_, halted, invoke, message) => {
      const { store, cloud, started } = await start(halted, invoke)
      await expect(started).rejects.toThrow(message)
      expect(coordinated).toEqual([])
      expect(await store.get(keys.active('r1'))).toBeUndefined()
      expect((await store.get(keys.plan('r1')))?.body).toContain('"password":"***"')
      expect(await store.get(keys.variables('r1'))).toBeUndefined()
      expect(decodeControl((await store.get(keys.control('r1')))?.body ?? '').stop?.reason).toBe(
        'the start of the run was refused',
      )
      await expect(startedPlan(cloud, 'r1')).rejects.toThrow('run r1 was never started')
    },
  )

  test('a run does not start if burst stop --all halted the stack just before the run was marked as active', async () => {
    const store = new MemoryStore()
    const put = store.put.bind(store)
    const cloud = { store, clock, invoke: invokes, stack: { name: 'burst' } }
    let found: Stopping | undefined
    store.put = async (key, ...rest) => {
      if (key === keys.active('r1')) found = await stopAll(cloud, { reason: 'enough', now: false })
      return put(key, ...rest)
    }
    const before = coordinated.length
    await expect(launch(cloud as never, run, { hash: 'h', code: '' })).rejects.toThrow(
      'all runs of this stack are halted',
    )
    expect(found).toEqual({ asked: [], uncontrolled: [] })
    expect(coordinated).toHaveLength(before)
    expect(await activeRuns(cloud)).toEqual([])
  })

  test('a run whose start was accepted counts as started', async () => {
    const { cloud, started } = await start(false, invokes)
    await started
    expect((await startedPlan(cloud, 'r1')).run).toBe('r1')
    expect(coordinated).toEqual([1])
  })
})
