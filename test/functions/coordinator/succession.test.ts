import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Control } from '../../../core/fleet/control.ts'
import { coordinate } from '../../../functions/coordinator/handler.ts'
import { decodeState, firstState } from '../../../functions/coordinator/state.ts'
import { stopRun } from '../../../functions/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment } from '../../../functions/ports.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []
const launchedIn = (cloud: SmallCloud): string[] => cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)
const goesOn = 'the coordinator was lost, and another one goes on with the run'
const long = { profile: { points: [{ atMs: 0, level: 10 }], endMs: 120_000 } }

/** A plan whose bundle, with this code, is in the cloud's store. */
async function cloudWithHooks(code: string, hooks: Partial<RunPlan['hooks']>): Promise<SmallCloud> {
  const bundle = createHash('sha256').update(code).digest('hex')
  const none = { beforeRun: false, afterRun: false, onRequest: false }
  const cloud = new SmallCloud(planOf({ ...long, bundle, hooks: { ...none, ...hooks } }))
  await cloud.store.put(keys.bundle(bundle), code)
  return cloud
}

/** A coordinator that another one takes over from while a call of it hangs; what it does after that must not touch the run. */
async function replacedWhileItHangs(
  cloud: SmallCloud,
  hangs: (own: Environment, hang: () => Promise<void>) => Environment,
  releasedAfterMs = 40_000,
) {
  const [hanging, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const hang = async (): Promise<void> => {
    hanging.resolve()
    await released.promise
  }
  await cloud.pass(0)
  const first = coordinate({ run: 'r1' }, hangs(cloud.environment(), hang))
  await hanging.promise
  let before: Control | undefined
  cloud.at(cloud.plan.createdAt + releasedAfterMs, async () => {
    before = await cloud.control()
    released.resolve()
    for (let turn = 0; turn < 100; turn++) await setImmediate()
  })
  const report = await cloud.coordinate({ run: 'r1', after: 1, lost: true })
  await first
  return { report, before, after: await cloud.control() }
}

describe('a coordinator that another one takes over from while a call hangs', () => {
  test.for(['the halt', 'the control'])('leaves the start as it is when that was a look at %s', async (what) => {
    const cloud = new SmallCloud(planOf(long))
    const key = what === 'the halt' ? keys.halt : keys.control('r1')
    let looks = 0
    const { report, before, after } = await replacedWhileItHangs(cloud, (own, hang) => ({
      ...own,
      store: {
        get: async (asked) => {
          const stored = await own.store.get(asked)
          // The last one before it sets the start; or of that itself.
          if (asked === key && ++looks === (what === 'the halt' ? 2 : 4)) await hang()
          return stored
        },
        put: async (...given) => own.store.put(...given),
        list: async (prefix) => own.store.list(prefix),
        delete: async (gone) => own.store.delete(gone),
      },
    }))
    expect(looks).toBeGreaterThanOrEqual(what === 'the halt' ? 2 : 4)
    expect(after.startAt).toBe(before?.startAt)
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
  })

  test('writes no control any more, also when it loses a race for the control and tries again', async () => {
    const writtenBy = { first: 0, replaced: 0 }
    // At one of these moments the lease is due to be renewed, and the second has not done it yet.
    for (let releasedAfterMs = 40_000; releasedAfterMs <= 55_000; releasedAfterMs += 1_000) {
      const cloud = new SmallCloud(planOf(long))
      const key = keys.control('r1')
      const put = cloud.store.put.bind(cloud.store)
      // The second is slow at writing the control.
      cloud.store.put = async (...given) => {
        if (given[0] === key && cloud.coordinators > 0) await cloud.environment().clock.sleep(3_000)
        return put(...given)
      }
      let [looks, hung] = [0, false]
      const hangs = (own: Environment, hang: () => Promise<void>): Environment => ({
        ...own,
        store: {
          get: async (asked) => {
            const stored = await own.store.get(asked)
            if (asked === key && ++looks === 8) {
              await hang()
              hung = true
            }
            return stored
          },
          put: async (...given) => {
            const etag = await put(...given)
            if (given[0] === key && etag !== undefined) writtenBy[hung ? 'replaced' : 'first']++
            return etag
          },
          list: async (prefix) => own.store.list(prefix),
          delete: async (gone) => own.store.delete(gone),
        },
      })
      const { report } = await replacedWhileItHangs(cloud, hangs, releasedAfterMs)
      expect(hung).toBe(true)
      expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    }
    expect(writtenBy.first).toBeGreaterThan(0)
    expect(writtenBy.replaced).toBe(0)
  })

  test.for(['fails', 'is accepted'])(
    'neither stops the run nor renews its lease when the launch of a worker %s',
    async (how) => {
      const cloud = new SmallCloud(planOf({ ...long, workers: 80 }))
      let launches = 0
      const { report, before, after } = await replacedWhileItHangs(cloud, (own, hang) => ({
        ...own,
        invoker: {
          ...own.invoker,
          invoke: async () => {
            launches++
            await hang()
            if (how === 'fails') throw new BurstError('runFailed', 'Lambda does not start burst-worker: denied')
          },
        },
      }))
      // As many as go out side by side, and none of the others.
      expect(launches).toBe(64)
      expect(cloud.launched).toHaveLength(80)
      expect([before?.stop, after.stop]).toEqual([null, null])
      expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    },
  )
})

test('secret variables are deleted when the report could not be made, and by whoever makes it after the coordinator', async () => {
  const failing = new SmallCloud(planOf(long))
  await failing.store.put(keys.variables('r1'), '{}')
  failing.finaliseFails = true
  await expect(failing.coordinate()).rejects.toThrow('the report could not be made')
  expect(await failing.store.get(keys.variables('r1'))).toBeUndefined()
  const orphan = new SmallCloud(planOf(long))
  await orphan.store.put(keys.variables('r1'), '{}')
  await orphan.pass(0)
  await orphan.invoke('finalise', { run: 'r1', events: [], failed: [], failure: null })
  expect(await orphan.store.get(keys.output('r1', 'report.json'))).toBeDefined()
  expect(await orphan.store.get(keys.variables('r1'))).toBeUndefined()
})

describe('a coordinator after one that was lost', () => {
  test.for([3_000, 30_000, 80_000])('%i ms into the run goes on with it to its planned end', async (lostAfterMs) => {
    const cloud = new SmallCloud(planOf(long))
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + lostAfterMs)).rejects.toThrow('lost')
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    expect(cloud.leaseAlwaysAlive).toBe(true)
    expect(cloud.nowMs).toBeGreaterThanOrEqual((await cloud.control()).startAt + 120_000)
    expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    expect(report?.completeness).toMatchObject({ complete: true, slicesReported: 2 })
    expect(textsOf(cloud)).toContain(goesOn)
  })

  test('takes over at once when told that the current coordinator is dead, and waits when told about another epoch', async () => {
    const cloud = new SmallCloud(planOf(long))
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 20_000)).rejects.toThrow('lost')
    const { leaseUntil } = await cloud.control()
    const before = cloud.nowMs
    let seenAt = 0
    cloud.at(before + 400, async () => {
      const stored = await cloud.store.get(keys.coordinator('r1'))
      seenAt = decodeState(stored?.body ?? '').epoch === 2 ? cloud.nowMs : 0
    })
    const report = await cloud.coordinate({ run: 'r1', after: 1, lost: true })
    expect(seenAt).toBe(before + 400)
    expect((await cloud.control()).leaseUntil).toBeGreaterThan(leaseUntil)
    expect(report?.verdict.exitCode).toBe(0)
  })

  test('finishes a run whose coordinators were lost several times', async () => {
    const cloud = new SmallCloud(planOf(long))
    for (const at of [700, 30_000, 60_000, 90_000]) {
      await expect(cloud.coordinateUntil(cloud.plan.createdAt + at)).rejects.toThrow('lost')
    }
    const report = await cloud.coordinate()
    expect(report?.verdict.exitCode).toBe(0)
    expect(textsOf(cloud).filter((text) => text === goesOn)).toHaveLength(4)
  })

  test('begins a run that the first one had not begun, and does not repeat a hook during which the first one was lost', async () => {
    const idle = await cloudWithHooks('export default { beforeRun: () => 7 }', { beforeRun: true })
    await idle.store.put(keys.coordinator('r1'), JSON.stringify(firstState))
    expect((await idle.coordinate())?.verdict.exitCode).toBe(0)
    expect((await idle.store.get(keys.hook('r1', 'beforeRun')))?.body).toBe('7')
    const hooking = await cloudWithHooks('export default { beforeRun: () => 7 }', { beforeRun: true })
    await hooking.store.put(keys.coordinator('r1'), JSON.stringify(firstState))
    await hooking.store.put(keys.hook('r1', 'beforeRun'), '')
    const report = await hooking.coordinate()
    expect(hooking.launched).toEqual([])
    expect(report?.verdict).toMatchObject({ exitCode: 97, reasons: [expect.stringContaining('never finished')] })
  })

  test('launches the workers that the first one had not launched, and none twice', async () => {
    const cloud = new SmallCloud(planOf({ ...long, workers: 6 }))
    const { invoke } = cloud
    cloud.invoke = async (stage, event) => {
      if (stage === 'worker' && cloud.launched.length === 2) throw new Error('lost')
      await invoke(stage, event)
    }
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 4_000)).rejects.toThrow('lost')
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    cloud.invoke = invoke
    const report = await cloud.coordinate()
    expect(launchedIn(cloud).toSorted()).toEqual(['0-0', '1-0', '2-0', '3-0', '4-0', '5-0'])
    expect(report?.verdict.exitCode).toBe(0)
  })

  test('finds a claim that the first one took away from a worker, and has the slice run', async () => {
    const cloud = new SmallCloud(planOf(long), ({ slice, attempt }) => ({
      claimsAfterMs: slice === 1 && attempt === 0 ? null : 500,
    }))
    const put = cloud.store.put.bind(cloud.store)
    cloud.store.put = async (key, body, condition) => {
      const etag = await put(key, body, condition)
      // The last that it does: it has taken the claim, and not written down why.
      if (key === keys.claim('r1', 1, 0)) throw new Error('lost')
      return etag
    }
    const { nowMs } = cloud
    await expect(cloud.coordinateUntil(nowMs + 15_400)).rejects.toThrow('lost')
    expect(await cloud.store.get(keys.claim('r1', 1, 0))).toBeDefined()
    cloud.store.put = put
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '1-1'])
    expect(report?.verdict.exitCode).toBe(0)
  })

  test('that begins after the lease lapsed collects what was reported, and says where the load ended', async () => {
    const cloud = new SmallCloud(planOf(long))
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 30_000)).rejects.toThrow('lost')
    const { startAt, leaseUntil } = await cloud.control()
    await cloud.pass(leaseUntil + 60_000 - cloud.nowMs)
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    expect((await cloud.control()).stop).toEqual({ reason: 'the coordinator was lost', at: leaseUntil })
    expect(leaseUntil).toBeLessThan(startAt + 120_000)
    expect(report?.verdict.exitCode).toBe(97)
    expect(report?.verdict.reasons[0]).toContain('the coordinator was lost')
    expect(report?.completeness.complete).toBe(true)
  })

  test.for(['at once', 'after the lease'])(
    'of a run whose load was over and merged finds it complete %s',
    async (when) => {
      const cloud = new SmallCloud(planOf())
      const put = cloud.store.put.bind(cloud.store)
      cloud.store.put = async (key, body, condition) => {
        if (body.includes('"phase":"over"')) throw new Error('lost')
        return put(key, body, condition)
      }
      await expect(cloud.coordinate()).rejects.toThrow('lost')
      cloud.store.put = put
      await cloud.pass(when === 'at once' ? 0 : 120_000)
      const report = await cloud.coordinate()
      expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
      expect(report?.completeness.complete).toBe(true)
      expect(textsOf(cloud).join()).toContain('the coordinator was lost')
      expect((await cloud.control()).stop).toBeNull()
    },
  )

  test('never begins a run whose start was not accepted in time', async () => {
    const cloud = new SmallCloud(planOf(long))
    await cloud.pass(0)
    cloud.nowMs += cloud.plan.timing.leaseMs
    const report = await cloud.coordinate()
    expect(cloud.launched).toEqual([])
    expect(report?.verdict).toMatchObject({ exitCode: 97, reasons: [expect.stringContaining('the run never began')] })
  })

  test('leaves a stop of a person as it is', async () => {
    const cloud = new SmallCloud(planOf(long))
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 30_000)).rejects.toThrow('lost')
    await stopRun(cloud.environment(), 'r1', 'Ctrl-C')
    await cloud.pass(cloud.plan.timing.leaseMs)
    expect((await cloud.coordinate())?.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
  })
})
