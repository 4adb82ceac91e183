import { expect, test } from 'vitest'
import type { WorkerEvent } from '../../../functions/events.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const long = { profile: { points: [{ atMs: 0, level: 10 }], endMs: 120_000 } }
const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []
const launchedIn = (cloud: SmallCloud): string[] => cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)

test('if the launch of one replacement is refused, the replacements that were launched together with it are launched once, and do not count as lost', async () => {
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
