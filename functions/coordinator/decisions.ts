import type { RunPlan, Timing } from '../../core/plan/plan.ts'
import type { Control } from '../../core/window/wire.ts'

/** A worker that has not claimed its slice so long after the start is taken for lost, milliseconds. */
const claimPatienceMs = 10_000

/** What the coordinator knows of one slice. */
export interface SliceWatch {
  slice: number
  /** The attempt that is expected to run it. */
  attempt: number
  claimed: boolean
  /** Everything that an attempt sent has been merged, and it said that it was the last. */
  whole: boolean
  /** Why nothing more is expected of it. */
  lost: string | null
}

/** The start brought forward once all have claimed; null to leave it. Never later than planned. */
export function earlierStart(
  startAt: number,
  nowMs: number,
  watched: readonly SliceWatch[],
  timing: Timing,
): number | null {
  const soon = nowMs + timing.startNoticeMs
  return soon < startAt && watched.every((one) => one.claimed) ? soon : null
}

/** The moment at which the last worker should have ended, epoch milliseconds; null: not before somebody stops the run. */
export function endOf(
  { profile, timing }: Pick<RunPlan, 'profile' | 'timing'>,
  { startAt, stop }: Control,
): number | null {
  const planned = profile.endMs === null ? null : startAt + profile.endMs + timing.drainMs
  if (!stop) return planned
  const stopped = stop.at + timing.controlPollMs + timing.stopMs
  return planned === null ? stopped : Math.min(planned, stopped)
}

/** What is to become of a slice whose expected attempt has not claimed it. */
export function unclaimedFate(
  one: SliceWatch,
  now: { nowMs: number; dueAt: number; failed: boolean },
): 'wait' | 'relaunch' | 'give up' {
  if (one.claimed || one.lost !== null || one.whole) return 'wait'
  if (!now.failed && now.nowMs < now.dueAt + claimPatienceMs) return 'wait'
  return one.attempt === 0 ? 'relaunch' : 'give up'
}

export interface Progress {
  watched: readonly SliceWatch[]
  nowMs: number
  /** When something new was last merged. */
  lastNewsAt: number
  /** By `endOf`. */
  endsAt: number | null
  timing: Timing
  flushMs: number
}

/**
 * Whether a run is over: every slice whole; or none of the others will be (then what was sent is given time to arrive); or the grace after
 * the end has passed, which runs on while there is news.
 */
export function isOver({ watched, nowMs, lastNewsAt, endsAt, timing, flushMs }: Progress): boolean {
  if (watched.every((one) => one.whole)) return true
  const settled = watched.every((one) => one.whole || one.lost !== null)
  if (settled && nowMs - lastNewsAt >= Math.min(timing.graceMs, 2 * flushMs + timing.controlPollMs)) return true
  return endsAt !== null && nowMs >= Math.max(endsAt, lastNewsAt) + timing.graceMs
}
