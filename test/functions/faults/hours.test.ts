import { expect, test } from 'vitest'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import { handOversOf } from '../../../core/fleet/turns.ts'
import { RandomStream } from '../../../core/random.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf, startAt } from '../../fixtures/run.ts'
import { noFaults } from './faulty-ports.ts'
import { InstantStore } from './instant-store.ts'
import { noFate } from './fate.ts'
import { SimulatedRun } from './simulated-run.ts'
import { SimulatedTime } from './simulated-time.ts'

const hours = 12
const minutes = hours * 60
const createdAt = startAt - 5000
/** The window is six times as long as usual, so that the test takes only seconds. */
const windowMs = 30_000
const perMinute = 60_000 / windowMs

function twelveHours() {
  const base = planOf({ workers: 2, users: 4, slicesPerShard: 1, createdAt, windowMs, flushMs: windowMs })
  return {
    ...base,
    profile: { points: [{ atMs: 0, level: 4 }], endMs: hours * 3_600_000 },
    handOver: { intervalMs: 600_000, aheadMs: 30_000, waitMs: 2000 },
    timing: { ...base.timing, controlPollMs: 10_000, leaseMs: 100_000, graceMs: 90_000 },
  }
}

test('a run of 12 hours is counted completely, and the size of its state, the number of its objects and the number of its invocations stay limited', async () => {
  const plan = twelveHours()
  const [time, store] = [new SimulatedTime(createdAt), new InstantStore()]
  const world = { time, store, random: new RandomStream(3, 5, 7), log: () => undefined }
  const run = new SimulatedRun(plan, world, { faults: noFaults, fate: noFate, tickMs: 4000 })
  const sizesByHour = plan.slices.map(() => Array.from({ length: hours + 1 }, (): number[] => []))
  sizesByHour.forEach((ofHour, shard) =>
    store.watch(keys.shard(plan.run, shard), ({ length }) => {
      ofHour[Math.floor((time.nowMs - startAt) / 3_600_000)]?.push(length)
    }),
  )
  await run.begin()
  const hasReport = (): boolean => store.has(keys.output(plan.run, 'report.json'))
  await time.until(createdAt + (hours + 1) * 3_600_000, hasReport)
  run.over = true

  const report = await run.report()
  expect(report?.completeness).toMatchObject({ complete: true, lost: [], duplicatesDropped: 0 })
  expect(report?.totals.requests).toBe(run.arrived.length)
  expect(report?.verdict.exitCode).toBe(0)

  // Each hand-over starts one worker, and each coordinator runs for at least 13 minutes.
  const handOvers = handOversOf(fleetAt(plan))
  expect(handOvers).toBeGreaterThan(2 * 70)
  const attempts = new Set(run.launched)
  expect(attempts.size).toBe(plan.slices.length + handOvers)
  // Each attempt is launched once, even when the next coordinator takes over.
  expect(run.launched).toHaveLength(attempts.size)
  expect(run.coordinators).toBeGreaterThan(50)
  expect(run.coordinators).toBeLessThan(minutes / 13 + 1)

  const sizes = store.sizes()
  const of = (prefix: string): number[] =>
    [...sizes].filter(([key]) => key.startsWith(`runs/${plan.run}/${prefix}`)).map(([, size]) => size)
  const shards = plan.slices.length
  expect(of('claims/').length).toBe(attempts.size)
  // For each minute of a shard, the store has one object per window and one object for the whole minute. In addition, the store has about one archive
  // for every 15 minutes of a shard. The last windows have no objects, because they stay in the state of their shard.
  const objects = (perMinute + 1 + 1 / 14) * minutes * shards
  expect(of('windows/').length).toBeLessThanOrEqual(objects)
  expect(sizes.size).toBeLessThan(objects + attempts.size + 30)
  const means = sizesByHour.map((ofHour) => ofHour.map((some) => some.reduce((a, b) => a + b, 0) / some.length))
  for (const ofHour of means) {
    // The test compares the last hour with the second hour. It does not use the first hour, because the first archive is written in the course of
    // that hour.
    const change = (ofHour[hours - 1] ?? 0) / (ofHour[1] ?? 0)
    expect(change).toBeGreaterThan(0.9)
    expect(change).toBeLessThan(1.1)
  }
  expect(Math.max(...sizesByHour.flat(2))).toBeLessThan(20_000)
  expect(of('control.json')[0]).toBeLessThan(300)
  expect(of('coordinator.json')[0]).toBeLessThan(2000)
  expect(of('report.json')[0]).toBeLessThan(10_000_000)
}, 300_000)
