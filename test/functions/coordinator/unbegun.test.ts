import { describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import type { WorkerEvent } from '../../../functions/events.ts'
import { planOf } from '../../fixtures/run.ts'
import { type Manner, SmallCloud } from './small-cloud.ts'

const profile = { points: [{ atMs: 0, level: 10 }], endMs: 600_000 }
/** Slice 1 hands its users over at 60 s. The next worker is invoked at 30 s. */
const handOver = { intervalMs: 60_000, aheadMs: 30_000, waitMs: 2_000 }
const never: Manner = { claimsAfterMs: null }

/** Runs a cloud and stops the run `sinceMs` milliseconds after its start. */
async function stoppedAfter(cloud: SmallCloud, sinceMs: number): Promise<Report | undefined> {
  const stop = async (): Promise<void> => {
    const { startAt } = await cloud.control()
    if (cloud.nowMs < startAt + sinceMs) return cloud.at(cloud.nowMs + 100, stop)
    await stopRun(cloud.environment(), 'r1', 'Ctrl-C')
  }
  cloud.at(cloud.plan.createdAt + 1_000, stop)
  return cloud.coordinate()
}

/** Returns the attempts of slice 1 that were invoked. */
function launchedIn({ launched }: SmallCloud): string[] {
  return launched.filter(({ slice }) => slice === 1).map(({ slice, attempt }) => `${slice}-${attempt}`)
}

const missingLoad = expect.stringMatching(
  /part of the planned load did not happen: .* less than planned on workers 1, 0/,
)
/** The behavior of workers that begin. */
const begun = { reports: true } as const

describe('a run that is stopped before the next worker of a slice has begun', () => {
  test.each([
    ['once', 65_000, ['1-0', '1-1', '1-2']],
    ['several times', 85_000, ['1-0', '1-1', '1-2', '1-3']],
  ] as const)(
    'if the next worker does not begin and is replaced %s, the report is complete and says that load is missing',
    async (_, sinceMs, launched) => {
      const cloud = new SmallCloud(planOf({ profile, handOver }), ({ slice, attempt }) =>
        slice === 1 && attempt > 0 ? never : begun,
      )
      const report = await stoppedAfter(cloud, sinceMs)
      expect(launchedIn(cloud)).toEqual(launched)
      expect(report?.completeness).toMatchObject({ complete: true, lost: [], slicesExpected: 2, slicesReported: 2 })
      expect(report?.verdict.reasons).toEqual([expect.stringContaining('Ctrl-C'), missingLoad])
    },
  )

  test('if Lambda throttles the invocation of the next worker, the report is complete and says that load is missing', async () => {
    const cloud = new SmallCloud(planOf({ profile, handOver }), ({ slice, attempt }) =>
      slice === 1 && attempt > 0 ? never : begun,
    )
    const { invoke } = cloud
    cloud.invoke = async (stage, event) => {
      const { slice, attempt } = event as WorkerEvent
      if (stage === 'worker' && slice === 1 && attempt === 1) throw new Error('Rate Exceeded')
      await invoke(stage, event)
    }
    const report = await stoppedAfter(cloud, 66_000)
    expect(launchedIn(cloud)).toEqual(['1-0'])
    expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
    expect(report?.verdict.reasons).toEqual([expect.stringContaining('Ctrl-C'), missingLoad])
  })

  test('if the next worker claimed its slice but sent no messages before the run was stopped, the report names this worker', async () => {
    const cloud = new SmallCloud(planOf({ profile, handOver }), ({ slice, attempt }) =>
      slice === 1 && attempt > 0 ? { endsAfterMs: null } : begun,
    )
    const report = await stoppedAfter(cloud, 65_000)
    expect(report?.completeness.lost).toEqual([
      expect.stringMatching(/^worker 1 handed its users over, and the next worker reported nothing; last message at /),
    ])
  })

  test('if one of two slices had not begun when the run was stopped, the report does not name this slice, although the other slice ran', async () => {
    const cloud = new SmallCloud(planOf({ profile }), ({ slice }) => (slice === 1 ? never : begun))
    const report = await stoppedAfter(cloud, 5_000)
    expect(report?.completeness).toMatchObject({ complete: true, lost: [], slicesExpected: 1, slicesReported: 1 })
    expect(report?.verdict.reasons).toEqual([expect.stringContaining('Ctrl-C'), missingLoad])
  })
})
