import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { stopRun } from '../../../functions/control/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []

describe('a coordinator', () => {
  test('a coordinator launches every slice once, starts the load earlier than planned, and ends with a complete report', async () => {
    const cloud = new SmallCloud(planOf({ workers: 3 }))
    const report = await cloud.coordinate()
    expect(cloud.launched.map(({ slice, attempt }) => [slice, attempt])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ])
    const { startAt } = await cloud.control()
    expect(startAt).toBe(cloud.plan.createdAt + 1000 + 1000)
    expect(textsOf(cloud)).toEqual(['3 workers started'])
    expect(report?.completeness).toMatchObject({ complete: true, slicesReported: 3 })
    expect(await cloud.store.get(keys.active('r1'))).toBeUndefined()
  })

  test('if the load starts at least 10 s earlier than planned, the report of a run on AWS says so, and the report of a local run does not', async () => {
    const told = async (backend: 'local' | 'aws', startLeadMs: number): Promise<string[]> => {
      const cloud = new SmallCloud(planOf({ backend, timing: { ...planOf().timing, startLeadMs } }))
      await cloud.coordinate()
      return textsOf(cloud)
    }
    expect(await told('local', 20_000)).toEqual(['2 workers started'])
    expect(await told('aws', 5000)).toEqual(['2 workers started'])
    expect(await told('aws', 20_000)).toEqual([
      '2 workers started',
      'all workers are ready: the load begins 18 s earlier than planned',
    ])
  })

  test('the load starts at the planned time even if a worker is slow, and a start time that has passed is not changed', async () => {
    const cloud = new SmallCloud(planOf(), ({ slice }) => ({ claimsAfterMs: slice === 1 ? 8000 : 500 }))
    const report = await cloud.coordinate()
    expect((await cloud.control()).startAt).toBe(cloud.plan.createdAt + 5000)
    expect(report?.completeness.complete).toBe(true)
  })

  test('a coordinator renews the lease for as long as workers run', async () => {
    const cloud = new SmallCloud(planOf({ profile: { points: [{ atMs: 0, level: 10 }], endMs: 200_000 } }))
    await cloud.coordinate()
    expect(cloud.leaseAlwaysAlive).toBe(true)
    expect(cloud.nowMs - cloud.plan.createdAt).toBeGreaterThan(200_000)
  })

  test('a coordinator relaunches a slice that no worker claimed, and a worker that arrives too late does not run the slice', async () => {
    const cloud = new SmallCloud(planOf(), ({ slice, attempt }) => ({
      claimsAfterMs: slice === 1 && attempt === 0 ? 17_000 : 500,
    }))
    const report = await cloud.coordinate()
    expect(cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)).toEqual(['0-0', '1-0', '1-1'])
    expect(cloud.ran).toEqual(['0-0', '1-1'])
    expect(textsOf(cloud)).toContain('slice 1 is started again: the worker did not start in time')
    expect(report?.completeness.complete).toBe(true)
    // The replacement runs the slice from the beginning. The users of the slice begin late, but burst does not restart them, because they had not
    // begun before.
    expect((await cloud.control()).floors).toEqual([{ slice: 1, attempt: 1, sinceMs: 0 }])
  })

  test('a coordinator relaunches a slice immediately when the invocation of its worker failed before the claim', async () => {
    const cloud = new SmallCloud(planOf(), ({ slice, attempt }) =>
      slice === 0 && attempt === 0 ? { claimsAfterMs: null, failsAfterMs: 700 } : {},
    )
    const report = await cloud.coordinate()
    expect(cloud.launched.at(-1)?.attempt).toBe(1)
    expect((await cloud.control()).startAt).toBeLessThan(cloud.plan.createdAt + 5000)
    expect(report?.completeness.complete).toBe(true)
  })

  test('if no worker has claimed a slice after two launches, the coordinator gives the slice up, and the report says so', async () => {
    const cloud = new SmallCloud(planOf(), ({ slice }) => ({ claimsAfterMs: slice === 1 ? null : 500 }))
    const report = await cloud.coordinate()
    expect(cloud.launched).toHaveLength(3)
    expect(textsOf(cloud)).toContain('the worker of slice 1 is lost: the worker did not start in time')
    expect(report?.verdict.exitCode).toBe(98)
    expect(report?.completeness.slicesReported).toBe(1)
  })

  test('a coordinator replaces a lost worker, gives up a worker that is lost too late to be replaced, and names both workers in the report', async () => {
    const cloud = new SmallCloud(planOf(), ({ slice }) => (slice === 1 ? { failsAfterMs: 6000 } : {}))
    const report = await cloud.coordinate()
    const { startAt } = await cloud.control()
    const error = 'its process ran out of memory'
    expect(cloud.finaliseEvent?.failed).toEqual([0, 1].map((attempt) => ({ slice: 1, attempt, error })))
    expect(textsOf(cloud)).toContain('slice 1 is started again: its process ran out of memory')
    expect(textsOf(cloud)).toContain('the worker of slice 1 is lost: its process ran out of memory')
    expect(textsOf(cloud)).toContain('worker 1 is not started again: the load ends too soon to start another worker')
    expect(cloud.nowMs).toBeLessThan(startAt + 20_000 + cloud.plan.timing.drainMs)
    expect(report?.verdict.exitCode).toBe(98)
  })

  test('a coordinator ends the run when all workers are lost', async () => {
    const cloud = new SmallCloud(planOf(), () => ({ failsAfterMs: 3000 }))
    const report = await cloud.coordinate()
    expect(cloud.nowMs).toBeLessThan(cloud.plan.createdAt + 20_000)
    expect(report?.verdict.exitCode).toBe(97)
  })

  test.each([
    ['does not hand over', Number.POSITIVE_INFINITY],
    // The second coordinator begins 40 s after the first coordinator, within the grace period.
    ['hands over during the grace period', 130_000],
  ])(
    'if the coordinator %s, the run waits for a silent worker until the end of the grace period, but not longer',
    async (_, ms) => {
      const cloud = new SmallCloud(planOf(), ({ slice }) => (slice === 1 ? { endsAfterMs: null } : {}))
      cloud.invocationMs = ms
      const report = await cloud.coordinate()
      const { startAt } = await cloud.control()
      const { drainMs, graceMs, controlPollMs } = cloud.plan.timing
      const overAt = startAt + 20_000 + drainMs + graceMs
      expect(cloud.nowMs).toBeGreaterThanOrEqual(overAt)
      expect(cloud.nowMs).toBeLessThanOrEqual(overAt + 2 * controlPollMs)
      expect(textsOf(cloud)).toContain('worker 1 has not reported its end, and burst no longer waits for it')
      expect(report?.verdict.exitCode).toBe(98)
    },
  )

  test('when a person stops a run that has no planned end, the coordinator ends the run gracefully', async () => {
    const cloud = new SmallCloud(planOf({ profile: { points: [{ atMs: 0, level: 10 }], endMs: null } }))
    const stopAt = cloud.plan.createdAt + 3_600_000
    cloud.at(stopAt, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
    const report = await cloud.coordinate()
    expect(cloud.nowMs).toBeGreaterThanOrEqual(stopAt)
    expect(cloud.nowMs).toBeLessThan(stopAt + 5000)
    expect(report?.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
    expect(report?.completeness.complete).toBe(true)
    expect((await cloud.control()).stop?.reason).toBe('Ctrl-C')
  })

  test('a coordinator does not wait for workers that had not begun when the run was stopped', async () => {
    const cloud = new SmallCloud(planOf(), ({ slice }) => ({ claimsAfterMs: slice === 1 ? 60_000 : 500 }))
    cloud.at(cloud.plan.createdAt + 3000, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
    const report = await cloud.coordinate()
    expect(cloud.nowMs).toBeLessThan(cloud.plan.createdAt + 20_000)
    expect(cloud.ran).toEqual(['0-0'])
    expect(report?.verdict.exitCode).toBe(105)
  })

  test('a coordinator that cannot start all workers stops the started workers, waits for their counts, and runs afterRun', async () => {
    const code = `export default { afterRun: () => 'cleared' }`
    const bundle = createHash('sha256').update(code).digest('hex')
    const hooks = { beforeRun: false, afterRun: true, onRequest: false }
    const cloud = new SmallCloud(planOf({ bundle, hooks }), ({ slice }) => {
      if (slice === 1) throw new Error('no process can be made')
      return { claimsAfterMs: 500 }
    })
    await cloud.store.put(keys.bundle(bundle), code)
    const report = await cloud.coordinate()
    expect((await cloud.control()).stop?.reason).toBe('no process can be made')
    expect(report?.completeness.slicesReported).toBe(1)
    expect(report?.verdict).toMatchObject({ result: 'inconclusive', exitCode: 97 })
    expect((await cloud.store.get(keys.hook('r1', 'afterRun')))?.body).toBe('"cleared"')
  })

  test('a coordinator refuses a plan of a different build, does not start a worker, and reports the reason', async () => {
    const cloud = new SmallCloud(planOf({ build: 'build-0' }))
    const report = await cloud.coordinate()
    expect(cloud.launched).toEqual([])
    expect(report?.verdict.exitCode).toBe(97)
    expect(report?.verdict.reasons[0]).toContain('build-0')
  })

  test('a coordinator continues when the store does not answer for a while', async () => {
    const cloud = new SmallCloud(planOf())
    const get = cloud.store.get.bind(cloud.store)
    const [from, to] = [cloud.plan.createdAt + 8000, cloud.plan.createdAt + 14_000]
    let refused = 0
    cloud.store.get = async (key) => {
      if (cloud.nowMs < from || cloud.nowMs >= to || !key.endsWith('/coordinator.json')) return get(key)
      refused++
      throw new Error('SlowDown')
    }
    const report = await cloud.coordinate()
    expect(refused).toBeGreaterThan(3)
    expect(report?.verdict.exitCode).toBe(0)
    expect(cloud.coordinators).toBe(1)
  })

  test("if a coordinator's invocation is delivered twice, the second coordinator does not change the run", async () => {
    const cloud = new SmallCloud(planOf())
    cloud.at(cloud.plan.createdAt + 3000, async () => {
      twin = cloud.coordinate()
    })
    let twin: Promise<unknown> | undefined
    const report = await cloud.coordinate()
    await twin
    expect(cloud.launched).toHaveLength(2)
    expect(report?.verdict.exitCode).toBe(0)
    expect(cloud.finalised).toBe(1)
  })

  test('when a coordinator is lost after the load, the next coordinator only requests the report', async () => {
    const cloud = new SmallCloud(planOf())
    cloud.finaliseFails = true
    await expect(cloud.coordinate()).rejects.toMatchObject({ exitCode: 97 })
    cloud.finaliseFails = false
    const [before, at] = [await cloud.control(), cloud.nowMs]
    const report = await cloud.coordinate()
    expect(report?.verdict.exitCode).toBe(0)
    expect(cloud.launched).toHaveLength(2)
    expect(await cloud.control()).toEqual(before)
    expect(cloud.nowMs).toBe(at)
  })

  test('a coordinator does not request a second report when the report exists', async () => {
    const cloud = new SmallCloud(planOf())
    await cloud.coordinate()
    await cloud.coordinate()
    expect(cloud.finalised).toBe(1)
    expect(await cloud.store.get(keys.active('r1'))).toBeUndefined()
  })

  test('each coordinator hands the run over before its invocation ends, and the run ends with exit code 0', async () => {
    const cloud = new SmallCloud(planOf({ profile: { points: [{ atMs: 0, level: 10 }], endMs: 3_000_000 } }))
    cloud.invocationMs = 900_000
    const report = await cloud.coordinate()
    expect(cloud.coordinators).toBe(4)
    expect(cloud.leaseAlwaysAlive).toBe(true)
    expect(cloud.launched).toHaveLength(2)
    expect(report?.verdict.exitCode).toBe(0)
    expect(textsOf(cloud).filter((text) => text === '2 workers started')).toHaveLength(1)
  })

  test('a coordinator stops a run that exceeds the maximum duration', async () => {
    const cloud = new SmallCloud(planOf({ profile: { points: [{ atMs: 0, level: 10 }], endMs: null } }))
    cloud.invocationMs = 900_000
    const report = await cloud.coordinate()
    expect(cloud.coordinators).toBeLessThan(150)
    expect(report?.verdict.stoppedBy).toBeNull()
    const texts = report?.events.map(({ text }) => text).join('\n')
    expect(texts).toContain('the run has exceeded the maximum duration')
    expect(texts).not.toContain('stopped by a person')
  })

  test('if the report cannot be made, the coordinator fails with an error that names the cause', async () => {
    const cloud = new SmallCloud(planOf())
    cloud.finaliseFails = true
    await expect(cloud.coordinate()).rejects.toMatchObject({
      exitCode: 97,
      message: 'the report could not be made: the disk is full',
    })
    expect(cloud.finalised).toBe(4)
  })

  test('a coordinator fails when the run does not exist', async () => {
    const cloud = new SmallCloud(planOf())
    cloud.store.put = async () => 'nothing is kept'
    await expect(cloud.coordinate()).rejects.toThrow('there is no run called r1')
  })
})
