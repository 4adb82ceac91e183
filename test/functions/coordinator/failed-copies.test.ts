import { expect, test } from 'vitest'
import { keys } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const minutes = { profile: { points: [{ atMs: 0, level: 10 }], endMs: 60_000 } }
const launchedBy = ({ launched }: SmallCloud): string[] => launched.map(({ slice, attempt }) => `${slice}-${attempt}`)

/** Reports a failed copy of an invocation for slice 1, `ms` after the plan was made. The copy failed before it tried to claim the slice. */
function copyFails(cloud: SmallCloud, ms: number, attempt = 0): void {
  const at = cloud.plan.createdAt + ms
  const event = { run: 'r1', slice: 1, attempt, startAt: 0 }
  cloud.at(at, async () => {
    cloud.failures.push({ stage: 'worker', event, error: 'the store does not answer', at, beforeClaim: true })
  })
}

test.each([500, 3_000, 8_000, 30_000])(
  'if a copy of an invocation fails before its claim (%i ms after the launch), the worker of the other copy is not replaced',
  async (ms) => {
    const cloud = new SmallCloud(planOf(minutes), () => ({ claimsAfterMs: 500, reports: true }))
    copyFails(cloud, ms)
    const report = await cloud.coordinate()
    expect(launchedBy(cloud)).toEqual(['0-0', '1-0'])
    expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
    expect(cloud.finaliseEvent?.failed).toEqual([])
    expect(report?.events.map(({ text }) => text).join()).not.toContain('again')
  },
)

test('if one of two copies of an invocation fails before its claim, either the other copy or a new worker runs the slice, but never both', async () => {
  for (const claimsAfterMs of [400, 900, 1_000, 1_400, 2_500]) {
    const cloud = new SmallCloud(planOf(minutes), ({ slice, attempt }) => ({
      claimsAfterMs: slice === 1 && attempt === 0 ? claimsAfterMs : 300,
      reports: true,
    }))
    copyFails(cloud, 350)
    const report = await cloud.coordinate()
    expect(cloud.ran.filter((one) => one.startsWith('1-'))).toHaveLength(1)
    expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
  }
})

test('a worker that is lost after its claim is replaced, even if a copy of its invocation failed earlier', async () => {
  const cloud = new SmallCloud(planOf(minutes), ({ slice, attempt }) => ({
    claimsAfterMs: 500,
    reports: true,
    ...(slice === 1 && attempt === 0 && { failsAfterMs: 20_000 }),
  }))
  copyFails(cloud, 3_000)
  await cloud.coordinate()
  expect(launchedBy(cloud)).toEqual(['0-0', '1-0', '1-1'])
})

test('if an invocation of the next worker is delivered twice and one copy fails before its claim, the next worker does not begin early', async () => {
  const handOver = { intervalMs: 30_000, aheadMs: 10_000, waitMs: 2_000 }
  const cloud = new SmallCloud(planOf({ ...minutes, handOver }), () => ({ claimsAfterMs: 500, reports: true }))
  for (const [attempt, ms] of [
    [0, 31_000],
    [1, 34_000],
  ] as const)
    copyFails(cloud, ms, attempt)
  await cloud.coordinate()
  expect(cloud.launched.length).toBe(new Set(launchedBy(cloud)).size)
  expect((await cloud.control()).floors ?? []).toEqual([])
})

test('if all copies of all invocations for a slice fail before their claims, the report names the slice', async () => {
  const cloud = new SmallCloud(planOf(minutes), ({ slice }) => ({ claimsAfterMs: slice === 1 ? null : 500 }))
  for (let attempt = 0; attempt < 3; attempt++) copyFails(cloud, 1_000 + 3_000 * attempt, attempt)
  const report = await cloud.coordinate()
  expect(launchedBy(cloud)).toEqual(['0-0', '1-0', '1-1', '1-2'])
  expect(report?.completeness.lost.join()).toContain('the store does not answer')
  expect((await cloud.store.get(keys.claim('r1', 1, 2)))?.body).toContain('coordinator')
})
