import { describe, expect, test } from 'vitest'
import { type RunPlan, type SearchPlan, slicesOf } from '../../../../core/plan/plan.ts'
import { epochFor } from '../../../../core/fleet/changes/scale.ts'
import { pauseRun } from '../../../../functions/control/pause-run.ts'
import { stopRun } from '../../../../functions/control/change-control.ts'
import type { Report } from '../../../../core/report/report.ts'
import { cellOf, planOf } from '../../../fixtures/run.ts'
import { type Manner, SmallCloud } from '../small-cloud.ts'

const search: SearchPlan = {
  start: 10,
  max: 100,
  whole: true,
  stepMs: 20_000,
  settleMs: 10_000,
  precision: 0.1,
  until: [
    { expression: 'p95 < 400ms', at: null },
    { expression: 'errors < 1%', at: null },
  ],
}
const planned = (changes: Partial<SearchPlan> = {}, more: Partial<RunPlan> = {}): RunPlan => {
  const asked = { ...search, ...changes }
  const points = [
    { atMs: 0, level: 0 },
    { atMs: asked.settleMs / 2, level: asked.start },
  ]
  return planOf({
    users: asked.max,
    slices: slicesOf(asked.max, 2),
    profile: { points, endMs: 900_000 },
    search: asked,
    ...more,
  })
}

/**
 * Returns the behaviour of a worker in a run with two workers. Each worker has half of the users. The target answers in 100 ms if the run has at
 * most `users` users, and in 1 s if the run has more users.
 */
const slowAbove = (users: number): Manner => ({
  reports: true,
  serves: (_, mine) => [cellOf('GET', '/', Array<number>(mine).fill(2 * mine > users ? 1000 : 100))],
})
const levelsOf = async (cloud: SmallCloud): Promise<string[]> =>
  ((await cloud.control()).steps ?? []).map(({ level, result }) => `${level} ${result}`)

/**
 * Compares each step with the seconds of the report in which the step was measured. Returns the steps that do not have 20 of these seconds, or whose
 * number of requests or load differs from these seconds.
 */
function mismatches({ search: found, seconds }: Report): unknown[] {
  return (found?.steps ?? []).filter((step) => {
    const own = seconds.filter(({ at }) => at >= step.fromS && at < step.toS)
    const requests = own.reduce((sum, one) => sum + one.requests, 0)
    return own.length !== 20 || step.requests !== requests || own.some((one) => one.plannedUsers !== step.level)
  })
}

describe('a search for the highest load', () => {
  test('a search doubles the load until the thresholds fail, then repeatedly halves the interval, and reports the highest load at which the thresholds held', async () => {
    const cloud = new SmallCloud(planned(), () => slowAbove(60))
    const report = await cloud.coordinate()
    expect(await levelsOf(cloud)).toEqual([
      '10 held',
      '20 held',
      '40 held',
      '80 broke',
      '60 held',
      '70 broke',
      '65 broke',
      '60 held',
    ])
    expect(report?.verdict).toMatchObject({ result: 'passed', exitCode: 0, stoppedBy: null })
    expect(report?.verdict.reasons[0]).toBe("60 users held, 65 users broke 'p95 < 400ms' (it was 1 s)")
    expect(report?.search).toMatchObject({ result: 'found', held: 60, broke: 65, max: 100 })
    expect(report && mismatches(report)).toEqual([])
    expect(report?.completeness.complete).toBe(true)
    expect(cloud.launched).toHaveLength(2)
  })

  test('a search has exit code 99 if the thresholds fail in its first step, and exit code 0 if they hold at the maximum load', async () => {
    const low = await new SmallCloud(planned(), () => slowAbove(5)).coordinate()
    expect(low?.verdict).toMatchObject({ result: 'failed', exitCode: 99 })
    expect(low?.verdict.reasons[0]).toBe("the first step broke: 10 users broke 'p95 < 400ms' (it was 1 s)")
    const high = await new SmallCloud(planned({ max: 30 }), () => slowAbove(500)).coordinate()
    expect(high?.verdict).toMatchObject({ result: 'passed', exitCode: 0 })
    expect(high?.verdict.reasons[0]).toBe('30 users held, the highest load of the search')
    expect(high?.search).toMatchObject({ result: 'found', held: 30, broke: null })
  })

  test('a search ends without a result and with exit code 98 when the load differs from the plan', async () => {
    // At a load of 40 users or more, the workers have only three quarters of the planned users.
    const cloud = new SmallCloud(planned(), () => ({
      ...slowAbove(500),
      present: (mine) => (mine >= 20 ? 0.75 * mine : mine),
    }))
    const report = await cloud.coordinate()
    expect(await levelsOf(cloud)).toEqual(['10 held', '20 held', '40 unclear'])
    expect(report?.verdict).toMatchObject({ result: 'inconclusive', exitCode: 98 })
    expect(report?.verdict.reasons[0]).toBe(
      '20 users held, and the search ended at 40 users: only 75 % of the planned user-seconds happened',
    )
  })

  test('the next coordinator continues a search at the step that was being measured', async () => {
    const cloud = new SmallCloud(planned(), () => slowAbove(60))
    cloud.invocationMs = 90_000 + 47_000
    const report = await cloud.coordinate()
    expect(cloud.coordinators).toBeGreaterThan(2)
    const levels = (await levelsOf(cloud)).map((one) => Number(one.replace(/ .*/, '')))
    expect(levels).toEqual([10, 20, 40, 80, 60, 70, 65, 60])
    expect(report?.search).toMatchObject({ result: 'found', held: 60, broke: 65 })
  })

  test('a stopped search reports the highest load at which the thresholds held, and a person can neither change the load of a search nor pause a search', async () => {
    const cloud = new SmallCloud(planned(), () => slowAbove(60))
    cloud.at(cloud.plan.createdAt + 120_000, async () => {
      const wanted = { model: 'users' as const, level: 7, change: { overMs: 0 } }
      expect(() => epochFor(cloud.plan, { v: 1, startAt: 0, leaseUntil: 0, stop: null }, wanted, 0)).toThrow('searches')
      await expect(pauseRun(cloud.environment(), cloud.plan)).rejects.toThrow('searches')
      await stopRun(cloud.environment(), 'r1', 'Ctrl-C')
    })
    const report = await cloud.coordinate()
    expect(report?.verdict).toMatchObject({ exitCode: 105, result: 'inconclusive', stoppedBy: 'Ctrl-C' })
    expect(report?.verdict.reasons.join('\n')).toContain('held, and the search did not finish')
  })
})
