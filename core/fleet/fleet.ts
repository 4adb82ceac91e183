import { type Profile, arrivalsBefore } from '../plan/load/load.ts'
import { type RunPlan, type Slice, shardOf } from '../plan/plan.ts'
import type { Control } from './control.ts'
import { withEpoch } from './changes/epoch.ts'
import { type Pause, withPause } from './changes/pause.ts'
import { firstHandOver } from './stagger.ts'

/**
 * The workers of a run and their load at every moment. The plan and the changes during the run determine the workers and the load. Plain data;
 * times are in milliseconds since the run's start.
 */
export interface Fleet {
  /**
   * The load over time: the number of users, or the number of arrivals per second. The plan determines the load until the first change of the load
   * takes effect. After that, the latest change determines the load. The load is 0 while the run is paused.
   */
  profile: Profile
  /** The value that `profile` would have without pauses. `unpaused` determines when users start and stop, because paused users stay alive. */
  unpaused: Profile
  /** The pauses in chronological order. */
  pauses: readonly Pause[]
  /** The number of users in all slices. The users have the indices 0 … users − 1. */
  users: number
  /** All slices of the run, numbered from 0 without gaps. */
  slices: FleetSlice[]
  /** The number of shards, which merge the messages of the slices. The shards have the numbers 0 … shards − 1. */
  shards: number
  /** `true` if the load was changed or paused during the run. */
  changed: boolean
  /** The time for which a worker runs its slice before the next worker takes over the slice; null: until the run ends. */
  intervalMs: number | null
}

export interface FleetSlice extends Slice {
  /** The shard that merges the messages of the slice. */
  shard: number
  /** The time from which a worker runs the slice, in milliseconds since the start; 0 for the slices of the plan. */
  fromMs: number
  /**
   * The time at which the slice's users are first handed over. Further hand-overs follow, one per interval. Null: the users are never handed over.
   */
  handOverMs: number | null
  /** The first attempt that may run the slice, from `sinceMs` on. */
  floor: { attempt: number; sinceMs: number }
}

/** The fields of a plan from which the fleet is computed. */
export type FleetPlan = Pick<RunPlan, 'profile' | 'users' | 'slices' | 'slicesPerShard' | 'windowMs' | 'handOver'>
/** The fields of the control file from which the fleet is computed. Each field is absent until burst writes the field. */
export type FleetControl = Pick<Control, 'epochs' | 'floors' | 'pauses'> | null | undefined

/** Returns the fleet of a run according to its plan and its control file. */
export function fleetAt(plan: FleetPlan, control?: FleetControl): Fleet {
  const { epochs = [], floors = [], pauses = [] } = control ?? {}
  const unpaused = epochs.reduce((before, epoch) => withEpoch(before, epoch), plan.profile)
  const profile = pauses.reduce((before, pause) => withPause(before, pause), unpaused)
  const generations = [{ fromMs: 0, slices: plan.slices }, ...epochs]
  const floorOf = new Map(floors.map((floor) => [floor.slice, floor]))
  const intervalMs = plan.handOver?.intervalMs ?? null
  const slices = generations.flatMap(({ fromMs, slices: added }) =>
    added.map((one, rank): FleetSlice => {
      // Hand-over times are computed from the planned end of the run. The planned end never changes, so the hand-over times do not change either.
      const turns = { fromMs, endMs: plan.profile.endMs, intervalMs, windowMs: plan.windowMs }
      const { attempt, sinceMs } = floorOf.get(one.slice) ?? { attempt: 0, sinceMs: fromMs }
      const handOverMs = firstHandOver(turns, rank, added.length)
      return { ...one, shard: shardOf(plan, one.slice), fromMs, handOverMs, floor: { attempt, sinceMs } }
    }),
  )
  const users = plan.users + sum(epochs.flatMap((epoch) => epoch.slices.map(({ count }) => count)))
  const changed = epochs.length + pauses.length > 0
  return { profile, unpaused, pauses, users, slices, shards: shardsOf(plan, slices), changed, intervalMs }
}

/** Returns the shard that merges the messages of a slice; undefined if the run does not have this slice. */
export function shardAt(
  plan: Pick<RunPlan, 'slicesPerShard'> & { slices: readonly { slice: number }[] },
  control: Pick<Control, 'epochs'> | undefined,
  slice: number,
): number | undefined {
  const isIts = (one: { slice: number }): boolean => one.slice === slice
  const exists = plan.slices.some(isIts) || control?.epochs?.some((epoch) => epoch.slices.some(isIts))
  return exists ? shardOf(plan, slice) : undefined
}

/** @throws Error when the run does not have this slice */
export function sliceOf({ slices }: Pick<Fleet, 'slices'>, slice: number): FleetSlice {
  const found = slices[slice]?.slice === slice ? slices[slice] : slices.find((one) => one.slice === slice)
  if (!found) throw new Error(`the run has no slice ${slice}`)
  return found
}

/** Returns the number of slices that have a worker at a moment. */
function slicesAt({ slices }: Pick<Fleet, 'slices'>, atMs: number): number {
  return slices.filter(({ fromMs }) => fromMs <= atMs).length
}

/**
 * The arrivals from `from` up to, but not including, `until`. `workers` is the number of slices that share these arrivals. Arrival `j` belongs to
 * slice `j mod workers`.
 */
export interface ArrivalSpan {
  from: number
  until: number
  workers: number
}

/** Assigns arrivals to slices. The slice of an arrival depends on the number of slices at the planned time of the arrival. */
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

/** Returns the slice's first arrival with a number of at least `j`; undefined if the slice has no such arrival. */
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
