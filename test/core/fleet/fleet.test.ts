import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Epoch, addedSlices } from '../../../core/fleet/changes/epoch.ts'
import { type Fleet, arrivalSpansOf, fleetAt, nextArrivalOf, shardAt } from '../../../core/fleet/fleet.ts'
import { withFloors } from '../../../core/fleet/floors.ts'
import { type Turn, attemptAt, turnOf } from '../../../core/fleet/turns.ts'
import { type Control, encodeControl, decodeControl } from '../../../core/fleet/control.ts'
import { type Profile, levelAt, livesOf, peakLevel } from '../../../core/plan/load/load.ts'
import { type RunPlan, slicesOf } from '../../../core/plan/plan.ts'
import { planOf } from '../../fixtures/run.ts'

const windowMs = 5_000
const level = fc.integer({ min: 0, max: 60 })
const points = fc
  .array(fc.record({ afterMs: fc.constantFrom(0, 700, 5_000, 60_000), level }), { minLength: 1, maxLength: 6 })
  .map((steps) => {
    let atMs = 0
    return steps.map(({ afterMs, level: at }) => ({ atMs: (atMs += afterMs), level: at }))
  })
const profiles = fc
  .record({ points, moreMs: fc.constantFrom(null, 1, 30_000) })
  .map(({ points: corners, moreMs }): Profile => {
    const lastMs = corners.at(-1)?.atMs ?? 0
    return { points: corners, endMs: moreMs === null ? null : lastMs + moreMs }
  })

const plans = fc
  .record({
    profile: profiles,
    workers: fc.integer({ min: 1, max: 60 }),
    interval: fc.option(fc.integer({ min: 1, max: 40 })),
  })
  .map(({ profile, workers, interval }) => {
    const users = Math.max(1, Math.ceil(peakLevel(profile)))
    const handOver = interval === null ? {} : { handOver: { intervalMs: interval * windowMs, aheadMs: 0, waitMs: 0 } }
    return planOf({ profile, users, windowMs, slices: slicesOf(users, workers), ...handOver })
  })

interface Change {
  windows: number
  profile: Profile
  workers: number
}
const changes = fc.array(
  fc.record({ windows: fc.integer({ min: 1, max: 30 }), profile: profiles, workers: fc.integer({ min: 1, max: 30 }) }),
  { maxLength: 4 },
)

/**
 * Returns a control file with changes of the load. `windows` of a change is the number of windows between the previous change and this change. If a
 * change needs more users than the run has, the change contains slices for the added users.
 */
function controlOf(plan: RunPlan, asked: readonly Change[]): Control {
  const control: Control & { epochs: Epoch[] } = { v: 1, startAt: 0, leaseUntil: 0, stop: null, epochs: [] }
  for (const { windows, profile: wanted, workers } of asked) {
    // A change of the load does not move the end of the run. `epochFor` follows the same rule.
    const profile = { ...wanted, endMs: plan.profile.endMs }
    const { users, slices } = fleetAt(plan, control)
    const fromMs = (control.epochs.at(-1)?.fromMs ?? 0) + windows * windowMs
    const added = Math.max(0, Math.ceil(peakLevel(profile)) - users)
    const more = { users: added, workers: added === 0 ? 0 : Math.min(workers, added) }
    control.epochs.push({ fromMs, profile, slices: addedSlices({ users, slices: slices.length }, more) })
  }
  return decodeControl(encodeControl(control))
}

const runs = fc.tuple(plans, changes).map(([plan, asked]) => ({ plan, control: controlOf(plan, asked) }))

describe('the slices of a run', () => {
  it('the slices contain each user exactly once, and a change of the load does not alter existing slices', () => {
    fc.assert(
      fc.property(runs, ({ plan, control }) => {
        let before = fleetAt(plan)
        for (let k = 0; k <= (control.epochs?.length ?? 0); k++) {
          const fleet = fleetAt(plan, { ...control, epochs: control.epochs?.slice(0, k) ?? [] })
          const owned = fleet.slices.flatMap(({ first, stride, count }) =>
            Array.from({ length: count }, (_, n) => first + n * stride),
          )
          expect(owned.toSorted((a, b) => a - b)).toEqual(Array.from({ length: fleet.users }, (_, user) => user))
          expect(fleet.slices.map(({ slice }) => slice)).toEqual(fleet.slices.map((_, slice) => slice))
          const same = ({ slice, first, stride, count, shard, fromMs }: Fleet['slices'][number]): number[] => [
            slice,
            first,
            stride,
            count,
            shard,
            fromMs,
          ]
          expect(fleet.slices.slice(0, before.slices.length).map(same)).toEqual(before.slices.map(same))
          before = fleet
        }
      }),
    )
  })

  it('each slice belongs to one shard, and each shard has 1 to 25 slices', () => {
    fc.assert(
      fc.property(runs, ({ plan, control }) => {
        const { slices, shards } = fleetAt(plan, control)
        const bySize = Map.groupBy(slices, ({ shard }) => shard)
        expect([...bySize.keys()].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: shards }, (_, shard) => shard),
        )
        expect(Math.max(...[...bySize.values()].map((all) => all.length))).toBeLessThanOrEqual(plan.slicesPerShard)
        for (const { slice, shard } of slices) expect(shardAt(plan, control, slice)).toBe(shard)
        expect(shardAt(plan, control, slices.length)).toBeUndefined()
      }),
    )
  })
})

describe('the load', () => {
  it('the load follows the plan until the first change of the load, and then follows the latest change', () => {
    fc.assert(
      fc.property(
        runs,
        fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 20 }),
        ({ plan, control }, moments) => {
          const { profile } = fleetAt(plan, control)
          const epochs = control.epochs ?? []
          for (const atMs of [...moments, ...epochs.flatMap(({ fromMs }) => [fromMs - 1, fromMs])]) {
            expect(levelAt(profile, atMs)).toBeCloseTo(expectedLevel(plan, epochs, atMs), 6)
          }
        },
      ),
    )
  })

  it('until a change takes effect, each user starts and stops as it would without the change', () => {
    fc.assert(
      fc.property(runs, ({ plan, control }) => {
        const epochs = control.epochs ?? []
        const untilMs = epochs.at(-1)?.fromMs ?? 0
        const before = fleetAt(plan, { ...control, epochs: epochs.slice(0, -1) })
        const after = fleetAt(plan, control)
        for (const user of [0, 1, 7, before.users - 1]) {
          expect(until(livesOf(after.profile, user), untilMs)).toEqual(until(livesOf(before.profile, user), untilMs))
        }
      }),
    )
  })
})

describe('arrivals', () => {
  it('each arrival belongs to exactly one slice', () => {
    fc.assert(
      fc.property(runs, ({ plan, control }) => {
        const fleet = fleetAt(plan, control)
        const spans = arrivalSpansOf(fleet)
        const owners = new Map<number, number>()
        for (const { slice } of fleet.slices) {
          let next = nextArrivalOf(spans, slice, 0)
          for (let k = 0; k < 40 && next !== undefined; k++) {
            expect(owners.get(next)).toBeUndefined()
            owners.set(next, slice)
            next = nextArrivalOf(spans, slice, next + 1)
          }
        }
        const known = [...owners.keys()].toSorted((a, b) => a - b)
        // `owners` contains the first 40 arrivals of each slice, and therefore the first 30 arrivals of the run.
        const whole = Math.min(known.length, 30)
        expect(known.slice(0, whole)).toEqual(Array.from({ length: whole }, (_, j) => j))
      }),
    )
  })
})

describe('the attempts of a slice', () => {
  const floors = fc.option(
    fc.record({ attempt: fc.integer({ min: 1, max: 5 }), sinceMs: fc.integer({ min: 0, max: 200_000 }) }),
  )

  it('the attempts of a slice follow each other without a gap, and each lasts at most the hand-over interval', () => {
    fc.assert(
      fc.property(runs, floors, ({ plan, control }, floor) => {
        const fleet = fleetAt(plan, floor === null ? control : withFloors(control, [{ slice: 0, ...floor }]))
        for (const slice of fleet.slices) {
          expect(turnOf(fleet, slice, slice.floor.attempt - 1)).toBeUndefined()
          const turns = turnsOf(fleet, slice)
          expect(turns[0]?.fromMs).toBe(slice.floor.sinceMs)
          expect(turns.slice(1).map(({ fromMs }) => fromMs)).toEqual(turns.slice(0, -1).map(({ untilMs }) => untilMs))
          const ends = turns.flatMap(({ attempt, fromMs, untilMs }) =>
            untilMs === null ? [] : [{ attempt, untilMs, lastsMs: untilMs - Math.max(fromMs, slice.fromMs) }],
          )
          const most = fleet.intervalMs ?? 0
          expect(
            ends.filter(({ untilMs, lastsMs }) => untilMs % windowMs !== 0 || lastsMs <= 0 || lastsMs > most),
          ).toEqual([])
          expect(ends.map(({ untilMs }) => attemptAt(fleet, slice, untilMs - 1))).toEqual(
            ends.map(({ attempt }) => attempt),
          )
          expect(ends.map(({ untilMs }) => attemptAt(fleet, slice, untilMs))).toEqual(
            ends.map(({ attempt }) => attempt + 1),
          )
          expect(lastTurnMs(fleet, turns)).toBeLessThanOrEqual(fleet.intervalMs ?? Infinity)
        }
      }),
    )
  })

  it('at most 2 % of 1,000 slices have a hand-over at the same time, and no slice has a hand-over if the run is only as long as the interval between hand-overs', () => {
    const users = 100_000
    const lasting = (endMs: number): Fleet =>
      fleetAt(
        planOf({
          profile: { points: [{ atMs: 0, level: users }], endMs },
          users,
          windowMs,
          slices: slicesOf(users, 1_000),
          handOver: { intervalMs: 600_000, aheadMs: 0, waitMs: 0 },
        }),
      )
    const fleet = lasting(3_600_000)
    const moments = fleet.slices.flatMap((slice) =>
      Array.from({ length: 8 }, (_, attempt) => turnOf(fleet, slice, attempt)?.untilMs ?? null),
    )
    const together = Map.groupBy(moments, (atMs) => atMs)
    together.delete(null)
    expect(Math.max(...[...together.values()].map((all) => all.length))).toBeLessThanOrEqual(20)
    expect(lasting(600_000).slices.every(({ handOverMs }) => handOverMs === null)).toBe(true)
  })

  it('the floor of a slice (the number of the earliest attempt that may run the slice) never decreases', () => {
    const control: Control = { v: 1, startAt: 0, leaseUntil: 0, stop: null }
    const raised = withFloors(control, [{ slice: 3, attempt: 2, sinceMs: 9_000 }])
    expect(raised?.floors).toEqual([{ slice: 3, attempt: 2, sinceMs: 9_000 }])
    expect(withFloors(raised ?? control, [{ slice: 3, attempt: 1, sinceMs: 12_000 }])).toBeUndefined()
  })
})

/** Returns the first twenty turns of a slice. */
function turnsOf(fleet: Fleet, slice: Fleet['slices'][number]): Turn[] {
  const attempts = Array.from({ length: 20 }, (_, k) => slice.floor.attempt + k)
  return attempts.flatMap((attempt) => turnOf(fleet, slice, attempt) ?? [])
}

/** Returns the length of the last turn of a slice, in milliseconds. Returns 0 if the last turn is not among `turns`, or if the run has no end. */
function lastTurnMs({ profile: { endMs } }: Fleet, turns: readonly Turn[]): number {
  const last = turns.find(({ untilMs }) => untilMs === null)
  return last && endMs !== null ? endMs - last.fromMs : 0
}

function expectedLevel(plan: RunPlan, epochs: readonly Epoch[], atMs: number): number {
  let current = plan.profile
  for (const { fromMs, profile } of epochs) {
    if (fromMs > atMs) break
    // Later changes have no effect, because a load that has ended does not start again.
    if (current.endMs !== null && current.endMs <= fromMs) return 0
    current = profile
  }
  return levelAt(current, atMs)
}

/** Returns the spans in which a user runs, cut off at a given time and rounded to the microsecond. */
function until(lives: readonly { fromMs: number; untilMs: number | null }[], atMs: number): number[][] {
  const cut = lives.map(({ fromMs, untilMs }) => [fromMs, Math.min(untilMs ?? atMs, atMs)] as const)
  return cut.filter(([from, to]) => to - from > 1e-3).map((one) => one.map((ms) => Math.round(ms * 1000) / 1000))
}
