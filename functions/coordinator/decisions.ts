import { isWhole } from '../../core/shard/ledger.ts'
import type { AttemptLedger } from '../../core/shard/shard.ts'
import { turnOf } from '../../core/fleet/turns.ts'
import { type Fleet, sliceOf } from '../../core/fleet/fleet.ts'
import { type Timing, controlReadEveryMs } from '../../core/plan/plan.ts'
import type { Control } from '../../core/fleet/control.ts'
import { longestBehindMs } from './losses/backlog.ts'
import type { SliceWatch } from './losses/slice-watch.ts'

/** A worker waits at most this multiple of `controlReadEveryMs` before it reads the control file again. The actual time varies at random. */
const latestReadShare = 1.1
/**
 * A worker first reads the start time from the control file, and then sends the start time to its engine. Each of these two steps may take as long as
 * the coordinator's slowest check of the run.
 */
const looksPerRead = 2

/**
 * Returns an earlier start time for the run, in epoch milliseconds, if all workers have claimed their slices. Returns null if the run must start as
 * planned.
 * @param slowestLookMs the duration of the coordinator's slowest check of the run, in milliseconds (`Coordination.slowestLookMs`). On a busy machine,
 * the workers' reads of the store may take equally long.
 */
export function earlierStart(
  startAt: number,
  { nowMs, slowestLookMs, timing }: { nowMs: number; slowestLookMs: number; timing: Timing },
  watched: readonly SliceWatch[],
): number | null {
  const readMs = latestReadShare * controlReadEveryMs(timing, false) + looksPerRead * slowestLookMs
  const soon = nowMs + Math.max(timing.startNoticeMs, readMs)
  return soon < startAt && watched.every((one) => one.claimed) ? soon : null
}

/** Returns whether the next worker of a slice must be invoked now, so that this worker is ready when its turn begins. */
export function isNextDue(
  one: SliceWatch,
  { fleet, control, nowMs, aheadMs }: { fleet: Fleet; control: Control; nowMs: number; aheadMs: number },
): boolean {
  if (one.lost !== null || one.whole || !one.launched || !one.claimed) return false
  const next = turnOf(fleet, sliceOf(fleet, one.slice), one.attempt + 1)
  if (!next || control.stop || nowMs < control.startAt) return false
  return nowMs >= control.startAt + next.fromMs - aheadMs
}

/**
 * Returns whether a slice is whole: no attempt will send another message, and no message is missing. Missing messages of an earlier attempt do not
 * count if the attempt died or was replaced.
 * @param over returns whether an attempt died or was replaced
 */
export function isSliceWhole(
  one: Pick<SliceWatch, 'attempt' | 'claimed' | 'abandoned' | 'replaces'>,
  ledgers: readonly AttemptLedger[],
  over: (attempt: number) => boolean,
): boolean {
  const last = ledgers.reduce<AttemptLedger | undefined>((a, b) => (a && a.attempt > b.attempt ? a : b), undefined)
  if (!last || !ledgers.every((ledger) => isWhole(ledger) || (ledger !== last && over(ledger.attempt)))) return false
  return one.abandoned || (!last.handedOver && (last.attempt >= one.attempt || (!one.claimed && !one.replaces)))
}

/**
 * Updates what the merged messages say about each slice: whether the current attempt has sent a message, and whether the slice is whole. Must be
 * called again after every change of the arguments of `isSliceWhole`.
 * @param isOver returns whether an attempt died or was replaced
 */
export function judgeByLedgers(
  watched: readonly SliceWatch[],
  ledgers: readonly AttemptLedger[],
  isOver: (slice: number, attempt: number) => boolean,
): void {
  const bySlice = Map.groupBy(ledgers, (ledger) => ledger.slice)
  for (const one of watched) {
    const mine = bySlice.get(one.slice) ?? []
    one.reported = mine.some(({ attempt }) => attempt === one.attempt)
    one.whole = isSliceWhole(one, mine, (attempt) => isOver(one.slice, attempt))
  }
}

export interface Progress {
  watched: readonly SliceWatch[]
  nowMs: number
  /** The time, in epoch milliseconds, at which the coordinator last saw a newly merged message (`Hearing.lastNewsAt`). */
  lastNewsAt: number
  /**
   * The time, in epoch milliseconds, by which the last worker should have ended (the result of `endOf`). Null if the run continues until a person
   * stops it.
   */
  endsAt: number | null
  timing: Timing
  flushMs: number
}

/** Returns whether every slice has ended: all its messages have been merged, or its worker is lost and is not replaced. */
export function haveEnded(watched: readonly Pick<SliceWatch, 'whole' | 'lost'>[]): boolean {
  return watched.every((one) => one.whole || one.lost !== null)
}

/**
 * Returns whether a run is over. There are three cases. (1) Every slice is whole (`isSliceWhole`). (2) Every slice is whole or lost, and the messages
 * that were sent have had time to arrive. (3) The grace period after the end of the run has passed. Each newly merged message extends the grace
 * period.
 */
export function isOver({ watched, nowMs, lastNewsAt, endsAt, timing, flushMs }: Progress): boolean {
  if (watched.every((one) => one.whole)) return true
  if (haveEnded(watched) && nowMs - lastNewsAt >= Math.min(timing.graceMs, 2 * flushMs + timing.controlPollMs))
    return true
  return endsAt !== null && nowMs >= Math.max(endsAt, lastNewsAt) + timing.graceMs
}

/**
 * Returns whether messages may still be in the queue although `isOver` returns true, for example because a reducer is down. This is the case if a
 * slice is not whole, and if less than `longestBehindMs` have passed since `endsAt` and since the last newly merged message.
 */
export function mayBeBehind({ watched, nowMs, lastNewsAt, endsAt }: Progress): boolean {
  if (watched.every((one) => one.whole)) return false
  return nowMs < Math.max(endsAt ?? lastNewsAt, lastNewsAt) + longestBehindMs
}
