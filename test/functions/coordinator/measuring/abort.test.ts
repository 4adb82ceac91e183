import { describe, expect, test } from 'vitest'
import type { RunPlan } from '../../../../core/plan/plan.ts'
import { epochFor } from '../../../../core/fleet/changes/scale.ts'
import { continueRun, pauseRun } from '../../../../functions/control/pause-run.ts'
import { changeControl } from '../../../../functions/control/change-control.ts'
import { cellOf, planOf } from '../../../fixtures/run.ts'
import { type Manner, SmallCloud } from '../small-cloud.ts'

const profile = { points: [{ atMs: 0, level: 10 }], endMs: 120_000 }
const rule = { expression: 'errors < 10%', overMs: 15_000, at: null }
const planned = (changes: Partial<RunPlan> = {}): RunPlan => planOf({ profile, abortOn: [rule], ...changes })

/** Returns a worker that sends four requests per second. In each second, `failures` of these requests fail. */
const serving = (failures: (second: number) => number): Manner => ({
  reports: true,
  serves: (second) => [cellOf('GET', '/', [5, 6, 7, 8], failures(second))],
})
const textsOf = (cloud: SmallCloud): string => cloud.finaliseEvent?.events.map(({ text }) => text).join('\n') ?? ''

async function ended(cloud: SmallCloud) {
  const report = await cloud.coordinate()
  const { stop, startAt } = await cloud.control()
  return { report, stop, stoppedAtS: stop ? (stop.at - startAt) / 1000 : null }
}

describe('a threshold of abortOn', () => {
  test('a threshold of abortOn that fails for its whole span stops the run gracefully with exit code 99, and the report begins with the reason', async () => {
    const { report, stop, stoppedAtS } = await ended(
      new SmallCloud(planned(), () => serving((second) => (second >= 40 ? 1 : 0))),
    )
    expect(stop?.reason).toBe("'errors < 10%' failed over 15 s (it was 16.7 %)")
    // The threshold first fails for the 15 s before 00:50, because requests fail in 10 of these 15 s. The run stops at 00:55 at the earliest, because
    // the last message of the window that ends at 00:50 arrives together with the messages of the next window.
    expect(stoppedAtS).toBeGreaterThanOrEqual(55)
    expect(stoppedAtS).toBeLessThan(60)
    expect(report?.verdict).toMatchObject({ result: 'failed', exitCode: 99, stoppedBy: null })
    expect(report?.verdict.reasons[0]).toMatch(
      /^stopped at 00:5[5-9]: 'errors < 10%' failed over 15 s \(it was 16\.7 %\)$/,
    )
    expect(report?.completeness.complete).toBe(true)
    expect(report?.events.map(({ text }) => text)).toContain(
      "burst stopped the run: 'errors < 10%' failed over 15 s (it was 16.7 %)",
    )
  })

  test('a threshold of abortOn is judged only while there is load, and only if there was load during the whole span of the threshold', async () => {
    const broken = {
      points: [
        { atMs: 20_000, level: 10 },
        { atMs: 30_000, level: 10 },
        { atMs: 30_000, level: 0 },
        { atMs: 40_000, level: 0 },
        { atMs: 40_000, level: 10 },
      ],
      endMs: 52_000,
    }
    const points = [{ atMs: 0, level: 0 }, { atMs: 20_000, level: 0 }, ...broken.points]
    const { report, stop } = await ended(
      new SmallCloud(planned({ profile: { ...broken, points } }), () => serving(() => 4)),
    )
    expect(stop).toBeNull()
    expect(report?.verdict.exitCode).toBe(99)
    expect(report?.verdict.reasons.join('\n')).not.toContain('stopped at')
  })

  test('a threshold of abortOn is judged on the counts of all workers that are not lost, even if a worker reports late', async () => {
    const late = new SmallCloud(planned(), ({ slice }) => ({
      ...serving((second) => (slice === 0 && second >= 10 ? 1 : 0)),
      ...(slice === 1 && { frozen: [12_000, 26_000] as const }),
    }))
    const { stop, stoppedAtS } = await ended(late)
    // Without the counts of worker 1, which has no failures, the percentage would be 25 %.
    expect(stop?.reason).toMatch(/\(it was 1[0-4](?:\.\d)? %\)$/)
    expect(stoppedAtS).toBeGreaterThanOrEqual(26)
    const lost = await ended(
      new SmallCloud(planned({ iterations: 1000 }), ({ slice }) =>
        slice === 0 ? serving((second) => (second >= 60 ? 1 : 0)) : { ...serving(() => 0), failsAfterMs: 20_000 },
      ),
    )
    expect(lost.stop?.reason).toMatch(/^'errors < 10%' failed/)
  })

  test('abortOn stops a run when a latency rises or a request rate falls, but a threshold for a name without requests does not stop the run', async () => {
    const rules = ['p95 < 1s', 'rps > 1', 'GET /gone: errors < 1%'].map((expression) => ({ ...rule, expression }))
    const slow = await ended(
      new SmallCloud(planned({ abortOn: rules }), () => ({
        reports: true,
        serves: (second) => [cellOf('GET', '/', [second >= 60 ? 1500 : 500])],
      })),
    )
    expect(slow.stop?.reason).toBe("'p95 < 1s' failed over 15 s (it was 1.5 s)")
    const silent = await ended(
      new SmallCloud(planned({ abortOn: rules }), () => ({
        reports: true,
        serves: (second) => (second >= 60 ? [] : [cellOf('GET', '/', [500])]),
      })),
    )
    expect(silent.stop?.reason).toBe("'rps > 1' failed over 15 s (it was 0.67/s)")
  })

  test.each([
    [60_000, 55, '16.7 %', 75],
    // The windows of the first minute are merged into one object. The sliding span therefore moves in steps of one minute until it no longer contains
    // these windows.
    [120_000, 85, '29.2 %', 140],
  ])(
    'the next coordinator judges a threshold of abortOn over %i ms, including windows that were sealed before it took over',
    async (overMs, fromS, value, byS) => {
      const longer = { points: [{ atMs: 0, level: 10 }], endMs: 300_000 }
      const cloud = new SmallCloud(planned({ profile: longer, abortOn: [{ ...rule, overMs }] }), () =>
        serving((second) => (second >= fromS ? 4 : 0)),
      )
      cloud.invocationMs = 90_000 + (overMs === 60_000 ? 62_000 : 112_000)
      const { stop, stoppedAtS } = await ended(cloud)
      expect(cloud.coordinators).toBeGreaterThan(1)
      expect(stop?.reason).toMatch(
        new RegExp(`^'errors < 10%' failed over [12] min \\(it was ${value.replace('.', '[.]')}\\)$`),
      )
      expect(stoppedAtS).toBeLessThan(byS)
    },
  )

  test('after a pause, a threshold of abortOn is judged only when the load has lasted for the whole span of the threshold', async () => {
    const cloud = new SmallCloud(planned(), () => serving((second) => (second >= 25 ? 4 : 0)))
    cloud.at(cloud.plan.createdAt + 10_000, async () => void (await pauseRun(cloud.environment(), cloud.plan)))
    cloud.at(cloud.plan.createdAt + 60_000, async () => void (await continueRun(cloud.environment(), cloud.plan)))
    const { stop, stoppedAtS } = await ended(cloud)
    const [pause] = (await cloud.control()).pauses ?? []
    const backS = (pause?.back?.atMs ?? 0) / 1000
    expect(backS).toBeGreaterThan(50)
    expect(stop?.reason).toContain("'errors < 10%' failed over 15 s")
    expect(stoppedAtS).toBeGreaterThanOrEqual(backS + 15)
  })

  test('a threshold of abortOn is still judged after the load changes, and the counts of new workers are included as soon as these workers have users', async () => {
    const cloud = new SmallCloud(planned(), () => serving((second) => (second >= 90 ? 2 : 0)))
    cloud.at(cloud.plan.createdAt + 20_000, async () => {
      await changeControl(cloud.environment(), 'r1', (control) => {
        if (!control) return undefined
        const wanted = { model: 'users' as const, level: 150, change: { overMs: 5000 } }
        return { ...control, epochs: [epochFor(cloud.plan, control, wanted, cloud.nowMs - control.startAt)] }
      })
    })
    const { stop, stoppedAtS, report } = await ended(cloud)
    expect(cloud.ran).toContain('2-0')
    expect(stop?.reason).toBe("'errors < 10%' failed over 15 s (it was 16.7 %)")
    expect(stoppedAtS).toBeGreaterThanOrEqual(95)
    expect(report?.completeness.complete).toBe(true)
    expect(textsOf(cloud)).not.toContain('lost')
  })
})
