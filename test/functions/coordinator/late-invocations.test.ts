import { expect, test } from 'vitest'
import type { FinaliseEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

test('a coordinator invokes a finaliser every 5 s until a finaliser begins, and a late finaliser writes no files', async () => {
  const cloud = new SmallCloud(planOf())
  const { invoke } = cloud
  const late: FinaliseEvent[] = []
  let overAt = 0
  cloud.invoke = async (stage, event) => {
    if (stage !== 'finalise' || late.length === 3) return invoke(stage, event)
    overAt ||= cloud.nowMs
    late.push(event as FinaliseEvent)
  }
  const report = await cloud.coordinate()
  expect(report?.verdict.exitCode).toBe(0)
  expect(cloud.finalised).toBe(1)
  expect(cloud.nowMs - overAt).toBeGreaterThanOrEqual(15_000)
  expect(cloud.nowMs - overAt).toBeLessThan(17_000)
  const written: string[] = []
  const put = cloud.store.put.bind(cloud.store)
  cloud.store.put = async (key, body, condition) => {
    written.push(key)
    return put(key, body, condition)
  }
  for (const event of late) await finalise(event, cloud.environment())
  expect(written.every((key) => key.startsWith(keys.finalisers('r1')))).toBe(true)
})

test('while a finaliser makes the report, the coordinator invokes its successor every 20 s, but does not invoke a second finaliser', async () => {
  const cloud = new SmallCloud(planOf())
  const { invoke } = cloud
  const invoked: { stage: string; atMs: number }[] = []
  cloud.invocationMs = 300_000
  cloud.invoke = async (stage, event) => {
    if (stage === 'worker') return invoke(stage, event)
    invoked.push({ stage, atMs: cloud.nowMs - cloud.plan.createdAt })
    const successors = invoked.filter((one) => one.stage === 'coordinator').length
    if (stage === 'coordinator') return successors < 3 ? undefined : invoke(stage, event)
    // The finaliser begins immediately and needs 4 minutes.
    const { run, invocation = '' } = event as FinaliseEvent
    if (invoked.length > 1) return undefined
    await cloud.store.put(keys.finaliser(run, invocation), '')
    cloud.at(cloud.nowMs + 240_000, async () => invoke(stage, { ...(event as FinaliseEvent), invocation: undefined }))
  }
  const report = await cloud.coordinate()
  expect(report?.verdict.exitCode).toBe(0)
  expect(cloud.coordinators).toBe(2)
  const [first, ...others] = invoked.map(({ stage }) => stage)
  expect([first, ...others.slice(0, 4)]).toEqual(['finalise', 'coordinator', 'coordinator', 'coordinator', 'finalise'])
  const moments = invoked.filter(({ stage }) => stage === 'coordinator').map(({ atMs }) => atMs)
  expect(moments[0]).toBeGreaterThanOrEqual(210_000)
  expect(moments.map((ms) => Math.round((ms - (moments[0] ?? 0)) / 1000))).toEqual([0, 20, 40])
})

test('a coordinator invokes its successor again if the successor does not begin, and the load continues', async () => {
  const cloud = new SmallCloud(planOf({ profile: { points: [{ atMs: 0, level: 10 }], endMs: 1_200_000 } }))
  cloud.invocationMs = 900_000
  const { invoke } = cloud
  let successors = 0
  cloud.invoke = async (stage, event) => {
    if (stage !== 'coordinator' || ++successors > 2) await invoke(stage, event)
  }
  const report = await cloud.coordinate()
  expect(successors).toBe(3)
  expect(cloud.coordinators).toBe(2)
  expect(cloud.leaseAlwaysAlive).toBe(true)
  expect(cloud.launched).toHaveLength(2)
  expect(report?.verdict.exitCode).toBe(0)
})
