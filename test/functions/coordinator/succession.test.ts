import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { decodeState, firstState } from '../../../functions/coordinator/state.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []
const launchedIn = (cloud: SmallCloud): string[] => cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)
const goesOn = 'the coordinator was lost, and another coordinator continues the run'
const long = { profile: { points: [{ atMs: 0, level: 10 }], endMs: 120_000 } }

/** Returns a cloud whose store contains a plan and a bundle of the given code. */
async function cloudWithHooks(code: string, hooks: Partial<RunPlan['hooks']>): Promise<SmallCloud> {
  const bundle = createHash('sha256').update(code).digest('hex')
  const none = { beforeRun: false, afterRun: false, onRequest: false }
  const cloud = new SmallCloud(planOf({ ...long, bundle, hooks: { ...none, ...hooks } }))
  await cloud.store.put(keys.bundle(bundle), code)
  return cloud
}

test('secret variables are deleted even if the report cannot be made or no coordinator has run', async () => {
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

describe('a coordinator that follows a lost coordinator', () => {
  test.for([3_000, 30_000, 80_000])(
    'when a coordinator is lost %i ms into the run, the next coordinator continues the run to its planned end',
    async (lostAfterMs) => {
      const cloud = new SmallCloud(planOf(long))
      await expect(cloud.coordinateUntil(cloud.plan.createdAt + lostAfterMs)).rejects.toThrow('lost')
      const report = await cloud.coordinate()
      expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
      expect(cloud.leaseAlwaysAlive).toBe(true)
      expect(cloud.nowMs).toBeGreaterThanOrEqual((await cloud.control()).startAt + 120_000)
      expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
      expect(report?.completeness).toMatchObject({ complete: true, slicesReported: 2 })
      expect(textsOf(cloud)).toContain(goesOn)
    },
  )

  test('a coordinator takes over immediately when its event says that the previous coordinator is dead', async () => {
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

  test('a coordinator finishes a run after several earlier coordinators were lost', async () => {
    const cloud = new SmallCloud(planOf(long))
    for (const at of [700, 30_000, 60_000, 90_000]) {
      await expect(cloud.coordinateUntil(cloud.plan.createdAt + at)).rejects.toThrow('lost')
    }
    const report = await cloud.coordinate()
    expect(report?.verdict.exitCode).toBe(0)
    expect(textsOf(cloud).filter((text) => text === goesOn)).toHaveLength(4)
  })

  test('if a coordinator is lost before the run begins, its successor begins the run, but does not repeat a hook that was running at the time of the loss', async () => {
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

  test('a coordinator launches the workers that the lost coordinator had not launched yet, and does not launch a worker twice', async () => {
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

  test('if the lost coordinator had blocked a slice by claiming it, the next coordinator launches the slice again', async () => {
    const cloud = new SmallCloud(planOf(long), ({ slice, attempt }) => ({
      claimsAfterMs: slice === 1 && attempt === 0 ? null : 500,
    }))
    const put = cloud.store.put.bind(cloud.store)
    cloud.store.put = async (key, body, condition) => {
      const etag = await put(key, body, condition)
      // The coordinator is lost after it has made the claim and before it has stored the reason for the claim.
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

  test('if a coordinator begins after the lease has expired, it collects the reported counts, and says when the load ended', async () => {
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
    'a run is complete if its load ended and its counts were merged before the coordinator was lost (next coordinator: %s)',
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

  test('if a run has not begun when its lease expires, a later coordinator does not begin it', async () => {
    const cloud = new SmallCloud(planOf(long))
    await cloud.pass(0)
    cloud.nowMs += cloud.plan.timing.leaseMs
    const report = await cloud.coordinate()
    expect(cloud.launched).toEqual([])
    expect(report?.verdict).toMatchObject({ exitCode: 97, reasons: [expect.stringContaining('the run never began')] })
  })

  test('if a run has not begun and a watcher invokes a coordinator before the lease expires, this coordinator does not begin the run', async () => {
    const cloud = new SmallCloud(planOf(long))
    await cloud.pass(0)
    const { leaseUntil } = await cloud.control()
    cloud.nowMs += cloud.plan.timing.leaseMs / 3
    const report = await cloud.coordinate({ run: 'r1', rescue: true })
    expect(cloud.launched).toEqual([])
    expect(cloud.nowMs).toBeGreaterThanOrEqual(leaseUntil)
    expect(report?.verdict).toMatchObject({ exitCode: 97, reasons: [expect.stringContaining('the run never began')] })
  })

  test('a coordinator that a watcher invokes does not prevent a late first coordinator from beginning the run', async () => {
    const cloud = new SmallCloud(planOf(long))
    await cloud.pass(0)
    cloud.at(cloud.nowMs + cloud.plan.timing.leaseMs / 2, async () => {
      await cloud.invoke('coordinator', { run: 'r1' })
      // Lets the first coordinator begin before simulated time starts to pass.
      for (let turn = 0; turn < 100; turn++) await setImmediate()
    })
    const report = await cloud.coordinate({ run: 'r1', rescue: true })
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    expect(textsOf(cloud).filter((text) => text.includes('lost'))).toEqual([])
  })

  test('a coordinator that a watcher invokes continues a run whose coordinator was lost', async () => {
    const cloud = new SmallCloud(planOf(long))
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 30_000)).rejects.toThrow('lost')
    const report = await cloud.coordinate({ run: 'r1', rescue: true })
    expect(textsOf(cloud)).toContain(goesOn)
    expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
  })

  test('a coordinator does not overwrite a stop that a person requested', async () => {
    const cloud = new SmallCloud(planOf(long))
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 30_000)).rejects.toThrow('lost')
    await stopRun(cloud.environment(), 'r1', 'Ctrl-C')
    await cloud.pass(cloud.plan.timing.leaseMs)
    expect((await cloud.coordinate())?.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
  })
})
