import { expect, test } from 'vitest'
import { stopRun } from '../../../functions/control/change-control.ts'
import type { Environment } from '../../../functions/ports.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const textsOf = (cloud: SmallCloud): string => cloud.finaliseEvent?.events.map(({ text }) => text).join('\n') ?? ''
const noEnd = 'not reported its end'
/** The last slice hands its users over 60 s after the start. The next worker is invoked 5 s before this hand-over. */
const handOver = { intervalMs: 60_000, aheadMs: 5_000, waitMs: 2_000 }
const profileOf = (endMs: number) => ({ points: [{ atMs: 0, level: 10 }], endMs })

/** A cloud in which failed invocations become known only at `knownAt`, in epoch milliseconds. */
class LateFailures extends SmallCloud {
  knownAt = 0

  override environment(): Environment {
    const environment = super.environment()
    const { invoker } = environment
    const failed: typeof invoker.failed = async (run) => (this.nowMs < this.knownAt ? [] : invoker.failed(run))
    return { ...environment, invoker: { ...invoker, failed } }
  }
}

test('if the loss of an earlier worker becomes known after the last message of the run, the report is made immediately', async () => {
  // The first worker of slice 1 is lost just before it hands its users over. The next worker runs the slice to the end.
  const cloud = new LateFailures(planOf({ profile: profileOf(120_000), handOver }), ({ slice, attempt }) => ({
    reports: true,
    ...(slice === 1 && attempt === 0 && { failsAfterMs: 60_400 }),
  }))
  const startAt = cloud.plan.createdAt + 2_000
  cloud.knownAt = startAt + 122_500
  await cloud.coordinate()
  expect((await cloud.control()).startAt).toBe(startAt)
  expect(cloud.ran).toContain('1-1')
  expect(cloud.finaliseEvent?.failed).toEqual([expect.objectContaining({ slice: 1, attempt: 0 })])
  expect(cloud.nowMs).toBeLessThan(cloud.knownAt + 3_000)
  expect(textsOf(cloud)).not.toContain(noEnd)
})

test('if a run is stopped after a worker has handed its users over and before the next worker has begun, the report is made immediately', async () => {
  const cloud = new SmallCloud(planOf({ profile: profileOf(600_000), workers: 1, handOver }), ({ attempt }) =>
    attempt > 0 ? { claimsAfterMs: null } : { reports: true },
  )
  const startAt = cloud.plan.createdAt + 2_000
  cloud.at(startAt + 62_000, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
  await cloud.coordinate()
  expect((await cloud.control()).startAt).toBe(startAt)
  expect(cloud.launched.map(({ attempt }) => attempt)).toEqual([0, 1])
  expect(cloud.nowMs).toBeLessThan(startAt + 62_000 + 3_000)
  expect(textsOf(cloud)).not.toContain(noEnd)
})
