import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stopRun } from '../../../functions/control/change-control.ts'
import { isSilent } from '../../../functions/coordinator/losses/hearing.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { type Manner, SmallCloud } from './small-cloud.ts'

const profile = { points: [{ atMs: 0, level: 10 }], endMs: 120_000 }
const plan = planOf({ profile })
const { controlPollMs } = plan.timing
/** The time between the check that detects a loss and the start of the replacement, in milliseconds. */
const noticeMs = controlPollMs + 5_000
const reports = { reports: true } as const

const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []
const launchedIn = (cloud: SmallCloud): string[] => cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)
const spanOf = ({ loads }: SmallCloud, slice: number, attempt: number): number[] => {
  const moments = loads.filter((one) => one.slice === slice && one.attempt === attempt).map(({ atMs }) => atMs)
  return [moments[0] ?? Number.NaN, moments.at(-1) ?? Number.NaN]
}

/** Returns the times at which two attempts of one slice send requests simultaneously. */
function doubled({ loads }: SmallCloud): string[] {
  const byLook = Map.groupBy(loads, ({ slice, atMs }) => `${slice} at ${Math.floor(atMs / 500)}`)
  return [...byLook].filter(([, all]) => all.length > 1).map(([look]) => look)
}

describe('a worker that is lost', () => {
  test('a lost worker may still run, so it is replaced only after it has had enough time to read the control file', async () => {
    const cloud = new SmallCloud(plan, ({ slice, attempt }) =>
      slice === 1 && attempt === 0 ? { ...reports, failsAfterMs: 31_000 } : reports,
    )
    const report = await cloud.coordinate()
    const [, lastMs] = spanOf(cloud, 1, 0)
    const [firstMs] = spanOf(cloud, 1, 1)
    expect((firstMs as number) - (lastMs as number)).toBeGreaterThanOrEqual(noticeMs)
    expect((firstMs as number) - (lastMs as number)).toBeLessThanOrEqual(noticeMs + 2_000)
    expect((await cloud.control()).floors).toMatchObject([{ slice: 1, attempt: 1 }])
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '1-1'])
    expect(report?.completeness.lost).toEqual([
      expect.stringMatching(
        /^worker 1 ran out of memory; last message at .*; its later work is not counted; attempt 1 continued$/,
      ),
    ])
    expect(report?.workers.map(({ attempts }) => attempts)).toEqual([1, 2])
    expect(report?.verdict.exitCode).toBe(98)
  })

  test('a slice whose workers are lost three times within 10 minutes is given up, and the report says so', async () => {
    const cloud = new SmallCloud(plan, ({ slice }) => (slice === 1 ? { ...reports, failsAfterMs: 12_000 } : reports))
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '1-1', '1-2'])
    const texts = report?.events.map(({ text }) => text)
    expect(texts).toContain('worker 1 is not started again: 3 attempts were lost within 10 minutes')
    expect(doubled(cloud)).toEqual([])
  })

  test('a lost worker is replaced even if each start of a worker takes 15 s', async () => {
    const cloud = new SmallCloud(plan, ({ slice, attempt }) => {
      const slow = { ...reports, claimsAfterMs: 15_000 }
      return slice === 1 && attempt === 0 ? { ...slow, failsAfterMs: 30_000 } : slow
    })
    await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '1-1'])
    expect(cloud.ran).toContain('1-1')
  })

  test('if each start of a worker takes 35 s, the next worker of a slice is replaced twice, and the second replacement runs the slice', async () => {
    const handOver = { intervalMs: 60_000, aheadMs: 30_000, waitMs: 2_000 }
    const cloud = new SmallCloud(planOf({ profile, handOver }), ({ slice, attempt }) =>
      slice === 1 && attempt > 0 ? { ...reports, claimsAfterMs: 35_000 } : reports,
    )
    await cloud.coordinate()
    expect(launchedIn(cloud).filter((one) => one.startsWith('1-'))).toEqual(['1-0', '1-1', '1-2', '1-3'])
    expect(cloud.ran).toContain('1-3')
    // The last worker takes over the users that the first worker handed over at 60 s.
    expect((await cloud.control()).floors).toEqual([{ slice: 1, attempt: 3, sinceMs: 60_000 }])
    expect(doubled(cloud)).toEqual([])
  })

  test('a worker that is lost three times in more than 10 minutes is replaced each time', async () => {
    const endless = planOf({ profile: { ...profile, endMs: 1_900_000 } })
    const cloud = new SmallCloud(endless, ({ slice, attempt }) =>
      slice === 1 && attempt < 3 ? { ...reports, failsAfterMs: 590_000 } : reports,
    )
    await cloud.coordinate()
    expect(cloud.launched.filter(({ slice }) => slice === 1)).toHaveLength(4)
  })

  test('a lost worker does not delay the report when the run is stopped after the loss', async () => {
    const cloud = new SmallCloud(plan, ({ slice, attempt }) => {
      if (slice === 0) return reports
      return attempt === 0 ? { ...reports, failsAfterMs: 30_000 } : { claimsAfterMs: null }
    })
    const stopAt = cloud.plan.createdAt + 35_000
    cloud.at(stopAt, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toContain('1-1')
    expect(cloud.nowMs).toBeLessThan(stopAt + 15_000)
    expect(report?.verdict.exitCode).toBe(105)
  })

  test('the next coordinator replaces a lost worker when the first coordinator is lost before it has launched a replacement', async () => {
    const cloud = new SmallCloud(plan, ({ slice, attempt }) =>
      slice === 1 && attempt === 0 ? { ...reports, failsAfterMs: 31_000 } : reports,
    )
    const { invoke } = cloud
    let refuses = true
    cloud.invoke = async (stage, event) => {
      if (refuses && stage === 'worker' && (event as { attempt: number }).attempt === 1) throw new Error('throttled')
      await invoke(stage, event)
    }
    await cloud.coordinateUntil(plan.createdAt + 33_500).catch(() => undefined)
    expect((await cloud.control()).floors).toMatchObject([{ slice: 1, attempt: 1 }])
    expect((await cloud.store.get(keys.coordinator('r1')))?.body).not.toContain('"attempt":1')
    refuses = false
    await cloud.coordinate({ run: 'r1', after: 1, lost: true })
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '1-1'])
    expect(spanOf(cloud, 1, 1)[0]).toBeLessThan(45_000)
  })

  test('a lost worker is not replaced if its users leave after a number of iterations', async () => {
    const cloud = new SmallCloud(planOf({ profile, iterations: 1000 }), ({ slice }) =>
      slice === 1 ? { ...reports, failsAfterMs: 12_000 } : reports,
    )
    await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    expect(textsOf(cloud)).toContain(
      'worker 1 is not started again: it is unknown how many iterations the users of the worker had done',
    )
  })

  test('the next worker starts immediately if the current worker is lost shortly before it hands over its users', async () => {
    const handOver = { intervalMs: 60_000, aheadMs: 30_000, waitMs: 2_000 }
    const cloud = new SmallCloud(planOf({ profile, handOver }), ({ slice, attempt }) =>
      // The users of slice 1 are handed over at 60 s.
      slice === 1 && attempt === 0 ? { ...reports, failsAfterMs: 36_000 } : reports,
    )
    await cloud.coordinate()
    expect(spanOf(cloud, 1, 1)[0]).toBeLessThan(36_000 + noticeMs + 1_500)
    expect(launchedIn(cloud).filter((one) => one === '1-1')).toHaveLength(1)
    expect(textsOf(cloud)).toContain('slice 1 is started again: its process ran out of memory')
    expect(doubled(cloud)).toEqual([])
  })
})

describe('a worker that freezes', () => {
  const frozen: Manner = { ...reports, frozen: [20_000, 60_000] }

  test('if a worker freezes while its shard makes progress, it is replaced, and sends no load after the freeze', async () => {
    const cloud = new SmallCloud(plan, ({ slice, attempt }) => (slice === 1 && attempt === 0 ? frozen : reports))
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0', '1-1'])
    expect(textsOf(cloud)).toContain(
      'slice 1 is started again: the worker reported nothing for 15 s, although other workers of its shard reported',
    )
    expect(spanOf(cloud, 1, 0)[1]).toBeLessThanOrEqual(20_000)
    expect(spanOf(cloud, 1, 1)[0]).toBeLessThan(20_000 + 15_000 + 5_000 + noticeMs + 2_000)
    // When the worker continues, it sends the counts from before the freeze, so the report is complete.
    expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
  })

  test('a worker that freezes for less than three windows is not replaced', async () => {
    const cloud = new SmallCloud(plan, ({ slice }) =>
      slice === 1 ? { ...reports, frozen: [20_000, 31_000] } : reports,
    )
    await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
  })

  test('a worker is not replaced while its shard does not make progress, because the reducer of the shard may be the cause', async () => {
    const cloud = new SmallCloud(plan, () => reports)
    const from = cloud.plan.createdAt + 10_000
    cloud.reducerDown = [from, from + 90_000]
    const report = await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
    expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
  })

  test('a worker that freezes together with all other workers of its shard is not replaced', async () => {
    const cloud = new SmallCloud(plan, () => frozen)
    await cloud.coordinate()
    expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
  })
})

test('no matter which workers are lost, a slice never has two workers at the same time, and has at most three workers in total', async () => {
  const manner = fc.record({
    claimsAfterMs: fc.constantFrom(null, 500, 1000, 17_000),
    fails: fc.option(fc.integer({ min: 100, max: 90_000 }), { nil: undefined }),
    frozen: fc.option(fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 1000, max: 60_000 })), {
      nil: undefined,
    }),
  })
  const fates = fc.array(manner, { minLength: 9, maxLength: 9 })
  await fc.assert(
    fc.asyncProperty(fates, async (all) => {
      const cloud = new SmallCloud(planOf({ profile, workers: 3 }), ({ slice, attempt }) => {
        const { claimsAfterMs, fails, frozen } = all[3 * slice + Math.min(attempt, 2)] as (typeof all)[0]
        return {
          ...reports,
          claimsAfterMs,
          ...(fails === undefined ? {} : { failsAfterMs: fails }),
          ...(frozen === undefined ? {} : { frozen: [frozen[0], frozen[0] + frozen[1]] as const }),
        }
      })
      const report = await cloud.coordinate()
      expect(doubled(cloud)).toEqual([])
      for (const slice of [0, 1, 2]) expect(cloud.launched.filter((one) => one.slice === slice).length).toBeLessThan(4)
      const { startAt } = await cloud.control()
      expect(report).toBeDefined()
      expect(cloud.nowMs).toBeLessThan(startAt + 120_000 + 60_000)
    }),
    { numRuns: 40 },
  )
})

describe('silence', () => {
  const [long, short] = [20_000, 10_000]
  test.for([
    ['a worker is silent if it sent no message for more than three windows by both clocks', long, long, true],
    ['a worker is not silent by the clock of the sender alone, which may be wrong', long, short, false],
    ['a worker is not silent by the clock of the coordinator alone, because a shard may catch up', short, long, false],
  ] as const)('%s', ([, sentBefore, seenBefore, expected]) => {
    const shard = { sentAt: 100_000, seenAt: 100_100 }
    const worker = { sentAt: shard.sentAt - sentBefore, seenAt: shard.seenAt - seenBefore }
    expect(isSilent(worker, shard, 15_000)).toBe(expected)
  })
})
