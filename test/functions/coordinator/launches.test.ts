import { expect, test } from 'vitest'
import { stopRun } from '../../../functions/control/change-control.ts'
import type { WorkerEvent } from '../../../functions/events.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const long = { profile: { points: [{ atMs: 0, level: 10 }], endMs: 120_000 } }
const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []
const launchedIn = (cloud: SmallCloud): string[] => cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)

test('if several replacements are launched together and one launch is refused, the other replacements are launched once, and do not count as lost', async () => {
  const cloud = new SmallCloud(planOf({ ...long, workers: 3 }), ({ slice, attempt }) =>
    slice > 0 && attempt === 0 ? { claimsAfterMs: null, failsAfterMs: 700 } : {},
  )
  const { invoke } = cloud
  cloud.invoke = async (stage, event) => {
    const { slice, attempt } = event as WorkerEvent
    if (stage === 'worker' && slice === 2 && attempt === 1) throw new Error('Rate Exceeded')
    await invoke(stage, event)
  }
  const report = await cloud.coordinate()
  expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '2-0', '1-1'])
  expect(textsOf(cloud).filter((text) => text.includes('is lost'))).toEqual([
    'the worker of slice 2 is lost: the worker could not be started again: Rate Exceeded',
  ])
  expect(report?.completeness.slicesReported).toBe(2)
})

test('if the response to the invocation of a replacement is lost each time, the replacement runs its slice and does not count as lost', async () => {
  const cloud = new SmallCloud(planOf(long), ({ slice, attempt }) =>
    slice === 1 && attempt === 0 ? { claimsAfterMs: null, failsAfterMs: 700 } : {},
  )
  const { invoke } = cloud
  cloud.invoke = async (stage, event) => {
    await invoke(stage, event)
    if (stage === 'worker' && (event as WorkerEvent).attempt === 1) throw new Error('socket hang up')
  }
  const report = await cloud.coordinate()
  expect(cloud.ran).toEqual(['0-0', '1-1'])
  expect(textsOf(cloud).filter((text) => text.includes('is lost'))).toEqual([])
  expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
})

test('if a run is stopped while its workers are launched, the report says how many workers were started', async () => {
  const cloud = new SmallCloud(planOf({ ...long, workers: 200 }))
  const { invoke } = cloud
  cloud.invoke = async (stage, event) => {
    if (stage === 'worker') await cloud.environment().clock.sleep(1_000)
    await invoke(stage, event)
  }
  cloud.at(cloud.plan.createdAt + 1_500, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
  await cloud.coordinate()
  const started = cloud.launched.length
  expect(started).toBeGreaterThan(0)
  expect(started).toBeLessThan(200)
  expect(textsOf(cloud)).toContain(`the run was stopped during the launch: ${started} of 200 workers started`)
  expect(textsOf(cloud)).not.toContain('200 workers started')
})

test('if a coordinator is lost during the launch and the run is then stopped, the report says that at least 2 of 6 workers were started', async () => {
  const cloud = new SmallCloud(planOf({ ...long, workers: 6 }))
  const { invoke } = cloud
  cloud.invoke = async (stage, event) => {
    if (stage === 'worker' && cloud.launched.length === 2) throw new Error('lost')
    await invoke(stage, event)
  }
  await expect(cloud.coordinateUntil(cloud.plan.createdAt + 4_000)).rejects.toThrow('lost')
  cloud.invoke = invoke
  await stopRun(cloud.environment(), 'r1', 'Ctrl-C')
  await cloud.coordinate()
  expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
  expect(textsOf(cloud)).toContain('the run was stopped during the launch: at least 2 of 6 workers started')
})

test('if a run is stopped before all workers are ready, the report does not say that the workers are ready, and the start of the load does not change', async () => {
  const timing = { ...planOf().timing, startLeadMs: 20_000 }
  const cloud = new SmallCloud(planOf({ ...long, backend: 'aws', timing }), ({ slice }) => ({
    claimsAfterMs: slice === 1 ? 60_000 : 500,
  }))
  cloud.at(cloud.plan.createdAt + 3_000, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
  await cloud.coordinate()
  expect(textsOf(cloud).filter((text) => text.includes('ready'))).toEqual([])
  expect((await cloud.control()).startAt).toBe(cloud.plan.createdAt + 20_000)
})
