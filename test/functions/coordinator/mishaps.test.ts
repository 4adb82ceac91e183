import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { BurstError } from '../../../core/errors.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []
const launchedIn = (cloud: SmallCloud): string[] => cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)
const long = { profile: { points: [{ atMs: 0, level: 10 }], endMs: 120_000 } }

describe('a run that is stopped before it has begun', () => {
  test('a stop during beforeRun ends beforeRun immediately, and the run does not start workers and has no missing counts', async () => {
    const code = 'export default { beforeRun: () => new Promise(() => setInterval(() => {}, 1000)), afterRun() {} }'
    const bundle = createHash('sha256').update(code).digest('hex')
    const cloud = new SmallCloud(planOf({ bundle, hooks: { beforeRun: true, afterRun: true, onRequest: false } }))
    await cloud.store.put(keys.bundle(bundle), code)
    const stopAt = cloud.plan.createdAt + 17_000
    cloud.at(stopAt, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
    const report = await cloud.coordinate()
    expect(cloud.nowMs).toBeLessThanOrEqual(stopAt + 2 * cloud.plan.timing.controlPollMs)
    expect(cloud.launched).toEqual([])
    expect(report?.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
    expect(report?.verdict.reasons).toHaveLength(1)
    expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
    expect(await cloud.store.get(keys.hook('r1', 'afterRun'))).toBeUndefined()
  })

  test('if a run is stopped before workers have begun, the report does not name these workers as missing', async () => {
    const cloud = new SmallCloud(planOf(), () => ({ claimsAfterMs: 60_000 }))
    cloud.at(cloud.plan.createdAt + 3000, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    expect(report?.verdict).toMatchObject({ exitCode: 105, reasons: [expect.stringContaining('Ctrl-C')] })
    expect(report?.completeness.lost).toEqual([])
  })

  const hooks = { ends: 'setTimeout(resolve, 300)', 'never ends': 'void resolve' }

  test.for([
    ['is missing', 0],
    ['ends', 0],
    ['ends', 6_000],
    ['never ends', 6_000],
  ] as const)(
    'if the stack is halted before the load starts, the run stops, and the report gives the reason (beforeRun %s, halt after %i ms)',
    async ([hook, afterMs]) => {
      const code = `export default { beforeRun: () => new Promise((resolve) => ${hook === 'is missing' ? '0' : hooks[hook]}) }`
      const bundle = createHash('sha256').update(code).digest('hex')
      const beforeRun = hook !== 'is missing'
      const cloud = new SmallCloud(planOf({ bundle, hooks: { beforeRun, afterRun: false, onRequest: false } }))
      await cloud.store.put(keys.bundle(bundle), code)
      const halt = async (): Promise<void> => void (await cloud.store.put(keys.halt, '{"reason":"the target is down"}'))
      if (afterMs === 0) await halt()
      else cloud.at(cloud.plan.createdAt + afterMs, halt)
      const report = await cloud.coordinate()
      expect(cloud.launched).toEqual([])
      expect(report?.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'the target is down' })
    },
  )
})

test("a halt of the stack ends a run in progress, even if the run's control file does not contain a stop", async () => {
  const cloud = new SmallCloud(planOf(long))
  const haltAt = cloud.plan.createdAt + 30_000
  cloud.at(haltAt, async () => void (await cloud.store.put(keys.halt, 'no JSON')))
  const report = await cloud.coordinate()
  expect(cloud.nowMs).toBeLessThan(haltAt + 15_000)
  expect(report?.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'all runs of the stack are halted' })
})

describe('launching', () => {
  test('a launch is retried after a temporary refusal, and no slice is lost', async () => {
    const cloud = new SmallCloud(planOf({ ...long, workers: 200 }))
    const { invoke } = cloud
    let refusals = 0
    cloud.invoke = async (stage, event) => {
      if (stage === 'worker' && ++refusals % 3 !== 0) throw new Error('Rate Exceeded')
      await invoke(stage, event)
    }
    const report = await cloud.coordinate()
    expect(refusals).toBeGreaterThan(400)
    expect(new Set(launchedIn(cloud)).size).toBe(200)
    expect(cloud.launched.every(({ attempt }) => attempt === 0)).toBe(true)
    expect(report?.completeness).toMatchObject({ complete: true, slicesReported: 200 })
    expect(report?.verdict.exitCode).toBe(0)
  })

  test('if the launch of a replacement is refused, it is retried, and the slice is not given up', async () => {
    const cloud = new SmallCloud(planOf(long), ({ slice, attempt }) =>
      slice === 1 && attempt === 0 ? { claimsAfterMs: null, failsAfterMs: 700 } : {},
    )
    const { invoke } = cloud
    cloud.invoke = async (stage, event) => {
      const again = stage === 'worker' && (event as { attempt: number }).attempt === 1
      if (again && cloud.nowMs < cloud.plan.createdAt + 25_000) throw new Error('Rate Exceeded')
      await invoke(stage, event)
    }
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '1-1'])
    expect(report?.verdict.exitCode).toBe(0)
    expect(report?.completeness.complete).toBe(true)
  })

  test('a launch that is refused permanently ends the run immediately', async () => {
    const cloud = new SmallCloud(planOf(long))
    cloud.invoke = ((invoke) => async (stage, event) => {
      if (stage === 'worker') throw new BurstError('runFailed', 'Lambda does not start burst-worker: denied')
      await invoke(stage, event)
    })(cloud.invoke)
    const report = await cloud.coordinate()
    expect(cloud.nowMs).toBeLessThan(cloud.plan.createdAt + 20_000)
    expect(report?.verdict.reasons[0]).toContain('Lambda does not start burst-worker: denied')
  })

  test('a message from the SDK is shortened to one line in the verdict, in the control file and in the state for the next coordinator', async () => {
    const cloud = new SmallCloud(planOf(long))
    const text = `not authorized\n${'    at send (client.js:1)\n'.repeat(199)}`
    cloud.invoke = ((invoke) => async (stage, event) => {
      if (stage === 'worker') throw new BurstError('runFailed', text)
      await invoke(stage, event)
    })(cloud.invoke)
    const report = await cloud.coordinate()
    expect(report?.verdict.reasons[0]).toBe('not authorized')
    const stored = await Promise.all([keys.control('r1'), keys.coordinator('r1')].map((key) => cloud.store.get(key)))
    for (const one of stored) expect(one?.body).toContain('"not authorized"')
    expect(report?.events.map(({ text: said }) => said).filter((said) => said.includes('authorized'))).toEqual([])
  })

  test('the lease is renewed during a launch that takes a long time', async () => {
    const cloud = new SmallCloud(planOf({ ...long, workers: 200 }))
    const { invoke } = cloud
    cloud.invoke = async (stage, event) => {
      if (stage === 'worker') await cloud.environment().clock.sleep(12_000)
      await invoke(stage, event)
    }
    const report = await cloud.coordinate()
    expect(cloud.launched).toHaveLength(200)
    expect(cloud.leaseAlwaysAlive).toBe(true)
    expect(report?.verdict.exitCode).toBe(0)
  })
})

test('a worker that dies between its claim and the start is replaced, and the run is complete', async () => {
  const cloud = new SmallCloud(planOf(), ({ slice, attempt }) => {
    if (slice === 0 && attempt === 0) return { claimsAfterMs: 500, failsAfterMs: 300 }
    return { claimsAfterMs: slice === 1 ? 3000 : 500 }
  })
  const report = await cloud.coordinate()
  expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '0-1'])
  expect(textsOf(cloud)).toContain('slice 0 is started again: its process ran out of memory')
  expect(report?.completeness).toMatchObject({ complete: true, slicesReported: 2 })
  expect(report?.verdict.exitCode).toBe(0)
})

describe('a run whose files are deleted while it is in progress', () => {
  const files = [keys.plan('r1'), keys.control('r1'), keys.coordinator('r1')]
  const reason = (names: string): string => `the run was stopped because its ${names} had been deleted`

  test.for([
    ['plan.json', [files[0]]],
    ['control.json', [files[1]]],
    ['plan.json and control.json', files],
  ] as const)(
    'the deletion of %s stops the run immediately, and the report names the deletion as the reason exactly once',
    async ([names, gone]) => {
      const cloud = new SmallCloud(planOf(long))
      const at = cloud.plan.createdAt + 30_000
      cloud.at(at, async () => {
        for (const key of gone) await cloud.store.delete(key as string)
      })
      const report = await cloud.coordinate()
      expect(cloud.nowMs).toBeLessThan(at + 6_000)
      expect((await cloud.control()).stop?.reason).toBe(reason(names))
      const told = [...(report?.verdict.reasons ?? []), ...(report?.events ?? []).map(({ text }) => text)]
      expect(told.filter((text) => text.includes('deleted'))).toEqual([expect.stringContaining(reason(names))])
      expect(told).toContain('burst stopped the run')
      expect(report?.verdict).toMatchObject({ exitCode: 97, stoppedBy: null })
      expect(report?.completeness).toMatchObject({ complete: true, slicesReported: 2 })
    },
  )

  test('a run continues when only coordinator.json was deleted', async () => {
    const cloud = new SmallCloud(planOf(long))
    cloud.at(cloud.plan.createdAt + 30_000, async () => cloud.store.delete(keys.coordinator('r1')))
    expect((await cloud.coordinate())?.verdict.exitCode).toBe(0)
    expect(await cloud.store.get(keys.coordinator('r1'))).toBeDefined()
  })
})
