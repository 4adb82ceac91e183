import { type Profile, arrivalsBefore } from '../plan/load.ts'
import { type RunPlan, type Slice, shardOf } from '../plan/plan.ts'
import type { Control } from './control.ts'
import { withEpoch } from './epoch.ts'
import { firstHandOver } from './stagger.ts'

/**
 * The workers of a run and their load, at every moment: the plan, with the changes made during the run. Plain data; moments are
 * milliseconds since the run's start.
 */
export interface Fleet {
  /** Users, or arrivals per second: the plan's until the first epoch begins, then that epoch's, and so on. */
  profile: Profile
  /** Users 0 … users − 1 belong to a slice. */
  users: number
  /** All that there are or will be, by their numbers, which begin at 0 and have no gaps. */
  slices: FleetSlice[]
  /** Shards 0 … shards − 1 merge what the slices report. */
  shards: number
  /** The load was changed while the run went on. */
  changed: boolean
  /** How long a worker runs its slice before the next one takes over; null: as long as the run lasts. */
  intervalMs: number | null
}

export interface FleetSlice extends Slice {
  /** The shard that merges it. */
  shard: number
  /** Since when it has a worker; 0 for the slices of the plan. */
  fromMs: number
  /** When its users first change hands; null: never. Then once in each interval. */
  handOverMs: number | null
  /** No earlier attempt than this may run it; it runs it from `sinceMs` on. */
  floor: { attempt: number; sinceMs: number }
}

/** What of a plan the fleet follows from. */
export type FleetPlan = Pick<RunPlan, 'profile' | 'users' | 'slices' | 'slicesPerShard' | 'windowMs' | 'handOver'>
/** What of the control it follows from; absent before there is one. */
export type FleetControl = Pick<Control, 'epochs' | 'floors'> | null | undefined

/** The fleet of a run, as far as the control says what becomes of it. */
export function fleetAt(plan: FleetPlan, control?: FleetControl): Fleet {
  const { epochs = [], floors = [] } = control ?? {}
  const profile = epochs.reduce((before, epoch) => withEpoch(before, epoch), plan.profile)
  const generations = [{ fromMs: 0, slices: plan.slices }, ...epochs]
  const floorOf = new Map(floors.map((floor) => [floor.slice, floor]))
  const intervalMs = plan.handOver?.intervalMs ?? null
  const slices = generations.flatMap(({ fromMs, slices: added }) =>
    added.map((one, rank): FleetSlice => {
      // By the plan's end, which never changes: hand-overs stay where they are.
      const turns = { fromMs, endMs: plan.profile.endMs, intervalMs, windowMs: plan.windowMs }
      const { attempt, sinceMs } = floorOf.get(one.slice) ?? { attempt: 0, sinceMs: fromMs }
      const handOverMs = firstHandOver(turns, rank, added.length)
      return { ...one, shard: shardOf(plan, one.slice), fromMs, handOverMs, floor: { attempt, sinceMs } }
    }),
  )
  const users = plan.users + sum(epochs.flatMap((epoch) => epoch.slices.map(({ count }) => count)))
  return { profile, users, slices, shards: shardsOf(plan, slices), changed: epochs.length > 0, intervalMs }
}

/** The shard that merges a slice; undefined where the run has no such slice. */
export function shardAt(
  plan: Pick<RunPlan, 'slicesPerShard'> & { slices: readonly { slice: number }[] },
  control: Pick<Control, 'epochs'> | undefined,
  slice: number,
): number | undefined {
  const isIts = (one: { slice: number }): boolean => one.slice === slice
  const exists = plan.slices.some(isIts) || control?.epochs?.some((epoch) => epoch.slices.some(isIts))
  return exists ? shardOf(plan, slice) : undefined
}

/** @throws Error when there is no such slice */
export function sliceOf({ slices }: Pick<Fleet, 'slices'>, slice: number): FleetSlice {
  const found = slices[slice]?.slice === slice ? slices[slice] : slices.find((one) => one.slice === slice)
  if (!found) throw new Error(`the run has no slice ${slice}`)
  return found
}

/** Slices that have a worker at a moment. */
function slicesAt({ slices }: Pick<Fleet, 'slices'>, atMs: number): number {
  return slices.filter(({ fromMs }) => fromMs <= atMs).length
}

/** Arrivals from `from` on, before `until`, that are shared by `workers` slices: arrival `j` belongs to slice `j mod workers`. */
export interface ArrivalSpan {
  from: number
  until: number
  workers: number
}

/** How arrivals belong to slices: by the number of slices that there are when they are due. */
export function arrivalSpansOf(fleet: Pick<Fleet, 'profile' | 'slices'>): ArrivalSpan[] {
  const moments = [...new Set(fleet.slices.map(({ fromMs }) => fromMs))].toSorted((a, b) => a - b)
  return moments.map((fromMs, k) => {
    const untilMs = moments[k + 1]
    return {
      from: arrivalsBefore(fleet.profile, fromMs),
      until: untilMs === undefined ? Number.POSITIVE_INFINITY : arrivalsBefore(fleet.profile, untilMs),
      workers: slicesAt(fleet, fromMs),
    }
  })
}

/** The first arrival from `j` on that belongs to a slice; undefined when none will. */
export function nextArrivalOf(spans: readonly ArrivalSpan[], slice: number, j: number): number | undefined {
  for (const { from, until, workers } of spans) {
    const first = Math.max(j, from)
    const next = first + ((((slice - first) % workers) + workers) % workers)
    if (slice < workers && next < until) return next
  }
  return undefined
}

function shardsOf({ slicesPerShard }: FleetPlan, slices: readonly FleetSlice[]): number {
  return Math.max(1, Math.ceil(slices.length / slicesPerShard))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
