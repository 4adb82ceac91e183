import type { FleetSlice } from '../../fleet/fleet.ts'
import { type Pause, pauseAt, pausedMs } from '../../fleet/changes/pause.ts'
import type { Slice } from '../../plan/plan.ts'
import { isWhole } from '../../shard/ledger.ts'
import type { AttemptLedger } from '../../shard/shard.ts'
import type { WorkerCell } from '../../window/window.ts'
import { type UserTimeInput, missingMsOf, plannedSince } from './user-time.ts'

/** A time span in which the users of a slice had no worker. Times are in milliseconds since the start. */
interface Stretch {
  /**
   * The beginning of the time span. This is usually the time at which the users were last active. Exceptions:
   * - If `isPartial` is true, `fromMs` is the time at which `attempt` had its first user.
   * - If the run was paused at one of these times, `fromMs` is the end of the pause.
   * - If `isEstimated` is true, `fromMs` is computed.
   * - If the worker stalled and then continued, and the slice has further stretches, the beginning is unknown and `fromMs` is null.
   */
  fromMs: number | null
  /** `true` if `fromMs` is computed from the missing time, because the worker stalled and then continued. Default false. */
  isEstimated?: true
  /** The time at which the next attempt had its first user; null if no attempt continued the users, or if `isPartial` is true. */
  untilMs: number | null
  /** The number of the attempt that continued the users; null if no attempt continued them. */
  attempt: number | null
  /**
   * `true` if the worker was lost during the hand-over of its users. From `fromMs` on, `attempt` ran the slice without some of the users. The time at
   * which the missing users came back is unknown. Default false.
   */
  isPartial?: true
  /** The time in milliseconds for which the run was paused during the absence. Default 0. */
  pausedMs?: number
}

/** The absence of one slice's users after their worker was lost or stalled. */
export interface Absence {
  slice: number
  stretches: Stretch[]
  /** The planned time in milliseconds in which the users were missing, summed over the users and over the whole run. */
  userMs: number
}

type Work = Pick<UserTimeInput, 'profile' | 'lastMs'> & {
  slices: readonly (Slice & Pick<FleetSlice, 'floor'>)[]
  workers: readonly WorkerCell[]
  ledgers: readonly AttemptLedger[]
  /**
   * The slices with a lost worker: the coordinator reported the worker as lost, or the worker failed. In other slices, a missing final message of the
   * last worker does not count as an absence.
   */
  lost: ReadonlySet<number>
  /** Default: none. */
  pauses?: readonly Pause[]
}

/**
 * Returns the absences of slices whose worker was lost or stalled. The absence with the most missing user time comes first. Hand-overs and pauses do
 * not count as absences.
 */
export function absencesOf({ ledgers, workers, lost, pauses = [], ...work }: Work): Absence[] {
  const attempts = Map.groupBy(ledgers, ({ slice }) => slice)
  const cells = Map.groupBy(workers, ({ slice }) => slice)
  const found = work.slices.flatMap((one): Absence[] => {
    const ran = { ledgers: attempts.get(one.slice) ?? [], cells: cells.get(one.slice) ?? [] }
    const gaps = stretchesOf(ran, { isLost: lost.has(one.slice), floor: one.floor.attempt })
    const endMs = Math.min(work.lastMs, work.profile.endMs ?? work.lastMs)
    const stretches = gaps.flatMap((gap) => unpaused(gap, pauses, endMs))
    if (stretches.length === 0) return []
    const userMs = missingMsOf({ ...work, slices: [one], workers: cells.get(one.slice) ?? [] })
    return [{ slice: one.slice, stretches: estimated(stretches, { ...work, slices: [one] }, userMs), userMs }]
  })
  return found.toSorted((a, b) => b.userMs - a.userMs || a.slice - b.slice)
}

/**
 * Returns a list that contains the given time span. If the beginning of the span is unknown, the span is unchanged. If the span begins in a pause,
 * the list contains only the time after the pause. If the run is paused during the whole span, the list is empty.
 */
function unpaused(stretch: Stretch, pauses: readonly Pause[], endMs: number): Stretch[] {
  if (stretch.fromMs === null) return [stretch]
  const pause = pauseAt(pauses, stretch.fromMs)
  const fromMs = pause ? (pause.back?.atMs ?? endMs) : stretch.fromMs
  const untilMs = stretch.untilMs ?? endMs
  if (fromMs >= untilMs) return []
  const ms = pausedMs(pauses, fromMs, untilMs)
  return [{ ...stretch, fromMs, ...(ms > 0 && { pausedMs: ms }) }]
}

/**
 * If the slice has only one stretch, and the beginning of this stretch is unknown, computes the beginning from the missing user time. (No message
 * contains the time at which a worker stalled.) In all other cases, returns the stretches unchanged.
 */
function estimated(
  stretches: Stretch[],
  work: Pick<UserTimeInput, 'slices' | 'profile' | 'lastMs'>,
  userMs: number,
): Stretch[] {
  const [only] = stretches
  if (!only || stretches.length > 1 || only.fromMs !== null || only.untilMs === null) return stretches
  return [{ ...only, fromMs: plannedSince(work, only.untilMs, userMs), isEstimated: true }]
}

/** @param floor the last attempt that the coordinator started as the replacement of a lost attempt; each later attempt began with a hand-over */
function stretchesOf(
  { ledgers, cells }: { ledgers: readonly AttemptLedger[]; cells: readonly WorkerCell[] },
  { isLost, floor }: { isLost: boolean; floor: number },
): Stretch[] {
  const active = ledgers
    .toSorted((a, b) => a.attempt - b.attempt)
    .flatMap((ledger) => {
      const cell = cells.find((one) => one.attempt === ledger.attempt)
      if (!cell || cell.activeFromMs === null || cell.activeToMs === null) return []
      return [{ ledger, attempt: ledger.attempt, fromMs: cell.activeFromMs, toMs: cell.activeToMs }]
    })
  return active.flatMap(({ ledger, toMs }, k): Stretch[] => {
    const next = active[k + 1]
    if (!next) return isWhole(ledger) || !isLost ? [] : [{ fromMs: toMs, untilMs: null, attempt: null }]
    if (ledger.handedOver) return []
    const { attempt, fromMs } = next
    if (toMs <= fromMs) return [{ fromMs: toMs, untilMs: fromMs, attempt }]
    if (attempt > floor && !isWhole(ledger)) return [{ fromMs, untilMs: null, attempt, isPartial: true }]
    return [{ fromMs: null, untilMs: fromMs, attempt }]
  })
}
